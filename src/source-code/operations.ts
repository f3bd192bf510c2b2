import { addsOnRead, addsOnUpdate, type Family, familyOf, isEmptying, isFeeding } from './container-types.ts';
import { callsFunction, type Denotes, isMaking, isScalar, statementOf } from './denotes.ts';
import {
  argumentsOf,
  attributeOf,
  classOfMethod,
  fileOf,
  isSlice,
  isSubscript,
  type Program,
  sourceText,
  subscriptOf,
  textOf,
} from './program.ts';
import type { Scope } from './scopes.ts';
import { ancestor, isWithin, type Node, segments } from './syntax.ts';
import type { Held } from './types.ts';

/** What one occurrence of the holder in the source does with it. */
export interface Operation {
  readonly does: 'feeds' | 'empties' | 'creates' | 'reads' | 'measures';
  /** `append`, `[]=`, `=`, … */
  readonly name: string;
  /** The expression that stands for the container. */
  readonly container: Node;
  /** The whole operation: the call, the subscript, the statement. */
  readonly node: Node;
  readonly statement: Node;
  readonly read?: Reading;
  /** The assigned value of `creates` and of `=`. */
  readonly value?: Node | undefined;
  /** The elements that were taken out are used: the container is a queue. */
  readonly consumed?: boolean;
}

export type Reading =
  /** Looked up by key; `guarded` copes with a missing key. */
  | { readonly how: 'key'; readonly guarded: boolean }
  /** By position; `last` counts from the end, so that forgetting old elements does not show. */
  | { readonly how: 'index' }
  | { readonly how: 'recent'; readonly last: number }
  | { readonly how: 'element' };

interface Look {
  readonly program: Program;
  readonly held: Held;
  readonly family: Family;
  readonly level: Denotes;
}

/** More than this is no code of a person. */
const MOST_OPERATIONS = 5000;

/** The operations on the holder in the files, in the order of the text. */
export function findOperations(program: Program, held: Held, level: Denotes): Operation[] {
  const look: Look = { program, held, family: familyOf(held.type), level };
  const found: Operation[] = [];
  for (const file of program.files)
    for (const node of file.nodes) {
      if (found.length > MOST_OPERATIONS) return found;
      if (node.type === 'CallExpression') found.push(...boundCall(look, node));
      if (!EXPRESSIONS.has(node.type)) continue;
      const depth = level(node);
      if (depth !== undefined && depth <= held.site.depth && isExpression(node))
        found.push(...operationsAt(look, node, depth - held.site.depth));
    }
  return found;
}

const EXPRESSIONS = new Set(['VariableName', 'MemberExpression', 'CallExpression']);
const NOT_EXPRESSIONS = new Set([
  'ParamList',
  'FunctionDefinition',
  'ClassDefinition',
  'ImportStatement',
  'ScopeStatement',
  'Decorator',
  'CapturePattern',
]);

/** Names that are written but not evaluated (parameters, keywords, imports) are no occurrences. */
function isExpression(node: Node): boolean {
  if (node.type !== 'VariableName') return true;
  if (!node.parent || NOT_EXPRESSIONS.has(node.parent.type)) return false;
  if (node.parent.type !== 'ArgList') return true;
  const siblings = node.parent.children;
  return siblings[siblings.indexOf(node) + 1]?.type !== 'AssignOp';
}

function boundCall(look: Look, call: Node): Operation[] {
  const callee = call.children[0]!;
  if (callee.type !== 'VariableName') return [];
  const method = look.level.boundMethod(callee);
  const name = method && attributeOf(fileOf(look.program, method), method);
  if (!method || name === undefined || look.level(method.children[0]!) !== look.held.site.depth) return [];
  return methodCall(look, method.children[0]!, call, name, 0);
}

const make = (
  does: Operation['does'],
  name: string,
  container: Node,
  node: Node,
  more?: Partial<Operation>,
): Operation[] => [{ does, name, container, node, statement: statementOf(node) ?? node, ...more }];
const reads = (name: string, container: Node, node: Node, read: Reading): Operation[] =>
  make('reads', name, container, node, { read });

