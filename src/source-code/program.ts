import { type Binding, findScopes, lookUp, type Scope, type Store } from './scopes.ts';
import { lineAt, lineStarts, type Node, parse, type Syntax } from './syntax.ts';
import type { SourceFile } from './types.ts';

/** A parsed file with its namespaces. */
export interface PythonFile extends Syntax {
  readonly source: SourceFile;
  readonly module: Scope;
  readonly scopes: readonly Scope[];
  readonly stores: readonly Store[];
  readonly lines: readonly number[];
}

/** Several files that are searched together. */
export interface Program {
  readonly files: readonly PythonFile[];
  readonly fileOf: ReadonlyMap<Scope, PythonFile>;
  /** Functions, classes and calls by their last name: `f` for `f()`, `a.f()`. */
  readonly functions: ReadonlyMap<string, readonly Scope[]>;
  readonly classes: ReadonlyMap<string, readonly Scope[]>;
  readonly calls: ReadonlyMap<string, readonly Node[]>;
  /** Assignments to an attribute, by its name. */
  readonly attributeStores: ReadonlyMap<string, readonly Store[]>;
  /** Classes with their bases, as far as they were asked for. */
  readonly ancestries: Map<Scope, ReadonlySet<Scope>>;
  /** What expressions stand for, as far as it was asked for. */
  readonly entities: Map<Node, Entity | undefined>;
}

/** A source file is parsed once for all the holders that are looked for in it. */
const parsed = new WeakMap<SourceFile, PythonFile>();

export function readFile(source: SourceFile): PythonFile {
  const known = parsed.get(source);
  if (known) return known;
  const syntax = parse(source.text);
  const { module, all, stores } = findScopes(syntax);
  const file = { ...syntax, source, module, scopes: all, stores, lines: lineStarts(source.text) };
  parsed.set(source, file);
  return file;
}

export function readProgram(sources: readonly SourceFile[]): Program {
  const files = sources.map(readFile);
  const program = {
    files,
    fileOf: new Map(files.map((file) => [file.module, file])),
    functions: new Map<string, Scope[]>(),
    classes: new Map<string, Scope[]>(),
    calls: new Map<string, Node[]>(),
    attributeStores: new Map<string, Store[]>(),
    ancestries: new Map<Scope, ReadonlySet<Scope>>(),
    entities: new Map<Node, Entity | undefined>(),
  };
  for (const file of files) {
    for (const scope of file.scopes) {
      if (scope.kind === 'function') push(program.functions, scope.name, scope);
      if (scope.kind === 'class') push(program.classes, scope.name, scope);
    }
    for (const node of file.nodes) if (node.type === 'CallExpression') push(program.calls, lastName(file, node), node);
    for (const store of file.stores) {
      const name = attributeOf(file, store.target);
      if (name !== undefined) push(program.attributeStores, name, store);
    }
  }
  return program;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const found = map.get(key);
  if (found) found.push(value);
  else map.set(key, [value]);
}

export const sourceText = (file: Syntax, node: Node): string => file.text.slice(node.from, node.to);
export const fileOf = (program: Program, node: Node): PythonFile => program.fileOf.get(node.scope!.root)!;
export const textOf = (program: Program, node: Node): string => sourceText(fileOf(program, node), node);
export const lineOf = (file: PythonFile, offset: number): number => lineAt(file.lines, offset);

/** The `name` of `object.name`; undefined for a subscript and anything else. */
export function attributeOf(file: Syntax, node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const last = node.children.at(-1);
  return last?.type === 'PropertyName' ? sourceText(file, last) : undefined;
}

export const isSubscript = (node: Node): boolean => node.type === 'MemberExpression' && node.children[1]?.type === '[';
/** Between the brackets; a slice keeps its colons. */
export const subscriptOf = (node: Node): Node[] => node.children.slice(2).filter((each) => each.type !== ']');
export const isSlice = (node: Node): boolean =>
  isSubscript(node) && subscriptOf(node).some((each) => each.type === ':');

