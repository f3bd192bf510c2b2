import { isAttribute, isLibrary, isShadowed, isUnique } from './attributes.ts';
import { callsFunction, givenFor } from './calls.ts';
import type { AttributeOf, Home } from './locate.ts';
import { areRelated, classOfMethod, type Entity, type Program, textOf } from './program.ts';
import type { Found, Parameter, Scope } from './scopes.ts';
import type { Node } from './syntax.ts';

/** A bound on hostile files: what further calls pass is not looked at. */
const MOST_CALLS = 200;

/** A place that is the holder itself: its own name, or another name that is bound to the same object where it is made. */
type Seed =
  | { readonly kind: 'variable'; readonly scope: Scope; readonly name: string; readonly level: number }
  | { readonly kind: 'attribute'; readonly scope: Scope | undefined; readonly name: string; readonly of: AttributeOf };

/** A search that is under way. */
export interface Search {
  readonly program: Program;
  readonly home: Home;
  readonly seeds: Seed[];
  readonly known: Map<Node, number | undefined>;
  readonly busy: Set<Node | Scope>;
  /** Attributes that only classes of the holder's family have, so that an unknown object's `.name` must be it. */
  readonly uniqueName: boolean;
  /** The constant subscripts that lead to the holder, null where they are data. */
  readonly keys: readonly (string | null)[];
  /** What the calls pass for a parameter. */
  readonly passed: Map<Parameter, Node[]>;
  steps: number;
  circles: number;
  depth: number;
}

export function startSearch(
  program: Program,
  home: Home,
  contextVariable: boolean,
  keys: readonly (string | null)[],
): Search {
  return {
    program,
    home,
    seeds: firstSeeds(home, contextVariable),
    known: new Map(),
    busy: new Set(),
    uniqueName: isUnique(program, home),
    keys,
    passed: new Map(),
    steps: 0,
    circles: 0,
    depth: 0,
  };
}

function firstSeeds(home: Home, contextVariable: boolean): Seed[] {
  if (home.kind === 'variable') return [{ ...home, level: contextVariable ? -1 : 0 }];
  return home.kind === 'attribute' ? [home] : [];
}

/** Whether a variable is the holder, by its own name or another. */
export const isVariableSeed = (search: Search, scope: Scope, name: string): boolean =>
  search.seeds.some((seed) => seed.kind === 'variable' && seed.scope === scope && seed.name === name);

export function addVariable(search: Search, scope: Scope, name: string): void {
  if (!isVariableSeed(search, scope, name)) search.seeds.push({ kind: 'variable', scope, name, level: 0 });
}

/** The attribute's name within the body of its class; for instances, what a dataclass makes from `field(…)`. */
export function isClassSeed(search: Search, found: Found, name: string): boolean {
  const seed = search.seeds.find((each) => each.kind === 'attribute' && isAttribute(each.name, name, each.scope));
  if (seed?.kind !== 'attribute' || seed.scope !== found.scope) return false;
  const made = found.bindings.find((binding) => binding.kind === 'value');
  const isField =
    made?.kind === 'value' && /^(\w+\.)?(field|Field|Factory|ib)\(/.test(textOf(search.program, made.value));
  return seed.of === 'class' || isField;
}

/** Whether `.name` of what `base` is (undefined: not known) is the holder. */
export function isSeedAttribute(search: Search, node: Node, name: string, base: Entity | undefined): boolean {
  return search.seeds.some((seed) => {
    if (seed.kind !== 'attribute' || !isAttribute(seed.name, name, seed.scope)) return false;
    if (seed.of === 'any') return base === undefined;
    if (seed.of === 'function') return base?.kind === 'function' && base.scope === seed.scope;
    if (base === undefined) return search.uniqueName && seed.scope !== undefined && !isLibrary(search.program, node);
    if (base.kind === 'module' || base.kind === 'function' || !seed.scope) return false;
    if (!areRelated(search.program, base.scope, seed.scope)) return false;
    if (seed.of === 'instance') return base.kind === 'instance';
    return base.kind === 'class' || !isShadowed(search.program, seed.scope, name);
  });
}

/** What the calls in these files pass for a parameter. */
export function passedTo(search: Search, scope: Scope, parameter: Parameter): Node[] {
  const { program } = search;
  const known = search.passed.get(parameter);
  if (known || scope.kind !== 'function') return known ?? [];
  const owner = classOfMethod(scope);
  const isInit = owner && (scope.name === '__init__' || scope.name === '__new__');
  const names = isInit ? [owner.name, scope.name] : [scope.name];
  const found: Node[] = [];
  for (const call of names.flatMap((name) => program.calls.get(name) ?? []).slice(0, MOST_CALLS)) {
    const bound = callsFunction(program, call, scope);
    if (bound === undefined) continue;
    const value = givenFor(program, call, scope, parameter, bound);
    if (value) found.push(value);
  }
  search.passed.set(parameter, found);
  return found;
}
