import { PACKAGES } from './environment.ts';
import { type Figures, figuresOf, type Spread } from './figures.ts';
import { goalRows } from './goals.ts';
import { machineFacts } from './machine.ts';
import type { Measured } from './measure.ts';
import type { PeerResult } from './peers.ts';

const MIB = 2 ** 20;

/** All that was measured, as Markdown that reads well in a terminal too. */
export function report(measured: readonly Measured[], startedAt: string, seconds: number): string {
  const rows = measured.map((each) => ({ each, figures: figuresOf(each) }));
  return [
    `# bench:heap, ${startedAt}`,
    ...machineFacts().map((fact) => `- ${fact}`),
    `- CPython ${[...new Set(measured.map(({ python }) => python))].join(', ')}${withPeers(measured) ? `; ${PACKAGES.join(', ')}` : ''}`,
    `- took ${Math.round(seconds)} s; rounds: ${[...new Set(measured.map(({ rounds }) => rounds.length))].join(', ')}. Figures are medians, with the lowest and highest round in brackets.`,
    '',
    '## Pause: how long the target stands still, against a plain copy of the same bytes',
    '`process_vm_readv` and reads of `/proc/PID/mem`, into memory that was touched before, while the target runs on.',
    '',
    table(
      ['target', 'objects', 'references', 'copied', 'pause', 'process_vm_readv', 'pause ÷ it', 'pause ÷ /proc/PID/mem'],
      rows.map(({ each, figures }) => pauseRow(each, figures)),
    ),
    '',
    '## Seconds a phase, and `whyoom heap` as a whole (from the source, not bundled)',
    '',
    table(...phaseTable(rows)),
    '',
    '## Memory of the reader, and what is taken in the target',
    'An object: the peak of the helper, without the copy and without what an empty helper takes. File pages: of libraries, read for the\nfirst time through the target; the kernel drops them when it wants to.',
    '',
    table(
      ['target', 'peak', 'copy', 'empty helper', 'an object', 'taken in the target', 'file pages mapped there'],
      rows.map(({ each, figures }) => memoryRow(each, figures)),
    ),
    '',
    '## Goals',
    '',
    table(
      ['goal', 'target', 'measured', ''],
      goalRows(rows.map(({ each, figures }) => ({ target: each.target, figures }))),
    ),
    ...peersPart(measured),
    '',
  ].join('\n');
}

function pauseRow({ target }: Measured, figures: Figures): string[] {
  return [
    figures.partial === undefined ? target.name : `${target.name} (partial: ${figures.partial})`,
    count(figures.objects),
    count(figures.references),
    mib(figures.copiedBytes),
    spread(figures.pauseMs, (ms) => ms.toFixed(0), ' ms'),
    spread(figures.vmReadMs, (ms) => ms.toFixed(0), ' ms'),
    spread(figures.pauseToVmRead, ratio),
    spread(figures.pauseToMemFile, ratio),
  ];
}

function phaseTable(rows: readonly { each: Measured; figures: Figures }[]): [string[], string[][]] {
  const names = [...new Set(rows.flatMap(({ figures }) => figures.phases.map(({ name }) => name)))];
  const head = ['target', ...names, 'look', 'its CPU', 'whyoom heap'];
  const body = rows.map(({ each, figures }) => [
    each.target.name,
    ...names.map((name) => seconds(figures.phases.find((phase) => phase.name === name)?.ms ?? Number.NaN)),
    seconds(figures.lookMs.median),
    seconds(figures.cpuMs.median),
    spread(figures.wholeMs, seconds, ' s'),
  ]);
  return [head, body];
}

function memoryRow({ target }: Measured, figures: Figures): string[] {
  return [
    target.name,
    mib(figures.peakBytes.median),
    mib(figures.copiedBytes),
    mib(figures.emptyBytes),
    spread(figures.bytesAnObject, (bytes) => bytes.toFixed(0), ' B'),
    spread(figures.takenBytes, (bytes) => (bytes / MIB).toFixed(1), ' MiB'),
    `${(figures.filePagesBytes / MIB).toFixed(1)} MiB`,
  ];
}

const withPeers = (measured: readonly Measured[]): boolean => measured.some(({ peers }) => peers.length > 0);

function peersPart(measured: readonly Measured[]): string[] {
  if (!withPeers(measured)) return [];
  const rows = measured.flatMap((each) => [whyoomRow(each), ...each.peers.map((peer) => peerRow(each, peer))]);
  return [
    '',
    '## Beside others, on forked copies of the same process in the same run',
    'Stall: the longest that another thread of the target was kept from running, as it saw it itself (whyoom: its pause).',
    '',
    table(['target', 'tool', 'objects', 'answer', 'stall', 'taken in the target, peak', 'kept there', ''], rows),
  ];
}

function whyoomRow(each: Measured): string[] {
  const figures = figuresOf(each);
  const { wholeMs, pauseMs, takenBytes } = figures;
  const taken = mib(takenBytes.median);
  return [
    each.target.name,
    'whyoom',
    count(figures.objects),
    seconds(wholeMs.median),
    seconds(pauseMs.median),
    taken,
    taken,
    '',
  ];
}

function peerRow({ target }: Measured, result: PeerResult): string[] {
  if ('failed' in result) return [target.name, result.peer, '', '', '', '', '', `not measured: ${result.failed}`];
  return [
    target.name,
    result.peer,
    result.objects === undefined ? '' : count(result.objects),
    seconds(result.seconds * 1000),
    seconds(result.stalledSeconds * 1000),
    mib(result.peakTakenBytes),
    mib(result.keptBytes),
    result.note ?? '',
  ];
}

const count = (number: number): string => (number >= 1e5 ? `${(number / 1e6).toFixed(2)} M` : String(number));
const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
const ratio = (value: number): string => value.toFixed(2);
const seconds = (ms: number): string => (Number.isNaN(ms) ? '' : (ms / 1000).toFixed(2));

const spread = ({ median, low, high }: Spread, text: (value: number) => string, unit = ''): string =>
  `${text(median)}${unit} (${text(low)}–${text(high)})`;

/** Columns as wide as their widest cell. */
function table(head: readonly string[], body: readonly string[][]): string {
  const cells = [head, ...body].map((row) => row.map((cell) => cell.replaceAll('|', '/')));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line)].join('\n');
}
