import { type FileEdit, insertAfter, namedAgain } from './bounding-line.ts';
import { shortType } from './container-types.ts';
import { itemBound } from './item-bound.ts';
import type { Operation } from './operation.ts';
import { adviceOnly, countMatters, forbids, growingFeeds, otherReads, type Plan, where } from './plan.ts';
import { argumentsOf, fileOf, sourceText, textOf } from './program.ts';
import { child, type Node } from './syntax.ts';
import type { Sizing } from './types.ts';
import type { Analysis } from './uses.ts';
import { writtenPath } from './written-name.ts';

/** A history that nobody reads needs no more than this to look at while debugging. */
const MOST_UNREAD = 100;
const MOST_ITEMS = 10_000;
/** More places than these need a person who knows the program. */
const MOST_FEEDS = 6;

/** The holder as its developers call it. */
export const nameOf = ({ held }: Analysis): string => writtenPath(held) ?? 'the container';

/** Bounds for a list or deque that keeps the newest elements. */
export function fixSequence(analysis: Analysis, sizing: Sizing): Plan {
  const reads = otherReads(analysis);
  const last = Math.max(0, ...reads.map((each) => (each.read?.how === 'recent' ? each.read.last : 0)));
  const whole = reads.filter((each) => each.read?.how !== 'recent');
  const bound = Math.max(last, itemBound(sizing, reads.length === 0 ? MOST_UNREAD : MOST_ITEMS));
  const changesResults = whole.length > 0 || countMatters(analysis);
  const advice = sequenceAdvice(analysis, whole, bound);
  const refusal = refuseSequence(analysis, whole) ?? forbids(analysis);
  const edits = refusal === undefined ? sequenceEdits(analysis, bound) : undefined;
  if (!edits)
    return adviceOnly(
      unbounded(analysis),
      ...advice.filter((line) => !line.startsWith('With the patch')),
      ...because(refusal),
    );
  return { summary: `Keep only the newest ${items(bound)} of ${nameOf(analysis)}.`, advice, edits, changesResults };
}

export const items = (count: number): string => (count === 1 ? 'item' : `${count} items`);
export const because = (refusal: string | undefined): string[] => [
  `No patch is offered: ${refusal ?? 'a line that bounds it cannot be written safely after every line that feeds it'}.`,
];
export const unbounded = (analysis: Analysis): string =>
  `${nameOf(analysis)} needs a bound, or a place that takes elements out when they are no longer needed.`;

function sequenceAdvice(analysis: Analysis, whole: readonly Operation[], bound: number): string[] {
  const advice =
    whole.length === 0
      ? [
          `Nothing in the files that were read uses the older elements of ${nameOf(analysis)}: if nothing else does, the line that feeds it can go.`,
        ]
      : [
          `With the patch, the code at ${where(analysis, whole[0]!)} sees the newest ${items(bound)} only. If it needs all, write them to a file or database, or keep a running result.`,
        ];
  advice.push('Keep what later code needs of an element (an identifier, a size), not the whole of it.');
  if (keepsSelf(analysis))
    advice.push('Every instance registers itself here and lives as long as the program: weakref.WeakSet lets them go.');
  return advice;
}

function keepsSelf(analysis: Analysis): boolean {
  return growingFeeds(analysis).some((feed) => {
    const given =
      feed.node.type === 'CallExpression' ? argumentsOf(fileOf(analysis.program, feed.node), feed.node) : [];
    return given.length === 1 && textOf(analysis.program, given[0]!.value) === 'self';
  });
}

/** Why the oldest elements cannot simply go. */
export function refuseSequence(analysis: Analysis, reads: readonly Operation[]): string | undefined {
  const { operations, uses } = analysis;
  if (uses.boundedWhereFed) return 'something takes elements out where it is fed already';
  const consumer = operations.find((each) => each.does === 'empties' && each.consumed);
  if (consumer)
    return `elements are taken out and used at ${where(analysis, consumer)}, so that dropping one loses work`;
  const indexed = reads.find((each) => each.read?.how === 'index');
  if (indexed) return `elements are found by their position at ${where(analysis, indexed)}`;
  const ordered = operations.find((each) => /^(heappush|insort)/.test(each.name));
  return ordered && `its order has a meaning (${ordered.name} at ${where(analysis, ordered)})`;
}

