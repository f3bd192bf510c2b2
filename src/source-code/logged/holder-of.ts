import { callsFunction, givenFor } from '../calls.ts';
import {
  ancestry,
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
} from '../program.ts';
import { reaching } from '../reaching.ts';
import { type Binding, type Found, lookUp, type Parameter, type Scope } from '../scopes.ts';
import { ancestor, isWithin, type Node } from '../syntax.ts';
import type { Held } from '../types.ts';
import { containerTypeOf, elementTypeOf } from './container-type.ts';
import { textOfLiteral } from './string-text.ts';

const DEEPEST = 12;
const MOST_CALLERS = 3;

/**
 * The container that an expression stands for, named as the heap would name it. Aliases, parameters with one caller, properties and views
 * (`X.values()`) are followed. Undefined where the source does not tell, or where it is a fresh one each time.
 */
export function heldBy(program: Program, node: Node | undefined, depth = 0): Held | undefined {
  if (!node || depth > DEEPEST) return undefined;
  const answers = known.get(program) ?? new Map<Node, Held | undefined>();
  known.set(program, answers);
  if (answers.has(node)) return answers.get(node);
  // Known as nothing while it is looked for: that ends circles, and what is linked beyond reason.
  answers.set(node, undefined);
  const held = find(program, node, depth);
  answers.set(node, held);
  return held;
}

const known = new WeakMap<Program, Map<Node, Held | undefined>>();

function find(program: Program, node: Node, depth: number): Held | undefined {
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'NamedExpression':
    case 'AwaitExpression':
      return heldBy(program, node.children.at(-1), depth + 1);
    case 'BinaryExpression':
      return node.children[1]?.type === 'or' ? heldBy(program, node.children[0], depth + 1) : undefined;
    case 'ConditionalExpression':
      return heldBy(program, node.children[0], depth + 1) ?? heldBy(program, node.children.at(-1), depth + 1);
    case 'VariableName':
      return heldByName(program, node, depth);
    case 'MemberExpression':
      return isSubscript(node) ? heldBySubscript(program, node, depth) : heldByMember(program, node, depth);
    case 'CallExpression':
      return heldByCall(program, node, depth);
    default:
      return undefined;
  }
}

const VIEWS = new Set(['keys', 'values', 'items', 'copy']);
const COPIES = new Set(['list', 'tuple', 'set', 'sorted', 'dict', 'frozenset', 'reversed', 'iter']);

function heldByCall(program: Program, node: Node, depth: number): Held | undefined {
  const file = fileOf(program, node);
  const callee = node.children[0]!;
  const method = attributeOf(file, callee);
  const given = argumentsOf(file, node);
  if (method !== undefined && VIEWS.has(method) && given.length === 0)
    return heldBy(program, callee.children[0], depth + 1);
  if (method === undefined && given.length > 0 && COPIES.has(sourceText(file, callee)))
    return heldBy(program, given[0]!.value, depth + 1);
  if (method === 'get' && given[0]) return deeper(program, callee.children[0]!, given[0].value, depth);
  if (sourceText(file, callee) === 'getattr') return undefined;
  const called = entityOf(program, callee);
  return called?.kind === 'function' ? returnedHeld(program, called.scope, depth) : undefined;
}

function returnedHeld(program: Program, scope: Scope, depth: number): Held | undefined {
  const values = returnedBy(program, scope);
  return values.length === 1 ? heldBy(program, values[0], depth + 1) : undefined;
}

const heldBySubscript = (program: Program, node: Node, depth: number): Held | undefined =>
  isSlice(node) ? undefined : deeper(program, node.children[0]!, subscriptOf(node)[0], depth);

/** `X[key]`, `X.get(key)`: a container in a container. */
function deeper(program: Program, outer: Node, key: Node | undefined, depth: number): Held | undefined {
  const held = heldBy(program, outer, depth + 1);
  if (!held || !key) return undefined;
  const constant = key.type === 'String' ? textOfLiteral(textOf(program, key)) : null;
  return heldWithin(program, held, constant);
}

/** A container that lies in another one, under a constant key or any (null). */
export function heldWithin(program: Program, held: Held, key: string | null): Held {
  const site = { ...held.site, depth: held.site.depth + 1, keys: [...(held.site.keys ?? []), key] };
  return { ...held, type: elementTypeOf(program, held, key) ?? 'object', site };
}

function heldByMember(program: Program, node: Node, depth: number): Held | undefined {
  const file = fileOf(program, node);
  const name = attributeOf(file, node);
  if (name === undefined) return undefined;
  const base = entityOf(program, node.children[0]);
  if (base?.kind === 'module') return base.file ? heldInModule(program, base.file.module, name, depth) : undefined;
  if (base?.kind === 'instance' || base?.kind === 'class')
    return heldInClass(program, base.scope, base.kind, name, depth);
  return base === undefined ? heldByUniqueName(program, name, depth) : undefined;
}

