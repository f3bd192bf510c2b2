import { atAssignment, isReplacement } from './assignments.ts';
import { callsFunction } from './calls.ts';
import { addsOnRead, addsOnUpdate, familyOf, isEmptying, isFeeding } from './container-types.ts';
import type { Denotes } from './denotes.ts';
import { isGuarded } from './key-guards.ts';
import { type Look, make, type Operation, type Reading, reads } from './operation.ts';
import {
  argumentsOf,
  attributeOf,
  fileOf,
  isSlice,
  isSubscript,
  type Program,
  sourceText,
  subscriptOf,
  textOf,
} from './program.ts';
import type { Scope } from './scopes.ts';
import { type Node, segments } from './syntax.ts';
import type { Held } from './types.ts';

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
