import { cachedFunctionUses } from './cached-function.ts';
import { callsFunction } from './calls.ts';
import { familyOf } from './container-types.ts';
import { type Denotes, findDenotes } from './denotes.ts';
import { type Home, locate } from './locate.ts';
import type { Operation } from './operation.ts';
import { findOperations } from './operations.ts';
import {
  ancestry,
  argumentsOf,
  classOfMethod,
  fileOf,
  isSlice,
  isSubscript,
  lineOf,
  nodesWithin,
  type Program,
  readProgram,
  sourceText,
  subscriptOf,
  textOf,
} from './program.ts';
import type { Scope } from './scopes.ts';
import { ancestor, isWithin, type Node } from './syntax.ts';
import type { Held, SourceFile, Use, Uses } from './types.ts';

/** What was found out on the way to `Uses`, for those who propose a change. */
export interface Analysis {
  readonly program: Program;
  readonly held: Held;
  readonly home: Home | undefined;
  readonly level: Denotes | undefined;
  readonly operations: readonly Operation[];
  readonly uses: Uses;
}

/** All the text that is searched at most; with more, the files that do not mention the holder are left out. */
const MOST_TEXT = 8_000_000;

const EMPTY: Uses = {
  feeds: [],
  empties: [],
  creates: [],
  readByKey: false,
  readElsewhere: false,
  boundedWhereFed: false,
  emptiedOnlyIn: [],
};

/**
 * Who feeds the holder, who empties it and how it is read, through aliases, parameters, imports and inheritance.
 * Feeds inside functions and loops come before the first filling of a module. Nothing is guessed: where the source does
 * not show that an expression is the holder, it is not reported. Never throws.
 */
export function findUses(files: readonly SourceFile[], held: Held): Uses {
  return analyse(files, held).uses;
}

export function analyse(files: readonly SourceFile[], held: Held): Analysis {
  const program = readProgram(chosen(files, held));
  const home = locate(program, held);
  const none = { program, held, home, level: undefined, operations: [], uses: EMPTY };
  if (!home || held.site.depth < 0) return none;
  if (home.kind === 'function') return { ...none, uses: cachedFunctionUses(program, home.scope) };
  const level = findDenotes(program, home, held.kind === 'context-variable', held.site.keys);
  const operations = findOperations(program, held, level);
  return { program, held, home, level, operations, uses: summed(program, held, home, operations) };
}

function chosen(files: readonly SourceFile[], held: Held): readonly SourceFile[] {
  if (files.reduce((sum, file) => sum + file.text.length, 0) <= MOST_TEXT) return files;
  const words = [held.site.name, held.site.className, held.site.functionName].map((word) => word?.split('.').at(-1));
  let room = MOST_TEXT;
  return files.filter((file) => {
    const mentions = words.some((word) => word !== undefined && file.text.includes(word));
    if (mentions) room -= file.text.length;
    return mentions && room >= 0;
  });
}

function summed(program: Program, held: Held, home: Home, operations: readonly Operation[]): Uses {
  const of = (role: Use['role']) => operations.filter((each) => each.does === role);
  const feeds = of('feeds').toSorted((a, b) => rank(held, a) - rank(held, b));
  const empties = of('empties');
  const ownEmpties = empties.filter((each) => !isOfSubclass(program, home, each));
  const reads = elementReads(operations);
  return {
    feeds: uniqueUses(program, feeds, 'feeds'),
    empties: uniqueUses(program, ownEmpties, 'empties'),
    creates: uniqueUses(program, of('creates'), 'creates'),
    readByKey: reads.some((each) => each.read?.how === 'key'),
    readElsewhere: isReadElsewhere(feeds, empties, reads),
    boundedWhereFed: isBounded(program, held, operations),
    emptiedOnlyIn: [...new Set(ownEmpties.map((each) => functionName(each.node) ?? '<module>'))],
  };
}

/** The heap names the class that the object is of: what a method of a subclass takes out, another object had. */
function isOfSubclass(program: Program, home: Home, { node }: Operation): boolean {
  if (home.kind !== 'attribute' || home.of !== 'instance' || !home.scope) return false;
  const method = functionAround(node);
  const owner = method && classOfMethod(method);
  return owner !== undefined && !ancestry(program, home.scope).has(owner) && ancestry(program, owner).has(home.scope);
}

const LOOPS = new Set(['ForStatement', 'WhileStatement']);

/** Functions and loops first, then what constructors put in, then the first filling at module level. */
export function rank(held: Held, operation: Operation): number {
  const scope = functionAround(operation.node);
  const inLoop = ancestor(operation.node, LOOPS, scope?.node) !== undefined;
  if (!scope) return inLoop ? 0 : 2;
  return scope.name === '__init__' && !inLoop && held.kind === 'instance-attribute' ? 1 : 0;
}

/** The function around a node: not a lambda, a comprehension or a class. */
export function functionAround(node: Node): Scope | undefined {
  let scope = node.scope;
  while (scope && scope.kind !== 'function') scope = scope.parent;
  return scope;
}

const functionName = (node: Node): string | undefined => functionAround(node)?.qualifiedName;

function uniqueUses(program: Program, operations: readonly Operation[], role: Use['role']): Use[] {
  const seen = new Map<Node, Use>();
  for (const each of operations) if (!seen.has(each.statement)) seen.set(each.statement, asUse(program, each, role));
  return [...seen.values()];
}

