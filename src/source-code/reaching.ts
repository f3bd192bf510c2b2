import type { Binding, Found, Scope } from './scopes.ts';
import { isWithin, type Node } from './syntax.ts';

/** More bindings of one name than these are not looked at. */
export const MOST_BINDINGS = 200;

/**
 * The bindings that a use may see: backwards from it, until one in a block around the use, which overwrites all before.
 * Names of other scopes: all bindings.
 */
export function reaching(found: Found, scope: Scope, at: Node | undefined): Binding[] {
  const { bindings } = found;
  if (!at || found.scope !== functionOf(scope)) return bindings.slice(-MOST_BINDINGS);
  // Bindings are in the order of the text.
  let low = 0;
  for (let high = bindings.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (bindings[middle]!.node.from < at.from) low = middle + 1;
    else high = middle;
  }
  const before = bindings.slice(Math.max(0, low - MOST_BINDINGS), low).reverse();
  const seen: Binding[] = [];
  for (const binding of before) {
    const statement = statementOf(binding.node);
    // The name on the right of its own assignment sees the binding before.
    if (statement?.type === 'AssignStatement' && isWithin(at, statement)) continue;
    if (binding.kind === 'update') continue;
    seen.push(binding);
    const block = statement?.parent;
    if (binding.kind === 'parameter' || (block && binding.kind !== 'element' && isWithin(at, block))) return seen;
  }
  return seen.length > 0 ? seen : bindings.slice(0, MOST_BINDINGS);
}

function functionOf(scope: Scope): Scope {
  let at = scope;
  while (at.kind === 'comprehension' && at.parent) at = at.parent;
  return at;
}

const STATEMENT = /(Statement|Definition)$/;

/** The statement or definition that a node is part of. */
export function statementOf(node: Node): Node | undefined {
  let at: Node | undefined = node;
  while (at && !STATEMENT.test(at.type)) at = at.parent;
  return at;
}