/** `offset` is 0 at the container itself, −1 at the container of the containers. */
function operationsAt(look: Look, found: Node, offset: number): Operation[] {
  const node = climb(look, found);
  const parent = node.parent;
  if (!parent) return [];
  if (parent.type === 'MemberExpression' && parent.children[0] === node)
    return isSubscript(parent) ? atSubscript(look, found, parent, offset) : atAttribute(look, found, parent, offset);
  switch (parent.type) {
    case 'AssignStatement':
      return atAssignment(look, found, node, parent, offset);
    case 'UpdateStatement':
      return atUpdate(look, found, node, parent, offset);
    case 'DeleteStatement':
      return look.level.isOwnName(found) ? make('empties', 'del', found, parent) : [];
    case 'ArgList':
      return atArgument(look, found, node, parent, offset);
    case 'BinaryExpression':
      return atBinary(look, found, node, parent, offset);
    case 'ExpressionStatement':
    case 'IfStatement':
    case 'WhileStatement':
    case 'AssertStatement':
    case 'UnaryExpression':
    case 'ConditionalExpression':
    case 'NamedExpression':
      return [];
    case 'ForStatement':
      return parent.children.indexOf(node) < parent.children.findIndex((each) => each.type === 'in') || offset < 0
        ? []
        : reads('for', found, node, { how: 'element' });
    default:
      return offset < 0 && parent.scope?.node === parent ? [] : reads('whole', found, node, { how: 'element' });
  }
}

/** Through parentheses, `or`, `:=` and the like, which stand for the same container. */
function climb(look: Look, node: Node): Node {
  const level = look.level(node);
  let at = node;
  for (let steps = 0; at.parent && steps < 50; steps++, at = at.parent) {
    const same = [
      'ParenthesizedExpression',
      'NamedExpression',
      'ConditionalExpression',
      'BinaryExpression',
      'AwaitExpression',
    ];
    if (!same.includes(at.parent.type) || look.level(at.parent) !== level) break;
    // `if x and y`: the left side is only tested.
    if (at.parent.type === 'BinaryExpression' && at.parent.children[1]?.type === 'and' && at.parent.children[0] === at)
      break;
    if (at.parent.type === 'NamedExpression' && at.parent.children[0] === at) break;
  }
  return at;
}

function atAttribute(look: Look, container: Node, member: Node, offset: number): Operation[] {
  const name = attributeOf(fileOf(look.program, member), member) ?? '';
  const call = member.parent;
  if (call?.type === 'CallExpression' && call.children[0] === member)
    return methodCall(look, container, call, name, offset);
  const passedOn = call?.type === 'ArgList' && offset === 0;
  // `executor.submit(…).add_done_callback(results.append)`
  if (passedOn && isFeeding(look.family, name)) return make('feeds', name, container, member);
  if (passedOn && isEmptying(look.family, name)) return make('empties', name, container, member);
  return [];
}

const SILENT_METHODS = new Set(['move_to_end', 'cache_info', 'cache_clear', '__len__', 'rotate', 'acquire', 'release']);

function methodCall(look: Look, container: Node, call: Node, name: string, offset: number): Operation[] {
  if (offset < 0) return outerMethodCall(look, container, call, name);
  const used = call.parent?.type !== 'ExpressionStatement';
  if (name === 'setdefault' && isFeeding(look.family, name))
    return [...make('feeds', name, container, call), ...reads(name, container, call, { how: 'key', guarded: true })];
  if (isFeeding(look.family, name)) return make('feeds', name, container, call);
  if (isEmptying(look.family, name))
    return make('empties', name, container, call, { consumed: used && name !== 'clear' });
  if (name === 'get' || name === '__contains__') return reads(name, container, call, { how: 'key', guarded: true });
  if (name === '__getitem__') return reads(name, container, call, { how: 'key', guarded: isGuarded(look, call) });
  return SILENT_METHODS.has(name) ? [] : reads(name, container, call, { how: 'element' });
}

