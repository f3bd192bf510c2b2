import type { Look } from './operation.ts';
import { ancestor, isWithin, type Node } from './syntax.ts';

const TRIES = new Set(['TryStatement']);

/** Whether a missing key is coped with: by `except`, or by a test in the same function. */
export function isGuarded(look: Look, node: Node): boolean {
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
