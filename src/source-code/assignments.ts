import { callsFunction } from './calls.ts';
import { isMaking, isScalar } from './making.ts';
import { type Look, make, type Operation, reads } from './operation.ts';
import {
  argumentsOf,
  attributeOf,
  classOfMethod,
  fileOf,
  isSlice,
  isSubscript,
  sourceText,
  textOf,
} from './program.ts';
import { statementOf } from './reaching.ts';
import type { Scope } from './scopes.ts';
import { isWithin, type Node, segments } from './syntax.ts';

/** `x = x[-9:]`, `x = x + [v]`: the right side reads the container only to put it back. */
export function isReplacement(look: Look, node: Node): boolean {
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

export function atAssignment(look: Look, found: Node, node: Node, statement: Node, offset: number): Operation[] {
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
    // `copy.items = self.items.copy()` fills another object, and leaves this one's as it is.
    if (
      attributeOf(file, callee) === 'copy' &&
      own(callee.children[0]) &&
      !isSameText(look, target, callee.children[0]!)
    )
      return undefined;
    const given = argumentsOf(file, value);
    if (own(given[0]?.value)) return sourceText(file, callee) === 'dict' && given.length > 1 ? 'feeds' : 'empties';
  }
  return newContainer(look, target, statement, value);
}

const isSameText = (look: Look, one: Node, other: Node): boolean =>
  textOf(look.program, one) === textOf(look.program, other);

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
