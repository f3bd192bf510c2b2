import { isAttribute } from './attributes.ts';
import type { Home } from './locate.ts';
import { addOtherNames } from './other-names.ts';
import {
  ancestry,
  areRelated,
  argumentsOf,
  attributeOf,
  classOfMethod,
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
import { reaching } from './reaching.ts';
import { type Binding, lookUp, type Parameter, type Scope } from './scopes.ts';
import { isClassSeed, isSeedAttribute, isVariableSeed, passedTo, type Search, startSearch } from './search.ts';
import type { Node } from './syntax.ts';

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
const MOST_STORES = 200;

export function findDenotes(
  program: Program,
  home: Home,
  contextVariable: boolean,
  keys: readonly (string | null)[] = [],
): Denotes {
  const search = startSearch(program, home, contextVariable, keys);
  // `items = []; self.items = items`: the other names of what the holder is made from.
  for (let round = 0; round < 3 && addOtherNames(search); round++) search.known.clear();
  search.known.clear();
  return Object.assign((node: Node) => levelOf(search, node), {
    isShared: (scope: Scope, name: string) => isShared(search, scope, name),
    isOwnName: (node: Node) => isOwnName(search, node),
    boundMethod: (node: Node) => boundMethod(search, node),
  });
}

/** Remembers answers, and breaks off circles and what is nested or linked beyond reason. */
export function levelOf(search: Search, node: Node): number | undefined {
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
  if (typeof wanted !== 'string' || key === undefined || others.length > 0) return false;
  // No name begins with a digit: that is a place in a tuple.
  if (/^\d/.test(wanted)) return key.type === 'Number' && textOf(search.program, key) !== wanted;
  if (key.type !== 'String') return false;
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
  if (!mayBeSeed && !mayBeElsewhere && !(search.home.kind === 'foreign' && search.home.name === name)) return undefined;
  const base = entityOf(program, node.children[0]);
  if (base?.kind === 'module') return levelOfImport(search, base.name, name);
  if (mayBeSeed && isSeedAttribute(search, node, name, base)) return 0;
  if (base?.kind !== 'instance' && base?.kind !== 'class') return undefined;
  return levelOfProperty(search, base.scope, name) ?? levelOfStored(search, node, base.scope, name);
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
  for (const store of (search.program.attributeStores.get(name) ?? []).slice(0, MOST_STORES)) {
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

function isShared(search: Search, scope: Scope, name: string): boolean {
  const found = lookUp(scope, name);
  const parameter = found?.bindings.find((binding) => binding.kind === 'parameter');
  if (!found || !parameter) return false;
  if (isVariableSeed(search, found.scope, name))
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
  return found !== undefined && isVariableSeed(search, found.scope, name);
}

function boundMethod(search: Search, node: Node): Node | undefined {
  const found = lookUp(node.scope, textOf(search.program, node));
  if (!found || !node.scope) return undefined;
  const binding = reaching(found, node.scope, node)[0];
  const value = binding?.kind === 'value' ? binding.value : undefined;
  const isMethod = value && attributeOf(fileOf(search.program, value), value) !== undefined;
  return isMethod && levelOf(search, value.children[0]!) !== undefined ? value : undefined;
}