function lastName(file: Syntax, call: Node): string {
  const callee = call.children[0]!;
  return callee.type === 'VariableName' ? sourceText(file, callee) : (attributeOf(file, callee) ?? '');
}

export interface Argument {
  readonly value: Node;
  readonly name: string | undefined;
  readonly star: boolean;
}

const knownArguments = new WeakMap<Node, Argument[]>();

/** The arguments of a call, in order. */
export function argumentsOf(file: Syntax, call: Node): Argument[] {
  const known = knownArguments.get(call);
  if (known) return known;
  const found = readArguments(file, call);
  knownArguments.set(call, found);
  return found;
}

function readArguments(file: Syntax, call: Node): Argument[] {
  const list = call.children.find((each) => each.type === 'ArgList');
  if (!list || list.children.some((each) => each.type === 'for')) return [];
  const found: Argument[] = [];
  let part: Node[] = [];
  const end = () => {
    const value = part.at(-1);
    const named = part[1]?.type === 'AssignOp' && sourceText(file, part[1]) === '=';
    const star = part[0]?.type === '*' || part[0]?.type === '**';
    if (value) found.push({ value, name: named ? sourceText(file, part[0]!) : undefined, star });
    part = [];
  };
  for (const each of list.children) {
    if (each.type === ',') end();
    else part.push(each);
  }
  end();
  return found;
}

const pathWithoutEnding = (path: string) => path.replace(/\.pyw?$/, '').replace(/\/__init__$/, '');

/** The file of a module as an import names it. Relative imports come without their dots, so a suffix is enough; the best match wins. */
export function moduleFile(program: Program, name: string): PythonFile | undefined {
  if (name === '') return undefined;
  const exact = program.files.find((file) => file.source.module === name);
  if (exact) return exact;
  const tail = `/${name.replaceAll('.', '/')}`;
  return (
    program.files.find((file) => `/${pathWithoutEnding(file.source.path)}`.endsWith(tail)) ??
    program.files.find((file) => file.source.module?.endsWith(`.${name}`))
  );
}

/** What a name means, as far as the source tells. */
export type Entity =
  | { readonly kind: 'module'; readonly name: string; readonly file: PythonFile | undefined }
  | { readonly kind: 'class' | 'instance' | 'function'; readonly scope: Scope };

const DEEPEST = 30;

/** The module, class, function or instance that an expression stands for; undefined where the source does not tell. */
export function entityOf(program: Program, node: Node | undefined, depth = 0): Entity | undefined {
  if (!node || depth > DEEPEST || !node.scope) return undefined;
  if (program.entities.has(node)) return program.entities.get(node);
  // Known as nothing while it is looked for: that ends circles.
  program.entities.set(node, undefined);
  const entity = findEntity(program, node, node.scope, depth);
  program.entities.set(node, entity);
  return entity;
}

function findEntity(program: Program, node: Node, scope: Scope, depth: number): Entity | undefined {
  const file = fileOf(program, node);
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'AwaitExpression':
    case 'NamedExpression':
      return entityOf(program, node.children.at(-1), depth + 1);
    case 'BinaryExpression':
      // `given or Default()`
      return node.children[1]?.type === 'or' ? entityOf(program, node.children[2], depth + 1) : undefined;
    case 'VariableName':
      return entityOfName(program, scope, sourceText(file, node), depth);
    case 'String':
      return entityOfName(program, scope, sourceText(file, node).slice(1, -1), depth);
    case 'MemberExpression':
      return entityOfMember(program, file, node, depth);
    case 'CallExpression':
      return entityOfCall(program, file, node, depth);
    default:
      return undefined;
  }
}

/** The class in whose body a method's `def` stands. */
export const classOfMethod = (scope: Scope): Scope | undefined =>
  scope.kind === 'function' && scope.parent?.kind === 'class' ? scope.parent : undefined;

