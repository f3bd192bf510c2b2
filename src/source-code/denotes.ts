import type { AttributeOf, Home } from './locate.ts';
import {
  ancestry,
  areRelated,
  argumentsOf,
  attributeOf,
  classOfMethod,
  type Entity,
  entityOf,
  fileOf,
  findInClass,
  isDecorated,
  isSlice,
  isSubscript,
  moduleFile,
  type Program,
  returnedBy,
  sourceText,
  subscriptOf,
  textOf,
} from './program.ts';
import { type Binding, type Found, lookUp, type Parameter, type Scope } from './scopes.ts';
import { isWithin, type Node } from './syntax.ts';

/** A place that is the holder itself: its own name, or another name that is bound to the same object where it is made. */
type Seed =
  | { readonly kind: 'variable'; readonly scope: Scope; readonly name: string; readonly level: number }
  | { readonly kind: 'attribute'; readonly scope: Scope | undefined; readonly name: string; readonly of: AttributeOf };

/**
 * Tells which expressions stand for the holder, through aliases, parameters, imports and inheritance.
 * The answer is how many subscripts lie below the holder's name: 0 for the name itself, 1 for `NAME[key]`.
 */
export interface Denotes {
  (node: Node): number | undefined;
  /** The parameters of functions through which the holder comes in, when some call passes something else. */
  isShared(scope: Scope, name: string): boolean;
  /** Whether a name is the holder's own, and not an alias that another value may take over. */
  isOwnName(node: Node): boolean;
  /** `push` after `push = self.items.append`: the method expression. */
  boundMethod(node: Node): Node | undefined;
}

/** Bounds on hostile files: beyond them an expression is taken as something else. */
const MOST_STEPS = 2_000_000;
const MOST_CIRCLES = 10_000;
const DEEPEST = 60;
const MOST_CALLS = 200;
const MOST_BINDINGS = 200;

