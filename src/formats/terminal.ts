import type { Format } from '../core/format.ts';
import type { Finding, Report, Verdict } from '../core/report.ts';
import { asciiGlyphs } from '../util/ascii.ts';
import { columnLines } from '../util/table.ts';
import { cutToWidth, padToWidth, wrapped } from '../util/text-width.ts';
import { comparedRows, comparedWith } from './compared-wording.ts';
import { podRows } from './pods-wording.ts';
import { shownReport } from './shown-report.ts';
import { breakdownLines } from './terminal-breakdown.ts';
import { chartLines } from './terminal-chart.ts';
import { briefFinding, fullFinding } from './terminal-finding.ts';
import { type Ink, inkFor } from './terminal-ink.ts';
import * as say from './wording.ts';

/** Lines longer than this are hard to read, shorter ones cannot hold a finding. */
const WIDTH = { least: 40, most: 100 };
/** Short enough for one screen, whatever the target calls its things. */
const LENGTHS = { sentence: 400, name: 120, patch: 10_000 };
const LABEL_WIDTH = 13;
const BRIEF_FINDINGS = 4;
const COMPARED_ROWS = 3;
const OTHER_PODS = 5;
const LOG_SENTENCES = 4;
const ENDPOINT_SENTENCES = 5;
const COLOURS: Record<Verdict, 'red' | 'yellow' | 'green' | 'bold'> = {
  leak: 'red',
  'oom-risk': 'yellow',
  healthy: 'green',
  undecided: 'bold',
};

/** For a tired person at a narrow terminal: the verdict first, one screen, colour only where it means something. */
export const terminal: Format = {
  id: 'terminal',
  render(whole, screen) {
    const report = shownReport(whole, LENGTHS, { ascii: !screen.unicode });
    const width = Math.min(WIDTH.most, Math.max(WIDTH.least, screen.width));
    const ink = inkFor(screen.color);
    const blocks = [
      wrapped(say.targetParts(report).join(' · '), width, '', '  '),
      verdictLines(report, width, ink),
      chartLines(report, width),
      findingLines(report.findings, report, width, ink),
      footLines(report, width),
    ];
    const text = `${blocks
      .filter((block) => block.length > 0)
      .map((block) => block.join('\n'))
      .join('\n\n')}\n`;
    return screen.unicode ? text : asciiGlyphs(text);
  },
};

function verdictLines(report: Report, width: number, ink: Ink): string[] {
  const word = say.VERDICT_WORDS[report.verdict];
  const indent = ' '.repeat(6);
  const [first = '', ...rest] = wrapped(report.headline, width, `${word}  `, indent);
  const further = [say.etaText(report), say.historyText(report)].filter((each) => each !== undefined).join(' ');
  return [
    ink[COLOURS[report.verdict]](word) + first.slice(word.length),
    ...rest,
    ...(further === '' ? [] : wrapped(further, width, indent)),
  ];
}

function findingLines(findings: readonly Finding[], report: Report, width: number, ink: Ink): string[] {
  const [first, ...rest] = findings;
  if (!first) return [];
  const brief = rest
    .slice(0, BRIEF_FINDINGS)
    .flatMap((finding, at) => briefFinding(finding, at + 2, report.headline, width));
  const left = rest.length - BRIEF_FINDINGS;
  return [
    ...fullFinding(first, report.headline, width, ink),
    ...brief,
    ...(left > 0 ? [`   … ${left} more: -o html`] : []),
  ];
}

function footLines(report: Report, width: number): string[] {
  const checked = report.steps.filter((step) => step.ok).map(say.stepText);
  const unknown = say.unknownEntries(report).map(say.unknownText);
  return [
    ...comparedLines(report, width),
    ...beside('Pods', podLines(report, width - LABEL_WIDTH)),
    ...beside('Memory', breakdownLines(report, width - LABEL_WIDTH)),
    ...labelled('Collector', collectorLines(report), width),
    ...labelled('Logs', sentencesFrom(report, ['logs', 'log-digest'], LOG_SENTENCES), width),
    ...labelled('Endpoints', sentencesFrom(report, ['endpoints'], ENDPOINT_SENTENCES), width),
    ...labelled('Checked', checked.length > 0 ? [checked.join(', ')] : [], width),
    ...labelled('Not checked', unknown, width),
    ...labelled('More', ['-o html shows the command behind each claim; -o markdown, -o json'], width),
  ];
}

const collectorLines = (report: Report): string[] => [say.collectorText(report)].filter((text) => text !== undefined);

/** What the logs say of failures, and the programs of themselves; all other evidence is in the verdict's own words. */
const sentencesFrom = ({ evidence = [] }: Report, artifacts: readonly string[], most: number): string[] =>
  evidence
    .filter(({ from }) => artifacts.includes(from))
    .slice(0, most)
    .map(({ says }) => says);

/** The other pods, those in trouble first. */
function podLines(report: Report, width: number): string[] {
  const { rows, left } = podRows(report, OTHER_PODS);
  const cells = rows.map(({ name, verdict, usage, restarts, status }) => {
    const rest = [status, restarts.startsWith('0 ') ? '' : restarts].filter((each) => each !== '').join(', ');
    return [name, verdict, usage, rest];
  });
  const lines = columnLines(cells).map((line) => cutToWidth(line, width));
  return [...lines, ...(left > 0 ? [`… ${left} more: -o html`] : [])];
}

/** Lines that have their own indentation. */
const beside = (label: string, lines: readonly string[]): string[] =>
  lines.map((line, at) => `${padToWidth(at === 0 ? label : '', LABEL_WIDTH)}${line}`);

function comparedLines({ compared }: Report, width: number): string[] {
  if (!compared) return [];
  const rows = comparedRows(compared, COMPARED_ROWS).map(({ what, name, contents, size, rate }) =>
    [`${what} ${name}: ${contents}`, size, rate].filter((each) => each !== '').join(', '),
  );
  const told = rows.length > 0 ? rows : ['no difference that counts'];
  return labelled('Compared', [`with ${comparedWith(compared)}`, ...told], width);
}

function labelled(label: string, entries: readonly string[], width: number): string[] {
  return entries.flatMap((entry, at) =>
    wrapped(entry, width, padToWidth(at === 0 ? label : '', LABEL_WIDTH), ' '.repeat(LABEL_WIDTH)),
  );
}