function heldInClass(program: Program, scope: Scope, of: 'instance' | 'class', name: string, depth: number) {
  const method = findInClass(program, scope, name);
  if (method?.kind === 'function') {
    const isProperty = ['property', 'cached_property'].some((each) => isDecorated(program, method.scope, each));
    return isProperty ? returnedHeld(program, method.scope, depth) : cachedFunction(program, method.scope);
  }
  const values = attributeValues(program, scope, name);
  // Another name of a container that is made elsewhere: `self.cache = CACHE`, `self.cache = cache`.
  const alias = depth < 6 ? aliasOf(program, values, depth) : undefined;
  if (alias) return alias;
  const own = ownerOf(program, scope, name);
  const isShared = own?.shared && (of === 'class' || !own.stored);
  return asHeld(program, isShared ? 'class-attribute' : 'instance-attribute', own?.scope ?? scope, name, values);
}

/** A name or an attribute that is the only value: then that is the holder. */
function aliasOf(program: Program, values: readonly Node[], depth: number): Held | undefined {
  const made = values.filter((value) => value.type !== 'None');
  const only = made.length === 1 ? made[0]! : undefined;
  if (!only || !/^(VariableName|MemberExpression)$/.test(only.type)) return undefined;
  return heldBy(program, only, depth + 1);
}

/** What an attribute is set to, in the class's body and through its instances. */
export function attributeValues(program: Program, scope: Scope, name: string): Node[] {
  const family = ancestry(program, scope);
  const stored = (program.attributeStores.get(name) ?? []).slice(0, 100).flatMap(({ target, value }) => {
    const owner = entityOf(program, target.children[0]);
    return value && owner && owner.kind !== 'module' && family.has(owner.scope) ? [value] : [];
  });
  return [...stored, ...[...family].flatMap((each) => valuesIn(each.bindings.get(name) ?? []))];
}

const valuesIn = (bindings: readonly Binding[]): Node[] =>
  bindings.flatMap((each) => (each.kind === 'value' ? [each.value] : []));

