import type { Screen } from '../core/format.ts';
import type { ProcessStacks, StacksReport } from '../core/stacks-report.ts';
import { asciiGlyphs, asciiText } from '../util/ascii.ts';
import { countText } from '../util/count.ts';
import { clipped, visible, visibleJson } from '../util/text-escape.ts';
import { textWidth, wrapped } from '../util/text-width.ts';
import { type Ink, inkFor } from './terminal-ink.ts';

/** A way to show what `whyoom stacks` found. */
interface StacksFormat {
  readonly id: string;
  render(report: StacksReport, screen: Screen): string;
}

type Read = Extract<ProcessStacks, { threads: unknown }>;
type Thread = Read['threads']['listed'][number];
type Tasks = NonNullable<Read['tasks']>;
type Frame = Thread['frames'][number];

const NAME_CHARACTERS = 160;
/** A function's name takes no more room than this before its file. */
const MOST_NAME_WIDTH = 40;
/** The middle of a deep stack is left out. */
const [INNER_FRAMES, OUTER_FRAMES] = [40, 10];

export const stacksFormats: readonly StacksFormat[] = [
  { id: 'terminal', render: terminal },
  { id: 'json', render: (report) => `${visibleJson(JSON.stringify(report, null, 2))}\n` },
];

function terminal({ target, processes }: StacksReport, screen: Screen): string {
  const ink = inkFor(screen.color);
  const where = [target.name, target.container ?? ''].filter(Boolean).map(shown).join(' · ');
  const blocks = [
    ...(target.kind === 'pod' ? [where] : []),
    ...processes.map((each) => processText(each, screen.width, ink)),
  ];
  const text = `${blocks.join('\n\n')}\n`;
  return screen.unicode ? text : asciiGlyphs(asciiText(text));
}

const shown = (text: string) => visible(clipped(text, NAME_CHARACTERS));

function processText(each: ProcessStacks, width: number, ink: Ink): string {
  if ('problem' in each) {
    const { message, hint } = each.problem;
    return [
      ink.bold(shown(each.name)),
      ...[message, hint ?? ''].filter(Boolean).map((line) => `  ${visible(line)}`),
    ].join('\n');
  }
  const blocks = [headLines(each, width, ink), ...each.threads.listed.map((thread) => threadLines(thread, ink))];
  const left = each.threads.count - each.threads.listed.length;
  if (left > 0) blocks.push([`… ${countText(left)} more threads (all numbers: -o json)`]);
  if (each.tasks && each.tasks.count > 0) blocks.push(taskLines(each.tasks, ink));
  return blocks.map((block) => block.join('\n')).join('\n\n');
}

function headLines(each: Read, width: number, ink: Ink): string[] {
  const { threads, collector } = each;
  const parts = [
    ink.bold(shown(each.name)),
    `Python ${shown(each.python)}`,
    `${countText(threads.count)} ${threads.count === 1 ? 'thread' : 'threads'}`,
    `paused\u00a0${each.pauseMs.toFixed(1)}\u00a0ms`,
  ];
  const partial = each.partial === undefined ? [] : wrapped(`Not the whole truth: ${visible(each.partial)}.`, width);
  return [parts.join(' · '), ...partial, ...(collector === undefined ? [] : [`Collector ${collectorText(collector)}`])];
}

function collectorText(collector: NonNullable<Read['collector']>): string {
  const { enabled, counts, thresholds, frozen, garbage } = collector;
  return [
    enabled ? 'on' : 'OFF',
    `counts ${counts.join(', ')} of ${thresholds.join(', ')}`,
    frozen === undefined ? 'objects frozen' : `${countText(frozen)} frozen`,
    `${countText(garbage)} in gc.garbage`,
  ].join(' · ');
}

function threadLines(thread: Thread, ink: Ink): string[] {
  const name = thread.name === undefined ? '' : ` "${shown(thread.name)}"`;
  const marks = [thread.state === 'unknown' ? '' : thread.state, thread.holdsGil ? 'holds the GIL' : ''].filter(
    Boolean,
  );
  const title = `Thread ${thread.id ?? '?'}${name}`;
  return [
    `${ink.bold(title)}${marks.length > 0 ? `  ${marks.join(' · ')}` : ''}`,
    ...frameLines(thread.frames, thread.moreFrames ?? 0),
  ];
}

function frameLines(frames: readonly Frame[], more: number): string[] {
  const runs = runsOf(frames);
  const isLong = runs.length > INNER_FRAMES + OUTER_FRAMES + 1;
  const inner = isLong ? runs.slice(0, INNER_FRAMES) : runs;
  const outer = isLong ? runs.slice(-OUTER_FRAMES) : [];
  const width = Math.min(
    MOST_NAME_WIDTH,
    Math.max(0, ...[...inner, ...outer].map((each) => textWidth(shown(each.function)))),
  );
  const line = (each: Run) => {
    const name = shown(each.function);
    return `  ${name}${' '.repeat(Math.max(0, width - textWidth(name)))}  ${place(each)}${each.times > 1 ? `  × ${countText(each.times)}` : ''}`;
  };
  const left = runs.slice(inner.length, runs.length - outer.length).reduce((sum, { times }) => sum + times, 0);
  return [
    ...inner.map(line),
    ...(left > 0 ? [`  … ${countText(left)} more`] : []),
    ...outer.map(line),
    ...(more > 0 ? [`  … ${countText(more)} outer ones`] : []),
  ];
}

type Run = Frame & { readonly times: number };

/** A function that calls itself from one line is one line. */
function runsOf(frames: readonly Frame[]): Run[] {
  const runs: Run[] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    const isSame = last?.function === frame.function && last.file === frame.file && last.line === frame.line;
    if (last !== undefined && isSame) runs[runs.length - 1] = { ...last, times: last.times + 1 };
    else runs.push({ ...frame, times: 1 });
  }
  return runs;
}

const place = ({ file, line }: Frame): string => `${shown(file)}${line === undefined ? '' : `:${line}`}`;

/** Tasks that wait in one place are one entry, with the first of them as the example. */
function taskLines({ count, listed, groups }: Tasks, ink: Ink): string[] {
  const lines = [ink.bold(`${countText(count)} asyncio ${count === 1 ? 'task' : 'tasks'}`)];
  for (const group of groups) {
    const like = listed.find(
      ({ state, frames: [at] }) =>
        state === group.state &&
        at?.function === group.at?.function &&
        at?.file === group.at?.file &&
        at?.line === group.at?.line,
    );
    const name = like === undefined ? '' : group.count > 1 ? `, as ${shown(like.name)}` : ` · ${shown(like.name)}`;
    const waitsFor = like?.waitsFor === undefined ? '' : ` for ${shown(like.waitsFor)}`;
    lines.push('', `${countText(group.count)} ${group.state}${waitsFor}${name}`);
    lines.push(...frameLines(like?.frames ?? (group.at ? [group.at] : []), like?.moreFrames ?? 0));
  }
  return lines;
}