function outerMethodCall(look: Look, container: Node, call: Node, name: string): Operation[] {
  if (name === 'setdefault' || name === 'update') return make('creates', name, container, call);
  if (isEmptying('dict', name) || isEmptying('list', name)) return make('empties', name, container, call);
  const passedOn = call.parent?.type === 'ArgList' && call.scope?.node !== call.parent;
  const views = name === 'values' || name === 'items' || name === 'copy';
  return views && (passedOn || call.parent?.type === 'ReturnStatement')
    ? reads(name, container, look.level(call) === undefined ? call : container, { how: 'element' })
    : [];
}

function atSubscript(look: Look, container: Node, member: Node, offset: number): Operation[] {
  const role = targetRole(member);
  if (isSlice(member)) return offset === 0 ? atSlice(look, container, member, role) : [];
  if (role === 'deleted') return make('empties', 'del []', container, member);
  if (offset < 0) return role === 'assigned' ? make('creates', '[]=', container, member) : [];
  const keyed = look.family === 'dict' || look.family === 'other';
  if (role === 'assigned')
    return keyed ? make('feeds', '[]=', container, member, { value: assignedValue(member) }) : [];
  const feeding =
    (role === 'updated' && addsOnUpdate(look.held.type)) || (addsOnRead(look.held.type) && changesInside(member));
  const read: Reading = keyed ? { how: 'key', guarded: feeding || isGuarded(look, member) } : positionOf(look, member);
  return [...(feeding ? make('feeds', '[]', container, member) : []), ...reads('[]', container, member, read)];
}

/** Whether a subscript or name is assigned to, updated in place, or deleted, also within a tuple of targets. */
function targetRole(node: Node): 'assigned' | 'updated' | 'deleted' | undefined {
  let at = node;
  while (at.parent && (at.parent.type === 'TupleExpression' || at.parent.type === 'ParenthesizedExpression'))
    at = at.parent;
  const parent = at.parent;
  if (parent?.type === 'DeleteStatement') return 'deleted';
  if (parent?.type === 'UpdateStatement') return parent.children[0] === at ? 'updated' : undefined;
  if (parent?.type !== 'AssignStatement') return undefined;
  const last = parent.children.findLastIndex((each) => each.type === 'AssignOp');
  return parent.children.indexOf(at) < last ? 'assigned' : undefined;
}

function assignedValue(target: Node): Node | undefined {
  const statement = target.parent;
  return statement?.type === 'AssignStatement' ? segments(statement.children, 'AssignOp').at(-1)?.[0] : undefined;
}

/** `D[k].append(v)`, `D[k][j] = v`. */
function changesInside(member: Node): boolean {
  const parent = member.parent;
  if (parent?.type !== 'MemberExpression' || parent.children[0] !== member) return false;
  if (isSubscript(parent)) return targetRole(parent) !== undefined || changesInside(parent);
  return parent.parent?.type === 'CallExpression' && parent.parent.children[0] === parent;
}

function positionOf(look: Look, member: Node): Reading {
  const last = negativeNumber(look, subscriptOf(member));
  return last === undefined ? { how: 'index' } : { how: 'recent', last };
}

function negativeNumber(look: Look, nodes: readonly Node[]): number | undefined {
  if (nodes.length !== 1 || nodes[0]!.type !== 'UnaryExpression') return undefined;
  const match = /^-\s*(\d{1,9})$/.exec(textOf(look.program, nodes[0]!));
  return match ? Number(match[1]) : undefined;
}