/** The class of the family whose body or methods set the attribute; `shared`: in its body, `stored`: on instances too. */
function ownerOf(program: Program, scope: Scope, name: string) {
  const family = [...ancestry(program, scope)];
  const stored = (program.attributeStores.get(name) ?? []).some(({ target }) => {
    const owner = entityOf(program, target.children[0]);
    return owner?.kind === 'instance' && family.includes(owner.scope);
  });
  const body = family.find((each) => valuesIn(each.bindings.get(name) ?? []).length > 0);
  const isField =
    body &&
    valuesIn(body.bindings.get(name) ?? []).some((value) =>
      /(^|\.)(field|Field|Factory|ib)\(/.test(textOf(program, value).slice(0, 60)),
    );
  if (body && !isField && !stored) return { scope: body, shared: true, stored };
  return { scope, shared: body !== undefined && !isField, stored: stored || isField === true };
}

/** `worker.items`, where nobody knows what `worker` is: the one class that sets such an attribute. */
function heldByUniqueName(program: Program, name: string, depth: number): Held | undefined {
  const owners = new Set<Scope>();
  for (const { target } of (program.attributeStores.get(name) ?? []).slice(0, 50)) {
    const owner = entityOf(program, target.children[0]);
    if (owner?.kind === 'instance') owners.add(owner.scope);
  }
  const [only] = owners;
  return only && owners.size === 1 ? heldInClass(program, only, 'instance', name, depth + 1) : undefined;
}

function heldByName(program: Program, node: Node, depth: number): Held | undefined {
  const name = textOf(program, node);
  const found = lookUp(node.scope, name);
  if (!found || !node.scope) return undefined;
  if (found.scope.kind === 'module') return heldInModule(program, found.scope, name, depth);
  if (found.scope.kind === 'class')
    return asHeld(program, 'class-attribute', found.scope, name, valuesIn(found.bindings));
  return heldInFunction(program, node, name, found, depth);
}

function heldInModule(program: Program, module: Scope, name: string, depth: number): Held | undefined {
  const bindings = module.bindings.get(name) ?? [];
  const last = bindings.at(-1);
  if (last?.kind === 'member') {
    const file = moduleFile(program, last.module);
    return file && depth < DEEPEST ? heldInModule(program, file.module, last.member, depth + 1) : undefined;
  }
  if (last?.kind === 'function') return cachedFunction(program, last.scope);
  const values = valuesIn(bindings);
  if (values.length === 0) return undefined;
  return aliasOf(program, values, depth) ?? asHeld(program, 'module-variable', module, name, values);
}

const CACHES = ['lru_cache', 'cache', 'cached', 'memoize'];

function cachedFunction(program: Program, scope: Scope): Held | undefined {
  if (!CACHES.some((name) => isDecorated(program, scope, name))) return undefined;
  return {
    kind: 'cache-decorator',
    type: '_lru_cache_wrapper',
    site: {
      ...homeOf(program, scope),
      functionName: scope.qualifiedName,
      functionFile: program.fileOf.get(scope.root)!.source.path,
      depth: 0,
    },
  };
}

function heldInFunction(program: Program, node: Node, name: string, found: Found, depth: number): Held | undefined {
  const bindings = reaching(found, node.scope!, node);
  const parameter = bindings.find((each) => each.kind === 'parameter');
  if (parameter?.kind === 'parameter') return heldByParameter(program, found.scope, parameter.parameter, depth);
  const element = bindings.find((each) => each.kind === 'element');
  if (element?.kind === 'element') return heldByElement(program, element, depth);
  const values = valuesIn(bindings);
  const alias =
    values.length === 1 && values[0]!.type !== 'CallExpression' ? heldBy(program, values[0], depth + 1) : undefined;
  if (alias) return alias;
  const all = valuesIn(found.bindings);
  if (containerTypeOf(program, all) === undefined) {
    const call = values.length === 1 ? heldBy(program, values[0], depth + 1) : undefined;
    if (call) return call;
  }
  if (all.length === 0) return undefined;
  const isClosed = found.scope !== functionOf(node.scope!);
  if (!isClosed && !outlivesLoop(node, found)) return undefined;
  return asHeld(program, isClosed ? 'closure' : 'local', found.scope, name, all);
}

const LOOPS = new Set(['ForStatement', 'WhileStatement']);

/** Whether a loop in which the variable is spoken of goes on with the same container: else it is a batch, which goes with its function. */
function outlivesLoop(node: Node, { scope, bindings }: Found): boolean {
  const made = bindings.filter(({ kind }) => kind === 'value');
  for (let loop = ancestor(node, LOOPS, scope.node); loop; loop = ancestor(loop, LOOPS, scope.node)) {
    const around = loop;
    if (!made.some((binding) => isWithin(binding.node, around))) return true;
  }
  return false;
}

function functionOf(scope: Scope): Scope {
  let at = scope;
  while ((at.kind === 'comprehension' || at.kind === 'lambda') && at.parent) at = at.parent;
  return at;
}

/** What a few calls pass, where it is the same holder. */
function heldByParameter(program: Program, scope: Scope, parameter: Parameter, depth: number): Held | undefined {
  const passed = argumentsFor(program, scope, parameter);
  const held = passed.slice(0, MOST_CALLERS + 1).map((value) => heldBy(program, value, depth + 2));
  const [first] = held;
  const isSame = held.every((each) => each && JSON.stringify(each.site) === JSON.stringify(first?.site));
  if (first && isSame) return first;
  const isMutable = parameter.default && containerTypeOf(program, [parameter.default]) !== undefined;
  return isMutable && passed.length === 0
    ? asHeld(program, 'default-argument', scope, parameter.name, [parameter.default!])
    : undefined;
}

/** What the calls in these files give for a parameter; more than a few are not looked at. */
export function argumentsFor(program: Program, scope: Scope, parameter: Parameter): Node[] {
  if (scope.kind !== 'function') return [];
  const owner = classOfMethod(scope);
  const names = owner && /^__(init|new)__$/.test(scope.name) ? [owner.name, scope.name] : [scope.name];
  return names
    .flatMap((name) => program.calls.get(name) ?? [])
    .slice(0, 100)
    .flatMap((call) => {
      const bound = callsFunction(program, call, scope);
      const value = bound === undefined ? undefined : givenFor(program, call, scope, parameter, bound);
      return value ? [value] : [];
    });
}

/** `for name, cache in self.caches.items()`: what lies in the container. */
function heldByElement(
  program: Program,
  { value, index }: Binding & { kind: 'element' },
  depth: number,
): Held | undefined {
  const method = value.type === 'CallExpression' ? attributeOf(fileOf(program, value), value.children[0]!) : undefined;
  if (method === 'items' && index !== 1) return undefined;
  if (method === 'values' || method === 'items' || index === undefined) {
    const held = heldBy(program, value, depth + 1);
    return held && heldWithin(program, held, null);
  }
  return undefined;
}

function homeOf(program: Program, scope: Scope) {
  const { source } = program.fileOf.get(scope.root)!;
  return { ...(source.module === undefined ? {} : { module: source.module }), file: source.path };
}

function asHeld(
  program: Program,
  kind: Held['kind'],
  scope: Scope,
  name: string,
  values: readonly Node[],
): Held | undefined {
  const type = containerTypeOf(program, values);
  if (type === 'scalar') return undefined;
  const home = homeOf(program, scope);
  const isInFunction = kind === 'local' || kind === 'closure' || kind === 'default-argument';
  const place = isInFunction
    ? { functionName: scope.qualifiedName, functionFile: home.file }
    : scope.kind === 'class'
      ? { className: scope.qualifiedName }
      : {};
  return { kind, type: type ?? 'object', site: { ...home, ...place, name: mangled(scope, name), depth: 0 } };
}

/** The heap has private names as the class keeps them. */
const mangled = (scope: Scope, name: string): string =>
  scope.kind === 'class' && name.startsWith('__') && !name.endsWith('__')
    ? `_${scope.name.replace(/^_+/, '')}${name}`
    : name;