interface Search {
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

export function findDenotes(
  program: Program,
  home: Home,
  contextVariable: boolean,
  keys: readonly (string | null)[] = [],
): Denotes {
  const search: Search = {
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
  // `items = []; self.items = items`: the other names of what the holder is made from.
  for (let round = 0; round < 3 && addOtherNames(search); round++) search.known.clear();
  search.known.clear();
  return Object.assign((node: Node) => levelOf(search, node), {
    isShared: (scope: Scope, name: string) => isShared(search, scope, name),
    isOwnName: (node: Node) => isOwnName(search, node),
    boundMethod: (node: Node) => boundMethod(search, node),
  });
}

function firstSeeds(home: Home, contextVariable: boolean): Seed[] {
  if (home.kind === 'variable') return [{ ...home, level: contextVariable ? -1 : 0 }];
  return home.kind === 'attribute' ? [home] : [];
}

function isUnique(program: Program, home: Home): boolean {
  if (home.kind !== 'attribute' || !home.scope) return false;
  const family = home.scope;
  const stores = program.attributeStores.get(home.name) ?? [];
  const owners = stores.map((store) => entityOf(program, store.target.children[0]));
  // `timer.items = True`: other objects use the name for something else.
  const otherwise = stores.some((store, at) => owners[at] === undefined && isScalar(store.value));
  const elsewhere = [...program.classes.values()]
    .flat()
    .some((scope) => scope.bindings.has(home.name) && !areRelated(program, scope, family));
  return (
    !elsewhere &&
    !otherwise &&
    owners.every(
      (owner) => owner?.kind !== 'module' && (owner === undefined || areRelated(program, owner.scope, family)),
    )
  );
}

/** A value that holds no elements. */
export const isScalar = (value: Node | undefined): boolean =>
  value !== undefined && /^(Boolean|Number|String|FormatString)$/.test(value.type);

/** Remembers answers, and breaks off circles and what is nested or linked beyond reason. */
function levelOf(search: Search, node: Node): number | undefined {
  if (search.known.has(node)) return search.known.get(node);
  if (++search.steps > MOST_STEPS || !node.scope) return undefined;
  if (search.busy.has(node) || search.depth > DEEPEST) {
    search.circles++;
    return undefined;
  }
  const before = search.circles;
  search.busy.add(node);
  search.depth++;
  const level = find(search, node, node.scope);
  search.depth--;
  search.busy.delete(node);
  // What was not found because of a circle may be found when it is asked for from outside; not for ever, though.
  if (level !== undefined || search.circles === before || search.circles > MOST_CIRCLES) search.known.set(node, level);
  return level;
}

function find(search: Search, node: Node, scope: Scope): number | undefined {
  switch (node.type) {
    case 'VariableName':
      return levelOfName(search, scope, textOf(search.program, node), node);
    case 'ParenthesizedExpression':
    case 'AwaitExpression':
    case 'NamedExpression':
      return node.children.length > 0 ? levelOf(search, node.children.at(-1)!) : undefined;
    case 'ConditionalExpression':
      return levelOf(search, node.children[0]!) ?? levelOf(search, node.children.at(-1)!);
    case 'BinaryExpression':
      return ['or', 'and'].includes(node.children[1]?.type ?? '')
        ? (levelOf(search, node.children[0]!) ?? levelOf(search, node.children.at(-1)!))
        : undefined;
    case 'MemberExpression':
      return isSubscript(node) ? levelOfSubscript(search, node) : levelOfMember(search, node);
    case 'CallExpression':
      return levelOfCall(search, node);
    default:
      return undefined;
  }
}

const oneDeeper = (level: number | undefined): number | undefined => (level === undefined ? undefined : level + 1);

function levelOfSubscript(search: Search, node: Node): number | undefined {
  // A slice is a copy.
  const level = isSlice(node) ? undefined : levelOf(search, node.children[0]!);
  return level === undefined || leadsElsewhere(search, node, level) ? undefined : level + 1;
}

/** Whether the subscript is another constant than the one under which the heap has the holder: `D['b']` is not `D['a']`. */
function leadsElsewhere(search: Search, node: Node, level: number): boolean {
  const wanted = search.keys[level];
  const [key, ...others] = subscriptOf(node);
  if (typeof wanted !== 'string' || key?.type !== 'String' || others.length > 0) return false;
  return /^(['"])(.*)\1$/s.exec(textOf(search.program, key))?.[2] !== wanted;
}

function levelOfName(search: Search, scope: Scope, name: string, at: Node | undefined): number | undefined {
  const found = lookUp(scope, name);
  // What the source does not bind (`import *`) is a variable of the module, if the heap says that there is one.
  const home = found?.scope ?? scope.root;
  const seed = search.seeds.find((each) => each.kind === 'variable' && each.scope === home && each.name === name);
  if (seed?.kind === 'variable') return seed.level;
  if (!found) return undefined;
  if (found.scope.kind === 'class' && isClassSeed(search, found, name)) return 0;
  for (const binding of reaching(found, scope, at)) {
    const level = levelOfBinding(search, found.scope, binding);
    if (level !== undefined) return level;
  }
  return undefined;
}

/** The attribute's name within the body of its class; for instances, what a dataclass makes from `field(…)`. */
function isClassSeed(search: Search, found: Found, name: string): boolean {
  const seed = search.seeds.find((each) => each.kind === 'attribute' && isAttribute(each.name, name, each.scope));
  if (seed?.kind !== 'attribute' || seed.scope !== found.scope) return false;
  const made = found.bindings.find((binding) => binding.kind === 'value');
  const isField =
    made?.kind === 'value' && /^(\w+\.)?(field|Field|Factory|ib)\(/.test(textOf(search.program, made.value));
  return seed.of === 'class' || isField;
}

/**
 * The bindings that a use may see: backwards from it, until one in a block around the use, which overwrites all before.
 * Names of other scopes: all bindings.
 */
function reaching(found: Found, scope: Scope, at: Node | undefined): Binding[] {
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
export function statementOf(node: Node): Node | undefined {
  let at: Node | undefined = node;
  while (at && !STATEMENT.test(at.type)) at = at.parent;
  return at;
}

function levelOfBinding(search: Search, scope: Scope, binding: Binding): number | undefined {
  switch (binding.kind) {
    case 'value':
      return levelOf(search, binding.value);
    case 'element':
      return levelOfElement(search, binding.value, binding.index, 0);
    case 'parameter':
      return levelOfParameter(search, scope, binding.parameter);
    case 'member':
      return levelOfImport(search, binding.module, binding.member);
    default:
      return undefined;
  }
}

const isForeign = (search: Search, module: string, name: string): boolean =>
  search.home.kind === 'foreign' && search.home.name === name && isModule(search.home.module, module);

/** Relative imports come without their dots. */
const isModule = (full: string, imported: string): boolean => full === imported || full.endsWith(`.${imported}`);

function levelOfImport(search: Search, module: string, member: string): number | undefined {
  if (isForeign(search, module, member)) return 0;
  const file = moduleFile(search.program, module);
  if (!file || search.busy.has(file.module)) {
    if (file) search.circles++;
    return undefined;
  }
  search.busy.add(file.module);
  const level = levelOfName(search, file.module, member, undefined);
  search.busy.delete(file.module);
  return level;
}

const COPIES = new Set(['list', 'tuple', 'reversed', 'sorted', 'iter', 'set']);

/** What a loop over an expression puts into its target. */
function levelOfElement(search: Search, iterable: Node, index: number | undefined, depth: number): number | undefined {
  if (iterable.type === 'CallExpression' && depth < 5) {
    const file = fileOf(search.program, iterable);
    const callee = iterable.children[0]!;
    const method = attributeOf(file, callee);
    if (method === 'values' && index === undefined) return oneDeeper(levelOf(search, callee.children[0]!));
    if (method === 'items' && index === 1) return oneDeeper(levelOf(search, callee.children[0]!));
    const first = argumentsOf(file, iterable)[0]?.value;
    const name = sourceText(file, callee);
    if (first && COPIES.has(name)) return levelOfElement(search, first, index, depth + 1);
    if (first && name === 'enumerate' && index === 1) return levelOfElement(search, first, undefined, depth + 1);
  }
  return index === undefined ? oneDeeper(levelOf(search, iterable)) : undefined;
}

function levelOfParameter(search: Search, scope: Scope, parameter: Parameter): number | undefined {
  const given = parameter.default ? levelOf(search, parameter.default) : undefined;
  if (given !== undefined || parameter.star !== '') return given;
  for (const value of passedTo(search, scope, parameter)) {
    const level = levelOf(search, value);
    if (level !== undefined) return level;
  }
  return undefined;
}

/** What the calls in these files pass for a parameter. */
function passedTo(search: Search, scope: Scope, parameter: Parameter): Node[] {
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
    const position = scope.parameters.indexOf(parameter) - bound;
    const given = argumentsOf(fileOf(program, call), call);
    const plain = given.findIndex((each) => each.star || each.name !== undefined);
    const value =
      given.find((each) => each.name === parameter.name)?.value ??
      (position >= 0 && (plain < 0 || position < plain) ? given[position]?.value : undefined);
    if (value) found.push(value);
  }
  search.passed.set(parameter, found);
  return found;
}

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

function levelOfMember(search: Search, node: Node): number | undefined {
  const { program } = search;
  const file = fileOf(program, node);
  const name = attributeOf(file, node);
  if (name === undefined) return undefined;
  const mayBeSeed = search.seeds.some((seed) => seed.kind === 'attribute' && isAttribute(seed.name, name, seed.scope));
  const mayBeElsewhere =
    program.attributeStores.has(name) ||
    program.functions.has(name) ||
    program.files.some((each) => each.module.bindings.has(name));
  if (!mayBeSeed && !mayBeElsewhere && !isForeignName(search, name)) return undefined;
  const base = entityOf(program, node.children[0]);
  if (base?.kind === 'module') return levelOfImport(search, base.name, name);
  if (mayBeSeed && isSeedAttribute(search, node, name, base)) return 0;
  if (base?.kind !== 'instance' && base?.kind !== 'class') return undefined;
  return levelOfProperty(search, base.scope, name) ?? levelOfStored(search, node, base.scope, name);
}

const isForeignName = (search: Search, name: string) => search.home.kind === 'foreign' && search.home.name === name;

/** `__items` in class `Box` is kept as `_Box__items`. */
function isAttribute(kept: string, written: string, scope: Scope | undefined): boolean {
  if (kept === written) return true;
  const mangled = written.startsWith('__') && !written.endsWith('__') && kept.endsWith(written);
  return mangled && (scope === undefined || kept.startsWith('_'));
}

function isSeedAttribute(search: Search, node: Node, name: string, base: Entity | undefined): boolean {
  return search.seeds.some((seed) => {
    if (seed.kind !== 'attribute' || !isAttribute(seed.name, name, seed.scope)) return false;
    if (seed.of === 'any') return base === undefined;
    if (base === undefined) return search.uniqueName && seed.scope !== undefined && !isLibrary(search, node);
    if (base.kind === 'module' || base.kind === 'function' || !seed.scope) return false;
    if (!areRelated(search.program, base.scope, seed.scope)) return false;
    if (seed.of === 'instance') return base.kind === 'instance';
    return base.kind === 'class' || !isShadowed(search, seed.scope, name);
  });
}

/** `os.environ`, `json.x`: an import that leads out of these files is no object of unknown class. */
function isLibrary(search: Search, node: Node): boolean {
  let base = node;
  while (base.type === 'MemberExpression') base = base.children[0]!;
  return entityOf(search.program, base)?.kind === 'module';
}

/** Whether instances get an attribute of their own, so that `self.name` is no longer the class's. */
function isShadowed(search: Search, scope: Scope, name: string): boolean {
  return (search.program.attributeStores.get(name) ?? []).some((store) => {
    const owner = entityOf(search.program, store.target.children[0]);
    return owner?.kind === 'instance' && areRelated(search.program, owner.scope, scope);
  });
}

function levelOfProperty(search: Search, scope: Scope, name: string): number | undefined {
  const method = findInClass(search.program, scope, name);
  if (method?.kind !== 'function') return undefined;
  const isProperty = ['property', 'cached_property'].some((each) => isDecorated(search.program, method.scope, each));
  return isProperty ? levelOfReturned(search, method.scope) : undefined;
}

function levelOfReturned(search: Search, scope: Scope): number | undefined {
  for (const value of returnedBy(search.program, scope).slice(0, 20)) {
    const level = levelOf(search, value);
    if (level !== undefined) return level;
  }
  return undefined;
}

/** An attribute that was set to the holder: `self.sink = RESULTS`. */
function levelOfStored(search: Search, node: Node, scope: Scope, name: string): number | undefined {
  for (const store of (search.program.attributeStores.get(name) ?? []).slice(0, MOST_CALLS)) {
    if (!store.value || store.target === node) continue;
    const owner = entityOf(search.program, store.target.children[0]);
    if (!owner || owner.kind === 'module' || !areRelated(search.program, owner.scope, scope)) continue;
    const level = levelOf(search, store.value);
    if (level !== undefined) return level;
  }
  for (const each of ancestry(search.program, scope)) {
    const binding = each.bindings.get(name)?.at(-1);
    const level = binding?.kind === 'value' ? levelOf(search, binding.value) : undefined;
    if (level !== undefined) return level;
  }
  return undefined;
}

function levelOfCall(search: Search, node: Node): number | undefined {
  const { program } = search;
  const file = fileOf(program, node);
  const callee = node.children[0]!;
  const method = attributeOf(file, callee);
  if (method === 'get' || method === 'setdefault' || method === '__getitem__') {
    const level = levelOf(search, callee.children[0]!);
    if (level !== undefined) return level + 1;
  }
  const name = sourceText(file, callee);
  if (name === 'getattr') return levelOfGetattr(search, node);
  if (name === 'cast' || name === 'typing.cast') {
    const value = argumentsOf(file, node)[1]?.value;
    return value && levelOf(search, value);
  }
  if (!program.functions.has(method ?? name)) return undefined;
  const entity = entityOf(program, callee);
  return entity?.kind === 'function' ? levelOfReturned(search, entity.scope) : undefined;
}

function levelOfGetattr(search: Search, call: Node): number | undefined {
  const file = fileOf(search.program, call);
  const [object, name] = argumentsOf(file, call);
  if (!object || name?.value.type !== 'String') return undefined;
  const written = sourceText(file, name.value).slice(1, -1);
  const base = entityOf(search.program, object.value);
  return base && isSeedAttribute(search, call, written, base) ? 0 : undefined;
}

/**
 * Adds the names that the holder is made from. Only where it is made (module level, class body, `__init__`):
 * elsewhere `self.items = rest` puts another container in its place.
 */
function addOtherNames(search: Search): boolean {
  const before = search.seeds.length;
  const names = new Set(search.seeds.map((seed) => seed.name));
  for (const file of search.program.files)
    for (const store of file.stores) {
      const name = attributeOf(file, store.target) ?? sourceText(file, store.target);
      if (!store.value || search.seeds.length > 20 || ![...names].some((each) => each.endsWith(name))) continue;
      if (!isMaking(store.target.scope!)) continue;
      if (levelOf(search, store.target) === 0) addSeed(search, store.value, 0);
    }
  if (search.home.kind === 'variable') addImportedName(search, search.home);
  return search.seeds.length > before;
}

const MAKERS = new Set(['__init__', '__new__', '__post_init__', '__setstate__', '__set_name__', 'setUp']);
export const isMaking = (scope: Scope): boolean =>
  scope.kind === 'module' || scope.kind === 'class' || (classOfMethod(scope) !== undefined && MAKERS.has(scope.name));

/** The heap may name a variable by the module that imported it. */
function addImportedName(search: Search, home: Home & { kind: 'variable' }): void {
  for (const binding of home.scope.bindings.get(home.name) ?? []) {
    if (binding.kind !== 'member') continue;
    const file = moduleFile(search.program, binding.module);
    if (file?.module.bindings.has(binding.member)) addVariable(search, file.module, binding.member);
  }
}

const isVariableSeed = (search: Search, scope: Scope, name: string): boolean =>
  search.seeds.some((seed) => seed.kind === 'variable' && seed.scope === scope && seed.name === name);

function addVariable(search: Search, scope: Scope, name: string): void {
  if (!isVariableSeed(search, scope, name)) search.seeds.push({ kind: 'variable', scope, name, level: 0 });
}

function addSeed(search: Search, value: Node, depth: number): void {
  if (depth > 3) return;
  if (value.type === 'BinaryExpression' && value.children[1]?.type === 'or')
    return addSeed(search, value.children[0]!, depth + 1);
  if (value.type === 'ConditionalExpression') {
    addSeed(search, value.children[0]!, depth + 1);
    return addSeed(search, value.children.at(-1)!, depth + 1);
  }
  if (value.type === 'VariableName') return addVariableSeed(search, value, depth);
  const name = attributeOf(fileOf(search.program, value), value);
  const base = name === undefined ? undefined : entityOf(search.program, value.children[0]);
  if (name !== undefined && (base?.kind === 'instance' || base?.kind === 'class'))
    search.seeds.push({ kind: 'attribute', scope: base.scope, name, of: base.kind });
}

function addVariableSeed(search: Search, value: Node, depth: number): void {
  const name = textOf(search.program, value);
  const found = lookUp(value.scope, name);
  if (!found || isVariableSeed(search, found.scope, name)) return;
  const bindings = found.bindings.slice(0, MOST_BINDINGS);
  if (bindings.some((binding) => ['function', 'class', 'module', 'element'].includes(binding.kind))) return;
  addVariable(search, found.scope, name);
  const parameter = bindings.find((binding) => binding.kind === 'parameter');
  if (!parameter) return;
  const passed = passedTo(search, found.scope, parameter.parameter);
  // Many callers pass many containers; which of them is the holder cannot be told.
  if (passed.length <= 3) for (const each of passed) addSeed(search, each, depth + 1);
}

function isShared(search: Search, scope: Scope, name: string): boolean {
  const found = lookUp(scope, name);
  const parameter = found?.bindings.find((binding) => binding.kind === 'parameter');
  if (!found || !parameter) return false;
  if (search.seeds.some((seed) => seed.kind === 'variable' && seed.scope === found.scope && seed.name === name))
    return search.home.kind !== 'variable' || search.home.scope !== found.scope;
  const owner = classOfMethod(found.scope);
  if (owner && found.scope.parameters[0] === parameter.parameter) return false;
  return passedTo(search, found.scope, parameter.parameter).some((value) => levelOf(search, value) === undefined);
}

function isOwnName(search: Search, node: Node): boolean {
  if (node.type !== 'VariableName') return node.type === 'MemberExpression';
  const name = textOf(search.program, node);
  const found = lookUp(node.scope, name);
  if (found?.scope.kind === 'class') return isClassSeed(search, found, name);
  return search.seeds.some((seed) => seed.kind === 'variable' && seed.scope === found?.scope && seed.name === name);
}

function boundMethod(search: Search, node: Node): Node | undefined {
  const found = lookUp(node.scope, textOf(search.program, node));
  if (!found || !node.scope) return undefined;
  const binding = reaching(found, node.scope, node)[0];
  const value = binding?.kind === 'value' ? binding.value : undefined;
  const isMethod = value && attributeOf(fileOf(search.program, value), value) !== undefined;
  return isMethod && levelOf(search, value.children[0]!) !== undefined ? value : undefined;
}