function atSlice(look: Look, container: Node, member: Node, role: ReturnType<typeof targetRole>): Operation[] {
  const parts = subscriptOf(member);
  const colon = parts.findIndex((each) => each.type === ':');
  if (role === 'deleted') return make('empties', 'del [:]', container, member);
  if (role === 'assigned') {
    // `x[len(x):] = more` and `x[0:0] = more` put in; `x[:] = rest` replaces.
    const inserts = colon > 0 && (parts.length === colon + 1 || sameText(look, parts[0]!, parts[colon + 1]!));
    return make(inserts ? 'feeds' : 'empties', '[:]=', container, member);
  }
  const last = parts.length === colon + 1 ? negativeNumber(look, parts.slice(0, colon)) : undefined;
  if (isReplacement(look, member)) return [];
  return reads('[:]', container, member, last === undefined ? { how: 'element' } : { how: 'recent', last });
}

const sameText = (look: Look, one: Node, other: Node) => textOf(look.program, one) === textOf(look.program, other);

/** `x = x[-9:]`, `x = x + [v]`: the right side reads the container only to put it back. */
function isReplacement(look: Look, node: Node): boolean {
  const statement = statementOf(node);
  if (statement?.type !== 'AssignStatement') return false;
  const parts = segments(statement.children, 'AssignOp');
  const targets = parts.slice(0, -1).flat();
  if (!parts.at(-1)?.some((value) => isWithin(node, value))) return false;
  return targets.some((target) => {
    const own = isSlice(target) ? target.children[0]! : target;
    return look.level.isOwnName(own) && look.level(own) === look.held.site.depth;
  });
}

function atAssignment(look: Look, found: Node, node: Node, statement: Node, offset: number): Operation[] {
  const parts = segments(statement.children, 'AssignOp');
  const value = parts.at(-1)!;
  if (parts.length > 1 && value.includes(node)) {
    // Kept under another name, which is followed; inside another container it can be read by anyone.
    const kept = parts
      .slice(0, -1)
      .flat()
      .every((each) => each.type !== 'MemberExpression' || !isSubscript(each));
    return kept || offset < 0 ? [] : reads('=', found, node, { how: 'element' });
  }
  if (parts.length < 2 || !look.level.isOwnName(found)) return [];
  const assigned = value.length === 1 ? value[0]! : undefined;
  // `D[k] = []` is seen where `D` is.
  if (isSubscript(found)) return [];
  const made = offset < 0 ? newContainer(look, found, statement, assigned) : undefined;
  const does = offset < 0 ? (made === 'empties' ? made : undefined) : assignmentDoes(look, found, statement, assigned);
  return does ? make(does, '=', found, statement, { value: assigned }) : [];
}

function assignmentDoes(
  look: Look,
  target: Node,
  statement: Node,
  value: Node | undefined,
): 'feeds' | 'empties' | 'creates' | undefined {
  if (!value) return newContainer(look, target, statement, value);
  const own = (node: Node | undefined): boolean =>
    node !== undefined && (look.level(node) === look.held.site.depth || copied(look, node));
  if (look.level(value) === look.held.site.depth) return undefined;
  if (value.type === 'BinaryExpression' && /^[+|]$/.test(textOf(look.program, value.children[1]!)))
    return operands(value).some(own) ? 'feeds' : newContainer(look, target, statement, value);
  if (/^(Array|Dictionary|Set)Expression$/.test(value.type) && value.children.some(own)) return 'feeds';
  if (/Comprehension/.test(value.type) && value.children.some(own))
    return value.children.some((each) => each.type === 'if') ? 'empties' : undefined;
  if (isSlice(value) && own(value.children[0])) return 'empties';
  if (value.type === 'CallExpression') {
    const file = fileOf(look.program, value);
    const callee = value.children[0]!;
    if (attributeOf(file, callee) === 'union' && own(callee.children[0])) return 'feeds';
    const given = argumentsOf(file, value);
    if (own(given[0]?.value)) return sourceText(file, callee) === 'dict' && given.length > 1 ? 'feeds' : 'empties';
  }
  return newContainer(look, target, statement, value);
}

function operands(node: Node): Node[] {
  const found: Node[] = [];
  let at = node;
  for (let steps = 0; at.type === 'BinaryExpression' && steps < 50; steps++) {
    found.push(at.children.at(-1)!);
    at = at.children[0]!;
  }
  return [...found, at];
}

