import {
  areRelated,
  argumentsOf,
  attributeOf,
  classOfMethod,
  entityOf,
  fileOf,
  isDecorated,
  type Program,
} from './program.ts';
import type { Parameter, Scope } from './scopes.ts';
import type { Node } from './syntax.ts';

/** Whether a call runs a function of these files: then how many parameters come before the arguments (`self`). */
export function callsFunction(program: Program, call: Node, scope: Scope): 0 | 1 | undefined {
  const callee = call.children[0]!;
  const owner = classOfMethod(scope);
  if (callee.type === 'VariableName' || !owner) {
    const entity = entityOf(program, callee);
    if (entity?.kind === 'function' && entity.scope === scope) return 0;
    return entity?.kind === 'class' && isConstructorOf(program, scope, entity.scope) ? 1 : undefined;
  }
  if (attributeOf(fileOf(program, callee), callee) !== scope.name) {
    const made = entityOf(program, callee);
    return made?.kind === 'class' && isConstructorOf(program, scope, made.scope) ? 1 : undefined;
  }
  const base = entityOf(program, callee.children[0]);
  const skipped = isDecorated(program, scope, 'staticmethod') ? 0 : 1;
  if (base?.kind === 'instance' && areRelated(program, base.scope, owner)) return skipped;
  if (base?.kind === 'class' && areRelated(program, base.scope, owner))
    return isDecorated(program, scope, 'classmethod') ? 1 : 0;
  if (base?.kind === 'module') {
    const entity = entityOf(program, callee);
    return entity?.kind === 'class' && isConstructorOf(program, scope, entity.scope) ? 1 : undefined;
  }
  // An object of unknown class: only where no other function has the name.
  return base === undefined && program.functions.get(scope.name)?.length === 1 ? skipped : undefined;
}

/** Calling a class runs its constructors, and no other method. */
function isConstructorOf(program: Program, scope: Scope, called: Scope): boolean {
  const owner = classOfMethod(scope);
  return owner !== undefined && /^__(init|new|post_init)__$/.test(scope.name) && areRelated(program, called, owner);
}

/** What a call of a function gives for one of its parameters; `bound`: how many parameters come before the arguments. */
export function givenFor(
  program: Program,
  call: Node,
  scope: Scope,
  parameter: Parameter,
  bound: 0 | 1,
): Node | undefined {
  const position = scope.parameters.indexOf(parameter) - bound;
  const given = argumentsOf(fileOf(program, call), call);
  const plain = given.findIndex((each) => each.star || each.name !== undefined);
  const named = given.find((each) => each.name === parameter.name)?.value;
  return named ?? (position >= 0 && (plain < 0 || position < plain) ? given[position]?.value : undefined);
}
