import { shortType } from './container-types.ts';
import { because, items, lineEdits, nameOf, refuseSequence, unbounded } from './fix-collection.ts';
import { itemBound } from './item-bound.ts';
import type { Operation } from './operation.ts';
import {
  adviceOnly,
  countMatters,
  failsWhenMissing,
  forbids,
  growingFeeds,
  otherReads,
  type Plan,
  where,
} from './plan.ts';
import { argumentsOf, entityOf, fileOf, nodesWithin, returnedBy, sourceText } from './program.ts';
import { lookUp } from './scopes.ts';
import { ancestor, type Node } from './syntax.ts';
import type { Sizing } from './types.ts';
import { type Analysis, functionAround } from './uses.ts';

const MOST_ENTRIES = 10_000;
/** Kinds of dict of which the first key is the oldest, and that `pop` takes with a default. */
const ORDERED = new Set(['dict', 'OrderedDict', 'defaultdict', 'Counter']);

/** Forgets the oldest entries after each feed. */
export function fixMapping(analysis: Analysis, sizing: Sizing): Plan {
  const bound = itemBound(sizing, MOST_ENTRIES);
  const isCache = isPureCache(analysis);
  const failing = failsWhenMissing(analysis);
  const refusal =
    refuseMapping(analysis) ??
    (failing && `a missing key would be an error at ${where(analysis, failing)}`) ??
    forbids(analysis);
  const edits =
    refusal === undefined && ORDERED.has(shortType(analysis.held.type))
      ? lineEdits(analysis, (name) => `while len(${name}) > ${bound}: ${name}.pop(next(iter(${name})), None)`)
      : undefined;
  const advice = mappingAdvice(analysis, isCache);
  if (!edits) return adviceOnly(unbounded(analysis), ...advice, ...because(refusal));
  const changesResults =
    !isCache && (analysis.uses.readByKey || otherReads(analysis).length > 0 || countMatters(analysis));
  const choice = changesResults
    ? [`With the patch, ${nameOf(analysis)} forgets its oldest entries: code that asks for one finds nothing.`]
    : [];
  return {
    summary: `Keep at most ${items(bound)} in ${nameOf(analysis)}: forget the oldest.`,
    advice: [...choice, ...advice],
    edits,
    changesResults,
  };
}

function mappingAdvice(analysis: Analysis, isCache: boolean): string[] {
  if (isCache)
    return [
      'A miss computes the value again, so that forgetting entries costs time only; a cache with expiry (TTL) bounds its age too.',
    ];
  if (analysis.uses.readByKey || otherReads(analysis).length > 0)
    return [
      `Take an entry out of ${nameOf(analysis)} when the thing that it belongs to ends, or give entries an expiry.`,
    ];
  return [
    `Nothing in the files that were read uses the entries of ${nameOf(analysis)}: if nothing else does, the line that feeds it can go.`,
  ];
}

function refuseMapping(analysis: Analysis): string | undefined {
  const consumed = analysis.operations.find((each) => each.does === 'empties' && each.consumed);
  if (analysis.uses.boundedWhereFed) return refuseSequence(analysis, []);
  return consumed && `entries are taken out and used at ${where(analysis, consumed)}`;
}

/**
 * Whether forgetting an entry cannot show: each feeding function looks the key up first and puts in what it computes,
 * nobody reads all entries, and the values are no state that is added to.
 */
function isPureCache(analysis: Analysis): boolean {
  const feeds = growingFeeds(analysis);
  const keyed = analysis.operations.filter((each) => each.read?.how === 'key' && each.read.guarded);
  const lookedUp = feeds.every((feed) => keyed.some((read) => functionAround(read.node) === functionAround(feed.node)));
  if (feeds.length === 0 || !lookedUp || countMatters(analysis)) return false;
  if (otherReads(analysis).some((each) => each.read?.how !== 'key')) return false;
  if (analysis.operations.some((each) => each.does === 'feeds' && each.name === '[]')) return false;
  if (!feeds.every((feed) => answers(analysis, feed) || isBehindMiss(analysis, feed))) return false;
  return feeds.every((feed) => isComputed(analysis, feed)) && !changesValues(analysis);
}

/** A function that gives back what it keeps remembers results; one that does not registers things. */
function answers(analysis: Analysis, feed: Operation): boolean {
  const scope = functionAround(feed.node);
  return scope !== undefined && returnedBy(analysis.program, scope).some((value) => value.type !== 'None');
}

const IFS = new Set(['IfStatement']);

/** `if key not in D: D[key] = compute(key)` */
function isBehindMiss(analysis: Analysis, feed: Operation): boolean {
  const test = ancestor(feed.statement, IFS, functionAround(feed.node)?.node)?.children[1];
  if (test?.type !== 'BinaryExpression' || !test.children.some((each) => each.type === 'not')) return false;
  return analysis.level?.(test.children.at(-1)!) === analysis.held.site.depth;
}

/** Whether the value comes from a call that can be made again: not an empty container, a constant, or what the entry was before. */
function isComputed(analysis: Analysis, feed: Operation): boolean {
  const value =
    feed.name === 'setdefault' ? argumentsOf(fileOf(analysis.program, feed.node), feed.node)[1]?.value : feed.value;
  return value !== undefined && isRepeatable(analysis, value, 0);
}

const BUILTIN_CONTAINERS = /^(list|dict|set|tuple|deque|defaultdict|OrderedDict|Counter|object|bytearray)$/;

function isRepeatable(analysis: Analysis, value: Node, depth: number): boolean {
  const { program, level } = analysis;
  const readsItself = nodesWithin(program, value).some(
    (node) => (level?.(node) ?? Infinity) <= analysis.held.site.depth,
  );
  if (depth > 5 || readsItself) return false;
  if (value.type === 'AwaitExpression' || value.type === 'ParenthesizedExpression')
    return value.children.length > 0 && isRepeatable(analysis, value.children.at(-1)!, depth + 1);
  if (value.type === 'VariableName') {
    const found = lookUp(value.scope, sourceText(fileOf(program, value), value));
    const values = found?.bindings.filter((each) => each.node.from < value.from) ?? [];
    return (
      values.length > 0 &&
      found?.scope.kind === 'function' &&
      values.every((each) => each.kind === 'value' && isRepeatable(analysis, each.value, depth + 1))
    );
  }
  if (value.type === 'CallExpression') {
    const name = sourceText(fileOf(program, value), value.children[0]!).split('.').at(-1)!;
    const made = entityOf(program, value.children[0]);
    // An object of a class may gather state of its own.
    return made?.kind !== 'class' && !BUILTIN_CONTAINERS.test(name) && !/^[A-Z]/.test(name);
  }
  return /^(Binary|MemberExpression|TupleExpression|.*Comprehension)/.test(value.type) && value.children.length > 0;
}

/** `D[k].append(v)`, `D[k]['hits'] += 1`: the entries are more than what was computed. */
function changesValues(analysis: Analysis): boolean {
  const { operations } = analysis;
  return operations.some((each) => {
    const parent = each.read?.how === 'key' ? each.node.parent : undefined;
    if (parent?.type !== 'MemberExpression' || parent.children[0] !== each.node) return false;
    const outer = parent.parent;
    return (
      outer?.type === 'CallExpression' ||
      (/^(Assign|Update)Statement$/.test(outer?.type ?? '') && outer?.children[0] === parent)
    );
  });
}
