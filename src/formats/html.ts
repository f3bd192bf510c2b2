import type { Format } from '../core/format.ts';
import type { Report } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { msText } from '../util/duration.ts';
import { type Html, html as markup, prose } from '../util/html.ts';
import { comparedRows, comparedWith } from './compared-wording.ts';
import { evidenceItem, findingArticle } from './html-finding.ts';
import { STYLE } from './html-style.ts';
import { podRows } from './pods-wording.ts';
import { shownReport } from './shown-report.ts';
import { svgChart } from './svg-chart.ts';
import * as say from './wording.ts';

const LENGTHS = { sentence: 2000, name: 500, patch: 40_000 };
const SERIES = 6;
const COMPARED_ROWS = 20;
const OTHER_PODS = 100;
/** The page loads nothing and runs nothing, whatever a name in it says. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** One file for a browser or a printer: no script, nothing loaded from anywhere. */
export const html: Format = {
  id: 'html',
  render: (whole) => page(shownReport(whole, LENGTHS)).markup,
};

function page(report: Report): Html {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${say.VERDICT_WORDS[report.verdict]} · ${report.target.name} · whyoom</title>
<style>${{ markup: STYLE }}</style>
</head>
<body><main>
${head(report)}
${charts(report)}
${findings(report)}
${evidence(report)}
${compared(report)}
${pods(report)}
${breakdown(report)}
${collector(report)}
${unknown(report)}
${processes(report)}
${steps(report)}
<footer>whyoom ${report.tool}, ${report.collectedAt}</footer>
</main></body>
</html>
`;
}

function head(report: Report): Html {
  const { verdict, headline, target } = report;
  const about = [say.growthSentence(report), say.etaText(report), say.historyText(report)].filter(
    (each) => each !== undefined,
  );
  return markup`<header>
<p class="soft">${[...say.targetParts(report), ...(target.workload ? [target.workload] : [])].join(' · ')}</p>
<h1><span class="verdict ${verdict}">${say.VERDICT_WORDS[verdict]}</span>${prose(headline)}</h1>
${about.map((sentence) => markup`<p>${prose(sentence)}</p>\n`)}</header>`;
}

function charts(report: Report): Html | undefined {
  const main = say.mainSeries(report);
  const others = report.series.filter((each) => each !== main);
  const all = [...(main ? [main] : []), ...others].slice(0, SERIES).map((each) => svgChart(each, report));
  const drawn = all.filter((each) => each !== undefined);
  return drawn.length > 0 ? section('Memory over time', drawn) : undefined;
}

function compared({ compared }: Report): Html | undefined {
  if (!compared) return undefined;
  const rows = comparedRows(compared, COMPARED_ROWS).map(({ what, name, contents, size, rate }) => [
    markup`${cell(what)}<td><code>${name}</code></td><td>${contents}</td>`,
    markup`<td>${size}</td><td class="number">${rate}</td>`,
  ]);
  const body = rows.length > 0 ? table(['', 'name', 'contents', 'size', '#rate'], rows) : markup`<p>No difference.</p>`;
  return section('Compared', [markup`<p>With ${comparedWith(compared)}.</p>`, body]);
}

function pods(report: Report): Html | undefined {
  const { rows, left } = podRows(report, OTHER_PODS);
  if (rows.length === 0) return undefined;
  const cells = rows.map(({ name, verdict, usage, restarts, status }) => [
    markup`<td><code>${name}</code></td>${cell(verdict)}`,
    markup`<td>${[usage, status, restarts].filter((each) => each !== '').join(', ')}</td>`,
  ]);
  return section('Other pods', [
    table(['pod', 'verdict', 'about it'], cells),
    ...(left > 0 ? [markup`<p>… ${left} more: -o json</p>`] : []),
  ]);
}

function breakdown(report: Report): Html | undefined {
  const { counted, beside } = say.breakdownRows(report);
  if (counted.length + beside.length === 0) return undefined;
  const rows = [
    ...counted.map((row) => [partCells(row), markup`<td class="number">${say.shareText(row.share)}</td>`, bar(row)]),
    ...beside.map((row) => [partCells(row), markup`<td class="number soft">not counted</td><td></td>`]),
  ];
  const whole = say.breakdownWhole(report);
  return section('Where the memory is', [
    table(['part', '#size', '#share', ''], rows),
    ...(whole === undefined ? [] : [markup`<p class="soft">${whole}</p>`]),
  ]);
}

function collector(report: Report): Html | undefined {
  const text = say.collectorText(report);
  return text === undefined ? undefined : section('Garbage collector', [markup`<p>${text}</p>`]);
}

const partCells = ({ name, bytes }: say.ShownPart): Html =>
  markup`<td>${name}</td><td class="number">${bytesText(bytes)}</td>`;

/** An SVG, for the page's policy allows no style on an element. The numbers beside it say the same. */
const bar = ({ share }: say.ShownPart): Html =>
  markup`<td class="bar"><svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${(100 * share).toFixed(1)}" height="1"/></svg></td>`;

function findings(report: Report): Html | undefined {
  return report.findings.length > 0 ? section('Findings', report.findings.map(findingArticle)) : undefined;
}

function evidence({ evidence: all = [] }: Report): Html | undefined {
  return all.length > 0 ? section('Evidence', [markup`<ol>${all.map(evidenceItem)}</ol>`]) : undefined;
}

function unknown(report: Report): Html | undefined {
  const entries = say.unknownEntries(report);
  if (entries.length === 0) return undefined;
  const items = entries.map(
    ({ needed, message, hint }) =>
      markup`<li><strong>${needed}</strong>: ${prose(message)}${hint === undefined ? undefined : markup`<br>To change that: ${prose(hint)}`}</li>\n`,
  );
  return section('Not checked', [markup`<ul>${items}</ul>`]);
}

function processes(report: Report): Html | undefined {
  if (!report.processes?.length) return undefined;
  const rows = report.processes.map(({ pid, command, python, rssBytes, read }) => [
    markup`<td class="number">${pid}</td><td><code>${command}</code></td>${cell(python ?? '')}`,
    markup`<td class="number">${bytesText(rssBytes)}</td><td>${read ? 'yes' : 'no'}</td>`,
  ]);
  return section('Processes', [table(['#pid', 'command', 'Python', '#RSS', 'heap read'], rows)]);
}

function steps(report: Report): Html | undefined {
  if (report.steps.length === 0) return undefined;
  const rows = report.steps.map(({ key, ok, ms, rung, note }) => [
    markup`${cell(say.stepName(key))}<td>${ok ? (note ?? 'done') : 'failed'}</td>`,
    markup`${cell(rung)}<td class="number">${msText(ms)}</td>`,
  ]);
  return section('Checked', [table(['step', 'result', 'by', '#took'], rows)]);
}

const section = (title: string, body: readonly Html[]): Html => markup`<section><h2>${title}</h2>\n${body}</section>`;

/** A cell whose word is not to be broken on a phone, unless it is no word of ours. */
const cell = (text: string): Html => markup`<td${text.length <= 16 ? markup` class="short"` : undefined}>${text}</td>`;

/** A heading with `#` before it is of a column of numbers. */
function table(headings: readonly string[], rows: readonly (readonly Html[])[]): Html {
  const cells = headings.map((each) =>
    each.startsWith('#')
      ? markup`<th scope="col" class="number">${each.slice(1)}</th>`
      : markup`<th scope="col">${each}</th>`,
  );
  return markup`<table><thead><tr>${cells}</tr></thead><tbody>${rows.map((row) => markup`<tr>${row}</tr>\n`)}</tbody></table>`;
}