/** `list(x)`, `x.copy()`, `x[:]`. */
function copied(look: Look, node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const file = fileOf(look.program, node);
  const callee = node.children[0]!;
  const inner = attributeOf(file, callee) === 'copy' ? callee.children[0] : argumentsOf(file, node)[0]?.value;
  return inner !== undefined && look.level(inner) === look.held.site.depth;
}

/** The first making of the container, or a new one in place of the old. */
function newContainer(
  look: Look,
  target: Node,
  statement: Node,
  value: Node | undefined,
): 'empties' | 'creates' | undefined {
  const scope = target.scope!;
  const isLocal = ['local', 'closure', 'default-argument'].includes(look.held.kind);
  if (isLocal) {
    const first = target.type === 'VariableName' ? firstBinding(look, target) : undefined;
    return !first || first.from >= statement.from
      ? 'creates'
      : look.held.kind === 'default-argument'
        ? undefined
        : 'empties';
  }
  if (isScalar(value)) return undefined;
  if (isMaking(scope) || isPartOfMaking(look, scope)) return value?.type === 'None' ? undefined : 'creates';
  if (value?.type === 'None') return 'empties';
  return isLazy(look, target, statement) ? 'creates' : 'empties';
}

/** `self._init()` in `__init__`, and nowhere else. */
function isPartOfMaking(look: Look, scope: Scope): boolean {
  if (!classOfMethod(scope)) return false;
  const calls = (look.program.calls.get(scope.name) ?? []).slice(0, 100);
  const own = calls.filter((call) => callsFunction(look.program, call, scope) !== undefined);
  return own.length > 0 && own.every((call) => call.scope !== undefined && isMaking(call.scope));
}

function firstBinding(look: Look, target: Node): Node | undefined {
  const name = textOf(look.program, target);
  for (let scope = target.scope; scope; scope = scope.parent) {
    const bindings = scope.outerNames.has(name) ? undefined : scope.bindings.get(name);
    if (bindings) return bindings.find((binding) => binding.kind !== 'annotation')?.node;
  }
  return undefined;
}

