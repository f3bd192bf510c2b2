import type { Screen } from '../core/format.ts';
import type { HeapReport } from '../core/heap-report.ts';
import { asciiGlyphs, asciiText } from '../util/ascii.ts';
import { bytesText } from '../util/bytes.ts';
import { countText } from '../util/count.ts';
import { type Column, tableLines } from '../util/table.ts';
import { clipped, visible, visibleJson } from '../util/text-escape.ts';
import { wrapped } from '../util/text-width.ts';
import { type Ink, inkFor } from './terminal-ink.ts';

/** A way to show what `whyoom heap` found. */
interface HeapFormat {
  readonly id: string;
  render(report: HeapReport, screen: Screen): string;
}

const NAME_CHARACTERS = 160;

export const heapFormats: readonly HeapFormat[] = [
  { id: 'terminal', render: terminal },
  { id: 'json', render: (report) => `${visibleJson(JSON.stringify(report, null, 2))}\n` },
];

/** Tables with the name last, which are not cut to the screen: a name is there to be copied. */
function terminal(report: HeapReport, screen: Screen): string {
  const ink = inkFor(screen.color);
  const blocks = [
    headLines(report, screen.width),
    holderLines(report, ink),
    typeLines(report, ink),
    ...pathBlocks(report, ink),
  ];
  const lines = blocks.filter((block) => block.length > 0).map((block) => block.join('\n'));
  const text = `${lines.join('\n\n')}\n`;
  return screen.unicode ? text : asciiGlyphs(asciiText(text));
}

const shown = (text: string) => visible(clipped(text, NAME_CHARACTERS));

function headLines(report: HeapReport, width: number): string[] {
  const parts = [
    ...[report.target.name, report.target.container, report.target.process].flatMap((each) =>
      each === undefined ? [] : [shown(each)],
    ),
    `Python ${shown(report.python)}`,
    `${countText(report.objects)} objects, ${bytesText(report.objectBytes)}`,
    // Large buffers are counted whole, touched or not: beside this one sees it.
    ...(report.rssBytes === undefined ? [] : [`RSS\u00a0${bytesText(report.rssBytes)}`]),
    report.target.kind === 'file'
      ? `taken ${shown(report.takenAt)}`
      : `paused\u00a0${Math.round(report.pauseMs)}\u00a0ms`,
  ];
  const partial = report.partial === undefined ? [] : wrapped(`Not the whole heap: ${visible(report.partial)}.`, width);
  return [...wrapped(parts.join(' · '), width, '', '  '), ...partial];
}

const right = (title: string): Column => ({ title, align: 'right' });
const left = (title: string): Column => ({ title, align: 'left' });

function holderLines({ holders }: HeapReport, ink: Ink): string[] {
  if (holders === undefined) return [];
  if (holders.length === 0) return ['No container keeps more than 4 KiB.'];
  const isShared = holders.some((holder) => holder.sharedBytes > 0);
  const rows = holders.map((holder) => [
    atLeast(holder, bytesText(holder.retainedBytes)),
    ...(isShared ? [bytesText(holder.sharedBytes)] : []),
    bytesText(holder.ownBytes),
    atLeast(holder, countText(holder.items)),
    shown(holder.instances > 1 ? atLeast(holder, `${countText(holder.instances)} × ${holder.type}`) : holder.type),
    shown(holder.address),
    shown(holder.name),
  ]);
  const bytes = [right('RETAINED'), ...(isShared ? [right('SHARED')] : []), right('OWN')];
  const columns = [...bytes, right('ITEMS'), left('TYPE'), left('ADDRESS'), left('HOLDER')];
  return titled(tableLines(columns, rows), ink);
}

/** What goes by one name may be more than was examined. */
const atLeast = ({ truncated }: Row, text: string): string => (truncated ? `≥ ${text}` : text);
type Row = NonNullable<HeapReport['holders']>[number];

function typeLines({ types }: HeapReport, ink: Ink): string[] {
  if (types === undefined || types.length === 0) return [];
  const rows = types.map((row) => [bytesText(row.bytes), countText(row.count), shown(row.type)]);
  return titled(tableLines([right('BYTES'), right('COUNT'), left('TYPE')], rows), ink);
}

type Paths = NonNullable<HeapReport['paths']>;

function pathBlocks({ paths }: HeapReport, ink: Ink): string[][] {
  if (paths === undefined) return [];
  const left =
    paths.more > 0
      ? [[`… ${countText(paths.more)} more (--holders ${Math.max(10, 2 * paths.paths.length)} shows more)`]]
      : [];
  return [[targetText(paths)], ...paths.paths.map((path, at) => pathLines(paths, path, at + 1, ink)), ...left];
}

function targetText({ target, paths }: Paths): string {
  const alone = paths.length === 0 ? ': nothing leads to it' : '';
  if (target.of === 'object') return `${objectText(target)}${alone}`;
  const { count, examined } = target;
  const part = examined < count ? `; the ${countText(examined)} that keep most were followed` : '';
  return `${countText(count)} ${shown(target.type)}, ${bytesText(target.bytes)} of their own${part}`;
}

const objectText = (one: Extract<Paths['target'], { of: 'object' }>): string =>
  `${shown(one.type)} at ${shown(one.address)}: ${bytesText(one.ownBytes)} of its own, ${bytesText(one.retainedBytes)} retained`;

function pathLines({ target }: Paths, path: Paths['paths'][number], at: number, ink: Ink): string[] {
  const many = path.count > 1 ? `${countText(path.count)} × ` : '';
  const bytes = target.of === 'type' ? `, ${bytesText(path.retainedBytes)} retained` : '';
  const rows = path.hops.map((hop) => [
    bytesText(hop.retainedBytes),
    bytesText(hop.ownBytes),
    shown(hop.type),
    shown(hop.address),
    shown(hopText(hop)),
  ]);
  const columns = [right('RETAINED'), right('OWN'), left('TYPE'), left('ADDRESS'), left('STEP')];
  return [
    ink.bold(`${at}  ${many}${shown(path.text)}`) + bytes,
    ...tableLines(columns, rows).map((line) => `   ${line}`),
  ];
}

const hopText = ({ kind, name, file, line }: Paths['paths'][number]['hops'][number]): string =>
  `${kind} ${name}${file === undefined ? '' : ` (${shortFile(file)}${line === undefined ? '' : `:${line}`})`}`;

/** What tells a file from another, in little room: `cachetools/__init__.py`. */
const shortFile = (file: string): string => file.split('/').filter(Boolean).slice(-2).join('/');

const titled = ([titles = '', ...rows]: string[], ink: Ink): string[] => [ink.bold(titles), ...rows];