const decoratorNames = (file: Syntax, scope: Scope): string[] =>
  scope.node.parent?.type === 'DecoratedStatement'
    ? scope.node.parent.children
        .filter((each) => each.type === 'Decorator')
        .map((each) => sourceText(file, each).replace(/^@\s*/, '').split('(')[0]!.trim())
    : [];

export const isDecorated = (program: Program, scope: Scope, name: string): boolean =>
  decoratorNames(program.fileOf.get(scope.root)!, scope).some((each) => each === name || each.endsWith(`.${name}`));

function entityOfName(program: Program, scope: Scope, name: string, depth: number): Entity | undefined {
  // A package that imports from itself goes round in names, not in nodes.
  if (depth > DEEPEST) return undefined;
  const found = lookUp(scope, name);
  if (!found) return undefined;
  for (const binding of [...found.bindings.slice(-50)].reverse()) {
    const entity = entityOfBinding(program, found.scope, binding, depth + 1);
    if (entity) return entity;
  }
  return undefined;
}

function entityOfBinding(program: Program, scope: Scope, binding: Binding, depth: number): Entity | undefined {
  switch (binding.kind) {
    case 'function':
    case 'class':
      return { kind: binding.kind, scope: binding.scope };
    case 'module':
      return { kind: 'module', name: binding.module, file: moduleFile(program, binding.module) };
    case 'member':
      return memberOfModule(program, binding.module, binding.member, depth);
    case 'value':
      return entityOf(program, binding.value, depth);
    case 'annotation':
      return instanceOf(entityOfAnnotation(program, binding.annotation, depth));
    case 'parameter':
      return entityOfParameter(program, scope, binding.parameter, depth);
    default:
      return undefined;
  }
}

function entityOfParameter(
  program: Program,
  scope: Scope,
  parameter: Scope['parameters'][number],
  depth: number,
): Entity | undefined {
  const owner = classOfMethod(scope);
  if (owner && scope.parameters[0] === parameter && !isDecorated(program, scope, 'staticmethod')) {
    const isClass = isDecorated(program, scope, 'classmethod') || scope.name === '__new__';
    return { kind: isClass ? 'class' : 'instance', scope: owner };
  }
  return instanceOf(entityOfAnnotation(program, parameter.annotation, depth));
}

/** `Foo`, `'Foo'`, `Optional[Foo]`. */
function entityOfAnnotation(program: Program, node: Node | undefined, depth: number): Entity | undefined {
  if (node && isSubscript(node)) return entityOf(program, subscriptOf(node)[0], depth + 1);
  if (node?.type === 'BinaryExpression') return entityOf(program, node.children[0], depth + 1);
  return entityOf(program, node, depth + 1);
}

const instanceOf = (entity: Entity | undefined): Entity | undefined =>
  entity?.kind === 'class' ? { kind: 'instance', scope: entity.scope } : undefined;

function memberOfModule(program: Program, module: string, member: string, depth: number): Entity | undefined {
  const file = moduleFile(program, module);
  const inside = file?.module.bindings.has(member) ? entityOfName(program, file.module, member, depth + 1) : undefined;
  if (inside) return inside;
  const name = module ? `${module}.${member}` : member;
  const submodule = moduleFile(program, name);
  // `from app import registry` may be a submodule that was not gathered, or a variable that is no entity.
  return submodule || !file ? { kind: 'module', name, file: submodule } : undefined;
}