const SIMPLE = /^(Assign|Update|Expression|Delete|Return|Yield|Raise|Assert)Statement$/;
export const isSimple = (statement: Node): boolean => SIMPLE.test(statement.type);

function asUse(program: Program, operation: Operation, role: Use['role']): Use {
  const { statement, node } = operation;
  // The head of a compound statement is its line; a body would be another statement.
  const at = isSimple(statement) ? statement : node;
  return {
    ...placeOf(program, at),
    role,
    operation: operation.name,
    container: textOf(program, operation.container).slice(0, 200),
    from: at.from,
    to: at.to,
  };
}

export function placeOf(program: Program, node: Node): Pick<Use, 'file' | 'line' | 'function' | 'code'> {
  const file = fileOf(program, node);
  const line = lineOf(file, node.from);
  const code = file.text
    .slice(file.lines[line - 1], file.lines[line])
    .trim()
    .slice(0, 200);
  const name = functionName(node);
  return { file: file.source.path, line, ...(name === undefined ? {} : { function: name }), code };
}

/** Reads other than those that are part of feeding or emptying. */
export function elementReads(operations: readonly Operation[]): Operation[] {
  const emptying = operations.filter((each) => each.does === 'empties').map((each) => each.statement);
  return operations.filter(
    (each) =>
      each.does === 'reads' && (each.read?.how === 'key' || !emptying.some((statement) => isPart(each, statement))),
  );
}

const isPart = (operation: Operation, statement: Node): boolean =>
  isSimple(statement) && operation.statement === statement;

function isReadElsewhere(feeds: Operation[], empties: Operation[], reads: Operation[]): boolean {
  if (empties.some((each) => each.consumed)) return true;
  const feeding = new Set(feeds.map((each) => functionAround(each.node)));
  const statements = new Set(feeds.map((each) => each.statement));
  return reads.some((each) =>
    each.read?.how === 'key'
      ? !feeding.has(functionAround(each.node))
      : !statements.has(each.statement) || !isSimple(each.statement),
  );
}

function isBounded(program: Program, held: Held, operations: readonly Operation[]): boolean {
  const creates = operations.filter((each) => each.does === 'creates');
  if (familyOf(held.type) === 'deque' && creates.some((each) => hasMaxlen(program, each.value))) return true;
  const empties = operations.filter((each) => each.does === 'empties');
  return operations.some((feed) => feed.does === 'feeds' && empties.some((empty) => bounds(program, feed, empty)));
}

function hasMaxlen(program: Program, value: Node | undefined): boolean {
  if (value?.type !== 'CallExpression') return false;
  const file = fileOf(program, value);
  const given = argumentsOf(file, value);
  const maxlen = given.find((each) => each.name === 'maxlen') ?? given.filter((each) => each.name === undefined)[1];
  return maxlen !== undefined && sourceText(file, maxlen.value) !== 'None';
}

/** Whether the emptier runs whenever the feeder does, as far as the functions tell. */
function bounds(program: Program, feed: Operation, empty: Operation): boolean {
  const feeding = functionAround(feed.node);
  const emptying = functionAround(empty.node);
  const key = keyOf(program, feed.node);
  // `D.pop(k, None); D[k] = v` puts one in for the one that it takes out, at best.
  if (key !== undefined && key === keyOf(program, empty.node)) return false;
  if (feeding === emptying && fileOf(program, feed.node) === fileOf(program, empty.node))
    return !isBeforeLoop(feed, empty);
  return emptying !== undefined && feeding !== undefined && calls(program, feeding.node, emptying, 2);
}

/** The text of `k` in `D[k]`, `D.pop(k)`, `D.setdefault(k, v)`. */
export function keyOf(program: Program, node: Node): string | undefined {
  if (isSubscript(node))
    return isSlice(node)
      ? undefined
      : subscriptOf(node)
          .map((each) => textOf(program, each))
          .join();
  if (node.type !== 'CallExpression') return undefined;
  const first = argumentsOf(fileOf(program, node), node)[0];
  return first && textOf(program, first.value);
}

/** `items.clear()` ahead of an endless loop that feeds does not bound it. */
function isBeforeLoop(feed: Operation, empty: Operation): boolean {
  const loop = ancestor(feed.node, LOOPS, functionAround(feed.node)?.node);
  return loop !== undefined && empty.node.from < loop.from && !sharesLoop(loop, empty.node);
}

function sharesLoop(loop: Node, node: Node): boolean {
  for (let at: Node | undefined = loop; at; at = ancestor(at, LOOPS)) if (isWithin(node, at)) return true;
  return false;
}

function calls(program: Program, within: Node, wanted: Scope, deep: number): boolean {
  const made = nodesWithin(program, within)
    .filter((node) => node.type === 'CallExpression')
    .slice(0, 300);
  if (made.some((call) => callsFunction(program, call, wanted) !== undefined)) return true;
  if (deep <= 1) return false;
  const names = new Set(made.map((call) => textOf(program, call.children[0]!).split('.').at(-1)!));
  const inner = [...names].flatMap((name) => program.functions.get(name) ?? []).slice(0, 30);
  return inner.some(
    (scope) =>
      made.some((call) => callsFunction(program, call, scope) !== undefined) &&
      calls(program, scope.node, wanted, deep - 1),
  );
}