/** `if X is None: X = {}`, `if not hasattr(self, 'items'):`, `except AttributeError:`. */
function isLazy(look: Look, target: Node, statement: Node): boolean {
  const body = statement.parent;
  const test = body?.type === 'Body' ? body.parent : undefined;
  if (test?.type === 'TryStatement')
    return /except\s*\(?[^:]*(AttributeError|NameError)/.test(textOf(look.program, test).slice(0, 2000));
  if (test?.type !== 'IfStatement') return false;
  const at = test.children.indexOf(body!);
  const condition = textOf(look.program, test.children[at - 1] ?? test);
  const name = textOf(look.program, target);
  return condition.includes('hasattr') || condition.includes(`${name} is None`) || condition.trim() === `not ${name}`;
}

function atUpdate(look: Look, found: Node, node: Node, statement: Node, offset: number): Operation[] {
  if (statement.children[0] !== node) return offset < 0 ? [] : reads('+=', found, node, { how: 'element' });
  const operator = textOf(look.program, statement.children[1]!);
  if (offset < 0) return [];
  if (['+=', '|=', '*=', '^='].includes(operator)) return make('feeds', operator, found, statement);
  return ['-=', '&='].includes(operator) ? make('empties', operator, found, statement) : [];
}

const SILENT_CALLS =
  /^(bool|id|type|isinstance|hasattr|callable|(sys\.)?getsizeof|getattr|(typing\.)?cast|(heapq\.)?heapify|.*\.debug_count)$/;

function atArgument(look: Look, found: Node, node: Node, list: Node, offset: number): Operation[] {
  const call = list.parent!;
  if (call.type !== 'CallExpression') return [];
  const file = fileOf(look.program, call);
  const callee = sourceText(file, call.children[0]!);
  const name = callee.split('.').at(-1)!;
  const isFirst = argumentsOf(file, call)[0]?.value === node;
  if (name === 'len') return offset === 0 ? make('measures', 'len', found, call) : [];
  if (isFirst && offset === 0) {
    if (/^(heappush|insort|insort_left|insort_right)$/.test(name)) return make('feeds', name, found, call);
    if (name === 'heappop')
      return make('empties', name, found, call, { consumed: call.parent?.type !== 'ExpressionStatement' });
    const unbound = /^(list|dict|set|deque|collections\.\w+)\.(\w+)$/.exec(callee);
    if (unbound) return methodCall(look, found, call, unbound[2]!, 0);
  }
  if (SILENT_CALLS.test(callee) || isFollowed(look, call, name, node)) return [];
  if (list.scope?.node === list || isReplacement(look, node)) return [];
  return reads(callee.slice(0, 80), found, call, { how: 'element' });
}

/** A call of a function in these files, with a parameter for the argument: what it does with the container is seen there. */
function isFollowed(look: Look, call: Node, name: string, argument: Node): boolean {
  const inits = look.program.functions.get('__init__') ?? [];
  const known = [
    ...(look.program.functions.get(name) ?? []),
    ...(look.program.classes.get(name) ?? []).flatMap((scope) => inits.filter((method) => method.parent === scope)),
  ];
  return known.slice(0, 50).some((scope) => {
    const before = callsFunction(look.program, call, scope);
    return before !== undefined && takesArgument(look, scope, call, argument, before);
  });
}

function takesArgument(look: Look, scope: Scope, call: Node, argument: Node, before: number): boolean {
  const given = argumentsOf(fileOf(look.program, call), call);
  const at = given.findIndex((each) => each.value === argument);
  const name = given[at]?.name;
  if (at < 0 || given.slice(0, at + 1).some((each) => each.star)) return false;
  const parameter =
    name === undefined ? scope.parameters[at + before] : scope.parameters.find((each) => each.name === name);
  return parameter?.star === '';
}

function atBinary(look: Look, found: Node, node: Node, parent: Node, offset: number): Operation[] {
  const words = parent.children.slice(1, -1).map((each) => each.type);
  if (offset < 0 || words.includes('is') || words.includes('and') || words.includes('or')) return [];
  if (words.includes('in')) {
    if (parent.children[0] === node) return reads('in', found, parent, { how: 'element' });
    const keyed = look.family !== 'list' && look.family !== 'deque';
    return reads('in', found, parent, keyed ? { how: 'key', guarded: true } : { how: 'element' });
  }
  return isReplacement(look, node) ? [] : reads('operator', found, parent, { how: 'element' });
}

const TRIES = new Set(['TryStatement']);

/** Whether a missing key is coped with: by `except`, or by a test in the same function. */
function isGuarded(look: Look, node: Node): boolean {
  for (let at = ancestor(node, TRIES); at; at = ancestor(at, TRIES)) {
    const body = at.children.find((each) => each.type === 'Body');
    const excepts = at.children.some((each) => each.type === 'except');
    if (body && excepts && isWithin(node, body)) return true;
  }
  return ancestorTests(look, node);
}

const TESTS = new Set(['IfStatement', 'ConditionalExpression', 'BinaryExpression']);

/** `if k in D: … D[k]`, `D[k] if k in D else …`, `k in D and D[k]`. */
function ancestorTests(look: Look, node: Node): boolean {
  for (let at = ancestor(node, TESTS), steps = 0; at && steps < 30; at = ancestor(at, TESTS), steps++) {
    const tests = at.type === 'BinaryExpression' && at.children[1]?.type !== 'and' ? [] : at.children;
    const tested = tests.some(
      (each) => each.type === 'BinaryExpression' && !isWithin(node, each) && testsMembership(look, each),
    );
    if (tested) return true;
  }
  return false;
}

function testsMembership(look: Look, test: Node): boolean {
  const right = test.children.at(-1)!;
  if (test.children.some((each) => each.type === 'in') && look.level(right) === look.held.site.depth) return true;
  return test.children.some((each) => each.type === 'BinaryExpression' && each !== test && testsMembership(look, each));
}