function entityOfMember(program: Program, file: PythonFile, node: Node, depth: number): Entity | undefined {
  const name = attributeOf(file, node);
  const base = name === undefined ? undefined : entityOf(program, node.children[0], depth + 1);
  if (name === undefined || !base || base.kind === 'function') return undefined;
  if (base.kind === 'module') return memberOfModule(program, base.name, name, depth);
  if (name === '__class__') return { kind: 'class', scope: base.scope };
  const inherited = findInClass(program, base.scope, name);
  if (inherited?.kind === 'function' || inherited?.kind === 'class') return inherited;
  for (const store of (program.attributeStores.get(name) ?? []).slice(0, 50)) {
    if (!store.value || store.target === node) continue;
    const owner = entityOf(program, store.target.children[0], depth + 3);
    if (owner && owner.kind !== 'module' && areRelated(program, owner.scope, base.scope)) {
      const value = entityOf(program, store.value, depth + 3);
      if (value) return value;
    }
  }
  return undefined;
}

function entityOfCall(program: Program, file: PythonFile, node: Node, depth: number): Entity | undefined {
  const callee = node.children[0]!;
  const name = sourceText(file, callee);
  if (name === 'super') {
    let scope: Scope | undefined = node.scope;
    while (scope && !classOfMethod(scope)) scope = scope.parent;
    return scope ? { kind: 'instance', scope: classOfMethod(scope)! } : undefined;
  }
  if (name === 'type') {
    const of = entityOf(program, argumentsOf(file, node)[0]?.value, depth + 1);
    return of?.kind === 'instance' ? { kind: 'class', scope: of.scope } : undefined;
  }
  const called = entityOf(program, callee, depth + 1);
  if (called?.kind === 'class') return { kind: 'instance', scope: called.scope };
  if (called?.kind !== 'function') return undefined;
  const returns = called.scope.node.children.find((each) => each.type === 'TypeDef');
  const annotated = instanceOf(entityOfAnnotation(program, returns?.children[1], depth + 2));
  if (annotated) return annotated;
  return returnedBy(program, called.scope)
    .slice(0, 5)
    .map((value) => entityOf(program, value, depth + 3))
    .find((entity) => entity !== undefined);
}

const returns = new WeakMap<Scope, Node[]>();

/** The expressions that a function returns (not those of functions inside it). */
export function returnedBy(program: Program, scope: Scope): Node[] {
  const known = returns.get(scope);
  if (known) return known;
  const found = nodesWithin(program, scope.node)
    .filter((node) => node.type === 'ReturnStatement' && node.scope === scope && node.children.length === 2)
    .map((node) => node.children[1]!);
  returns.set(scope, found);
  return found;
}

/** All nodes under one, itself first. */
export function nodesWithin(program: Program, outer: Node): Node[] {
  const all = fileOf(program, outer).nodes;
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle]!.from < outer.from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < all.length && all[end]!.from <= outer.to) end++;
  return all.slice(low, end).filter((node) => node.to <= outer.to);
}

/** Looks an attribute up in a class and its bases, in the order of their writing. */
export function findInClass(program: Program, scope: Scope, name: string): Entity | undefined {
  for (const each of ancestry(program, scope)) {
    const binding = each.bindings.get(name)?.at(-1);
    if (binding?.kind === 'function' || binding?.kind === 'class') return { kind: binding.kind, scope: binding.scope };
  }
  return undefined;
}

/** A class and all its bases that are in these files. */
export function ancestry(program: Program, scope: Scope): ReadonlySet<Scope> {
  const known = program.ancestries.get(scope);
  if (known) return known;
  const seen = new Set<Scope>();
  const waiting = [scope];
  for (let next = waiting.pop(); next && seen.size < 100; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const file = program.fileOf.get(next.root)!;
    const list = next.node.children.find((each) => each.type === 'ArgList');
    for (const base of list ? argumentsOf(file, { ...next.node, children: [list] }) : []) {
      const entity = base.name === undefined ? entityOf(program, base.value, 6) : undefined;
      if (entity?.kind === 'class') waiting.push(entity.scope);
    }
  }
  program.ancestries.set(scope, seen);
  return seen;
}

export const areRelated = (program: Program, one: Scope, other: Scope): boolean =>
  one === other || ancestry(program, one).has(other) || ancestry(program, other).has(one);
