import type { FileEdit } from './bounding-line.ts';
import { callsFunction } from './calls.ts';
import type { Operation } from './operation.ts';
import { nodesWithin, textOf } from './program.ts';
import { statementOf } from './reaching.ts';
import { ancestor, isWithin, type Node } from './syntax.ts';
import type { Analysis } from './uses.ts';
import { elementReads, functionAround, keyOf, placeOf, rank } from './uses.ts';

/** A change that was thought through, before it is written as a patch. `edits` is empty where only advice can be given. */
export interface Plan {
  readonly summary: string;
  readonly advice: readonly string[];
  readonly edits: readonly FileEdit[];
  readonly changesResults: boolean;
}

export const adviceOnly = (summary: string, ...advice: string[]): Plan => ({
  summary,
  advice,
  edits: [],
  changesResults: false,
});

/** The feeds that make it grow; the first filling of a module or an object is no leak. */
export const growingFeeds = (analysis: Analysis): Operation[] => {
  const feeds = analysis.operations.filter((each) => each.does === 'feeds');
  const growing = feeds.filter((each) => rank(analysis.held, each) === 0);
  const chosen = growing.length > 0 ? growing : feeds.filter((each) => rank(analysis.held, each) === 1);
  return [...new Map(chosen.map((each) => [each.statement, each])).values()];
};

/** Reads outside the statements that feed. */
export function otherReads(analysis: Analysis): Operation[] {
  const feeding = new Set(analysis.operations.filter((each) => each.does === 'feeds').map((each) => each.statement));
  return elementReads(analysis.operations).filter(
    (each) => !feeding.has(each.statement) || /^(For|If|While)/.test(each.statement.type),
  );
}

export const where = (analysis: Analysis, operation: Operation): string => {
  const place = placeOf(analysis.program, operation.node);
  return `${place.file}:${place.line}${place.function ? ` (${place.function})` : ''}`;
};

/** Whether the number of elements goes into anything but a message or a test for emptiness. */
export function countMatters(analysis: Analysis): boolean {
  const silent = new Set(['ArgList', 'FormatReplacement', 'ExpressionStatement', 'AssertStatement']);
  return analysis.operations.some((each) => {
    const parent = each.node.parent;
    if (each.does !== 'measures' || !parent || silent.has(parent.type)) return false;
    return !(parent.type === 'BinaryExpression' && textOf(analysis.program, parent.children.at(-1)!) === '0');
  });
}

/** `D[len(D)] = v`, `n = len(D); D[n] = v`: with fewer entries, a number would come again. */
function numbersKeys(analysis: Analysis, measure: Operation): boolean {
  const target = measure.statement.type === 'AssignStatement' ? measure.statement.children[0] : undefined;
  const name = target?.type === 'VariableName' ? textOf(analysis.program, target) : undefined;
  return analysis.operations.some((feed) => {
    if (feed.does !== 'feeds' || feed.name !== '[]=' || functionAround(feed.node) !== functionAround(measure.node))
      return false;
    const key = keyOf(analysis.program, feed.node) ?? '';
    return isWithin(measure.node, feed.node) || (name !== undefined && key.split(/\W+/).includes(name));
  });
}

const LEAVING = /^(Return|Raise|Break|Continue)Statement$/;

/** Why a shorter container would break the program, if it would. */
export function forbids(analysis: Analysis): string | undefined {
  const { operations } = analysis;
  for (const each of operations) {
    if (each.does === 'measures' && steersFlow(each.node))
      return `its length steers the program at ${where(analysis, each)}`;
    if (each.does === 'reads' && iteratesWhileFed(analysis, each))
      return `it is fed while it is iterated at ${where(analysis, each)}`;
  }
  const numbered = operations.find((each) => each.does === 'measures' && numbersKeys(analysis, each));
  if (numbered) return `its length numbers the entries at ${where(analysis, numbered)}`;
  const shared = growingFeeds(analysis).find((each) => isSharedName(analysis, each));
  if (shared) return `other containers pass through the code that feeds it at ${where(analysis, shared)}`;
  return undefined;
}

/** `while len(x) < n`, `if len(x) == n: break`: with a bound below n it would never come to that. */
function steersFlow(measure: Node): boolean {
  const statement = statementOf(measure);
  if (statement?.type === 'WhileStatement') return true;
  if (statement?.type !== 'IfStatement') return false;
  const bodies = statement.children.filter((each) => each.type === 'Body').flatMap((body) => body.children);
  return bodies.some((each) => LEAVING.test(each.type) || each.children.some((inner) => LEAVING.test(inner.type)));
}

function iteratesWhileFed(analysis: Analysis, read: Operation): boolean {
  const loop = ancestor(read.node, new Set(['ForStatement']));
  const body = loop?.children.find((each) => each.type === 'Body');
  if (!loop || !body || read.node.from >= body.from) return false;
  const feeds = growingFeeds(analysis);
  if (
    feeds.some(
      (feed) => feed.node.from >= body.from && feed.node.to <= body.to && feed.node.scope?.root === loop.scope?.root,
    )
  )
    return true;
  const feeding = feeds.map((feed) => functionAround(feed.node)).filter((scope) => scope !== undefined);
  return nodesWithin(analysis.program, body)
    .filter((node) => node.type === 'CallExpression')
    .slice(0, 300)
    .some((call) => feeding.some((scope) => callsFunction(analysis.program, call, scope) !== undefined));
}

function isSharedName(analysis: Analysis, feed: Operation): boolean {
  let root = feed.container;
  while (root.type === 'MemberExpression' || root.type === 'CallExpression') root = root.children[0]!;
  if (root.type !== 'VariableName' || !root.scope || !analysis.level) return false;
  return analysis.level.isShared(
    root.scope,
    analysis.program.fileOf.get(root.scope.root)!.text.slice(root.from, root.to),
  );
}

/** Reads by key that would fail on a missing key, and that no feed of the same key in the same function protects. */
export function failsWhenMissing(analysis: Analysis): Operation | undefined {
  const feeds = analysis.operations.filter((each) => each.does === 'feeds');
  return otherReads(analysis).find((each) => {
    if (each.read?.how !== 'key' || each.read.guarded) return false;
    const key = keyOf(analysis.program, each.node);
    return !feeds.some(
      (feed) => functionAround(feed.node) === functionAround(each.node) && keyOf(analysis.program, feed.node) === key,
    );
  });
}