function sequenceEdits(analysis: Analysis, bound: number): FileEdit[] | undefined {
  const type = shortType(analysis.held.type);
  if (type === 'deque')
    return (
      maxlenEdit(analysis, bound) ?? lineEdits(analysis, (name) => `while len(${name}) > ${bound}: ${name}.popleft()`)
    );
  if (type !== 'list') return undefined;
  return lineEdits(analysis, (name, feed) => {
    if (feed.name !== 'insert') return `del ${name}[:-${bound}]`;
    const first = argumentsOf(fileOf(analysis.program, feed.node), feed.node)[0];
    return first && textOf(analysis.program, first.value) === '0' ? `del ${name}[${bound}:]` : undefined;
  });
}

/** The same line after every statement that feeds; undefined where one of them cannot have it, for then it would still grow. */
export function lineEdits(
  analysis: Analysis,
  lineFor: (name: string, feed: Operation) => string | undefined,
): FileEdit[] | undefined {
  const feeds = growingFeeds(analysis);
  if (feeds.length === 0 || feeds.length > MOST_FEEDS) return undefined;
  const edits: FileEdit[] = [];
  for (const feed of feeds) {
    const name = namedAgain(analysis.program, feed);
    const line = name === undefined ? undefined : lineFor(name, feed);
    const edit = line === undefined ? undefined : insertAfter(analysis.program, feed.statement, line);
    if (!edit) return undefined;
    edits.push(edit);
  }
  return edits;
}

/** `deque()` → `deque(maxlen=N)`, where the holder is made in one place only. */
function maxlenEdit(analysis: Analysis, bound: number): FileEdit[] | undefined {
  const creates = analysis.operations.filter((each) => each.does === 'creates');
  const value = creates.length === 1 ? creates[0]!.value : undefined;
  if (
    value?.type !== 'CallExpression' ||
    analysis.operations.some((each) => each.name === '=' && each.does !== 'creates')
  )
    return undefined;
  const file = fileOf(analysis.program, value);
  const given = argumentsOf(file, value);
  const isDeque = /^(\w+\.)?deque$/.test(sourceText(file, value.children[0]!));
  if (!isDeque || given.length > 1 || given.some((each) => each.star || each.name !== undefined)) return undefined;
  return [{ file, ...lastArgument(file.text, child(value, 'ArgList')!, given[0]?.value, `maxlen=${bound}`) }];
}

function lastArgument(text: string, list: Node, last: Node | undefined, argument: string) {
  const at = last ? last.to : text.indexOf('(', list.from) + 1;
  return { from: at, to: at, text: last ? `, ${argument}` : argument };
}

/** A set has no order: it can only start anew. */
export function fixSet(analysis: Analysis, sizing: Sizing): Plan {
  const bound = itemBound(sizing, MOST_ITEMS);
  const refusal = refuseSequence(analysis, []) ?? forbids(analysis);
  const edits =
    refusal === undefined && shortType(analysis.held.type) === 'set'
      ? lineEdits(analysis, (name) => `if len(${name}) > ${bound}: ${name}.clear()`)
      : undefined;
  const advice = [
    `A set has no order, so that the oldest element cannot be told: a dict as ordered set (dict.fromkeys), or a cache with expiry, can forget the oldest first.`,
  ];
  if (keepsSelf(analysis))
    advice.push('Every instance registers itself here and lives as long as the program: weakref.WeakSet lets them go.');
  if (!edits) return adviceOnly(unbounded(analysis), ...advice, ...because(refusal));
  const forgets = `With the patch ${nameOf(analysis)} starts anew after ${bound} elements: what it has seen before counts as new again.`;
  const changesResults = otherReads(analysis).length > 0 || countMatters(analysis);
  return {
    summary: `Empty ${nameOf(analysis)} when it holds more than ${items(bound)}.`,
    advice: [forgets, ...advice],
    edits,
    changesResults,
  };
}
