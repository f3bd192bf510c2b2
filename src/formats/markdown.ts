import type { Format } from '../core/format.ts';
import type { Finding, Report } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { msText } from '../util/duration.ts';
import { markdownBlock, markdownCode, markdownTable, markdownText } from '../util/markdown.ts';
import { comparedRows, comparedWith } from './compared-wording.ts';
import { podRows } from './pods-wording.ts';
import { shownReport } from './shown-report.ts';
import * as say from './wording.ts';

const LENGTHS = { sentence: 1000, name: 300, patch: 20_000 };
const FINDINGS = 20;
const COMPARED_ROWS = 20;
const OTHER_PODS = 20;

/** For a ticket. Whatever the target calls its things, the text opens no link, no tag, no mention and no table. */
export const markdown: Format = {
  id: 'markdown',
  render(whole) {
    const report = shownReport(whole, LENGTHS);
    const blocks = [
      ...headBlocks(report),
      ...report.findings.slice(0, FINDINGS).flatMap(findingBlocks),
      ...moreFindings(report),
      ...section('Evidence', report.evidence && evidenceList(report.evidence)),
      ...section('Compared', comparedTable(report)),
      ...section('Other pods', podTable(report)),
      ...section('Memory', breakdownTable(report)),
      ...section('Collector', collectorLine(report)),
      ...section('Processes', processTable(report)),
      ...section('Checked', stepTable(report)),
      ...section('Not checked', unknownList(report)),
      `whyoom ${markdownText(report.tool)}, ${markdownText(report.collectedAt)}`,
    ];
    return `${blocks.join('\n\n')}\n`;
  },
};

function headBlocks(report: Report): string[] {
  const about = [say.growthSentence(report), say.etaText(report), say.historyText(report)];
  const { workload } = report.target;
  const parts = [...say.targetParts(report), ...(workload ? [workload] : [])];
  return [
    `## ${say.VERDICT_WORDS[report.verdict]}: ${markdownText(report.headline)}`,
    parts.map(markdownText).join(' · '),
    ...about.filter((each) => each !== undefined).map(markdownText),
  ];
}

function findingBlocks(finding: Finding, at: number): string[] {
  const { cause, confidence, holder, places, summary, evidence, fix } = finding;
  const warning = say.patchWarning(fix);
  const reached = say.reachedBy(finding);
  return [
    `### ${at + 1}. ${holder ? markdownCode(holder.name) : markdownText(say.CAUSE_TITLES[cause])}`,
    `${markdownText(say.CAUSE_TITLES[cause])}, confidence ${markdownText(say.confidenceText(confidence))}. ${markdownText(summary)}`,
    ...(holder ? [say.holderFacts(finding).map(markdownText).join(' · ')] : []),
    ...(reached ? [markdownText(reached)] : []),
    ...places.flatMap((place) => [
      `${say.PLACE_WORDS[place.role]}: ${markdownText(say.placeText(place))}`,
      markdownBlock(place.code, 'python'),
    ]),
    `**Fix:** ${markdownText(fix.summary)}`,
    ...(fix.advice.length > 0 ? [fix.advice.map(listItem).join('\n')] : []),
    ...(fix.patch ? [markdownBlock(fix.patch, 'diff')] : []),
    ...(warning ? [warning] : []),
    '**Evidence**',
    evidenceList(evidence),
  ];
}

const evidenceList = (evidence: Finding['evidence']): string =>
  evidence.map(({ says, reproduce }) => `${listItem(says)}\n  Shown by: ${markdownCode(reproduce)}`).join('\n');

const listItem = (text: string) => `- ${markdownText(text)}`;

function moreFindings({ findings }: Report): string[] {
  return findings.length > FINDINGS ? [`… ${findings.length - FINDINGS} more findings: \`-o json\``] : [];
}

const section = (title: string, body: string | undefined): string[] => (body ? [`### ${title}`, body] : []);

function comparedTable({ compared }: Report): string | undefined {
  if (!compared) return undefined;
  const rows = comparedRows(compared, COMPARED_ROWS).map(({ what, name, contents, size, rate }) => [
    what,
    markdownCode(name),
    markdownText(contents),
    size,
    rate,
  ]);
  const table = rows.length > 0 ? markdownTable(['', 'name', 'contents', 'size', 'rate'], rows) : 'No difference.';
  return `With ${markdownText(comparedWith(compared))}.\n\n${table}`;
}

function podTable(report: Report): string | undefined {
  const { rows, left } = podRows(report, OTHER_PODS);
  if (rows.length === 0) return undefined;
  const cells = rows.map(({ name, verdict, usage, restarts, status }) => [
    markdownCode(name),
    verdict,
    usage,
    restarts,
    markdownText(status),
  ]);
  const table = markdownTable(['pod', 'verdict', 'memory', 'restarts', 'status'], cells);
  return left > 0 ? `${table}\n\n… ${left} more: \`-o json\`` : table;
}

function breakdownTable(report: Report): string | undefined {
  const { counted, beside } = say.breakdownRows(report);
  if (counted.length + beside.length === 0) return undefined;
  const rows = [
    ...counted.map(({ name, bytes, share }) => [
      markdownText(name),
      bytesText(bytes),
      markdownText(say.shareText(share)),
    ]),
    ...beside.map(({ name, bytes }) => [markdownText(name), bytesText(bytes), 'not counted']),
  ];
  const whole = say.breakdownWhole(report);
  return [markdownTable(['part', 'size', 'share'], rows), ...(whole ? [markdownText(whole)] : [])].join('\n\n');
}

function collectorLine(report: Report): string | undefined {
  const text = say.collectorText(report);
  return text === undefined ? undefined : markdownText(text);
}

function processTable({ processes }: Report): string | undefined {
  if (!processes || processes.length < 2) return undefined;
  const rows = processes.map(({ pid, command, python, rssBytes, read }) => [
    String(pid),
    markdownCode(command),
    markdownText(python ?? ''),
    bytesText(rssBytes),
    read ? 'yes' : '',
  ]);
  return markdownTable(['pid', 'command', 'Python', 'RSS', 'heap read'], rows);
}

function stepTable({ steps }: Report): string | undefined {
  if (steps.length === 0) return undefined;
  const rows = steps.map(({ key, ok, ms, rung, note }) => [
    markdownText(say.stepName(key)),
    ok ? markdownText(note ?? 'done') : 'failed',
    markdownText(rung),
    msText(ms),
  ]);
  return markdownTable(['step', 'result', 'by', 'took'], rows);
}

function unknownList(report: Report): string | undefined {
  const entries = say.unknownEntries(report).map(say.unknownText);
  return entries.length > 0 ? entries.map(listItem).join('\n') : undefined;
}
