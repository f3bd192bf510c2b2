import { child, type Node, type Syntax, segments } from './syntax.ts';

/** A namespace of Python: a module, class, function, lambda or comprehension. */
export interface Scope {
  readonly kind: 'module' | 'class' | 'function' | 'lambda' | 'comprehension';
  readonly node: Node;
  readonly parent: Scope | undefined;
  readonly root: Scope;
  readonly name: string;
  /** `Outer.Inner`, `make.<locals>.inner`; empty for a module. */
  readonly qualifiedName: string;
  readonly bindings: Map<string, Binding[]>;
  /** Names declared `global` or `nonlocal` here. */
  readonly outerNames: Map<string, 'global' | 'nonlocal'>;
  readonly parameters: Parameter[];
}

export interface Parameter {
  readonly name: string;
  readonly star: '' | '*' | '**';
  readonly node: Node;
  readonly annotation: Node | undefined;
  readonly default: Node | undefined;
}

export type Binding =
  | { readonly kind: 'value'; readonly node: Node; readonly value: Node }
  /** A loop's target: the `index`-th part of each element of `value`. */
  | { readonly kind: 'element'; readonly node: Node; readonly value: Node; readonly index: number | undefined }
  | { readonly kind: 'parameter'; readonly node: Node; readonly parameter: Parameter }
  | { readonly kind: 'module'; readonly node: Node; readonly module: string }
  | { readonly kind: 'member'; readonly node: Node; readonly module: string; readonly member: string }
  | { readonly kind: 'function' | 'class'; readonly node: Node; readonly scope: Scope }
  | { readonly kind: 'annotation'; readonly node: Node; readonly annotation: Node }
  | { readonly kind: 'update' | 'opaque'; readonly node: Node };

/** An assignment to a name or an attribute. `value` is absent where it cannot be told (unpacking). */
export interface Store {
  readonly target: Node;
  readonly value: Node | undefined;
  readonly statement: Node;
}

export interface Scopes {
  readonly module: Scope;
  readonly all: readonly Scope[];
  readonly stores: readonly Store[];
}

const COMPREHENSIONS = new Set([
  'ComprehensionExpression',
  'ArrayComprehensionExpression',
  'DictionaryComprehensionExpression',
  'SetComprehensionExpression',
]);
const isComprehension = (node: Node): boolean =>
  COMPREHENSIONS.has(node.type) || (node.type === 'ArgList' && child(node, 'for') !== undefined);

/** Finds the scopes of a file, what each name is bound to, and sets `scope` on every node. One pass, no recursion. */
export function findScopes(syntax: Syntax): Scopes {
  const text = syntax.text;
  const module = newScope('module', syntax.root, undefined, '');
  const all = [module];
  const opened = new Map<Node, Scope>();
  const stores: Store[] = [];
  const textOf = (node: Node) => text.slice(node.from, node.to);
  for (const node of syntax.nodes) {
    const outer = node.parent ? scopeInside(node, opened) : module;
    node.scope = outer;
    const scope = openScope(node, outer, textOf);
    if (scope) {
      opened.set(node, scope);
      all.push(scope);
      bindParameters(scope, textOf);
    }
    bindNode(node, outer, scope, stores, textOf);
  }
  return { module, all, stores };
}

function newScope(kind: Scope['kind'], node: Node, parent: Scope | undefined, name: string): Scope {
  const prefix = !parent?.qualifiedName
    ? ''
    : parent.kind === 'class'
      ? `${parent.qualifiedName}.`
      : `${parent.qualifiedName}.<locals>.`;
  const scope = {
    kind,
    node,
    parent,
    name,
    // A comprehension or lambda is reported as the function around it.
    qualifiedName:
      kind === 'comprehension' || kind === 'lambda' ? (parent?.qualifiedName ?? '') : `${prefix}${name}`.slice(-400),
    bindings: new Map(),
    outerNames: new Map(),
    parameters: [],
  };
  return Object.assign(scope, { root: parent?.root ?? (scope as unknown as Scope) });
}

/** Defaults, annotations, bases and decorators are evaluated outside; bodies and parameter names inside. */
function scopeInside(node: Node, opened: Map<Node, Scope>): Scope {
  const parent = node.parent!;
  const own = opened.get(parent);
  if (!own) {
    const holder = parent.type === 'ParamList' && parent.parent ? opened.get(parent.parent) : undefined;
    if (!holder) return parent.scope!;
    const before = parent.children[parent.children.length - 2];
    return before?.type === 'AssignOp' || node.type === 'TypeDef' ? holder.parent! : holder;
  }
  if (own.kind === 'comprehension' || own.kind === 'lambda') return own;
  return node.type === 'Body' ? own : own.parent!;
}

function openScope(node: Node, outer: Scope, textOf: (node: Node) => string): Scope | undefined {
  if (isComprehension(node)) return newScope('comprehension', node, outer, '<comprehension>');
  if (node.type === 'LambdaExpression') return newScope('lambda', node, outer, '<lambda>');
  if (node.type !== 'FunctionDefinition' && node.type !== 'ClassDefinition') return undefined;
  const name = child(node, 'VariableName');
  const kind = node.type === 'ClassDefinition' ? 'class' : 'function';
  return newScope(kind, node, outer, name ? textOf(name) : '');
}

function bind(scope: Scope, name: string, binding: Binding): void {
  const found = scope.bindings.get(name);
  if (found) found.push(binding);
  else scope.bindings.set(name, [binding]);
}

function bindParameters(scope: Scope, textOf: (node: Node) => string): void {
  const list = child(scope.node, 'ParamList');
  if (!list) return;
  for (const part of commaParts(list.children)) {
    const node = part.find((each) => each.type === 'VariableName');
    if (!node) continue;
    const first = part[0]!.type;
    const equals = part.findIndex((each) => each.type === 'AssignOp');
    const parameter: Parameter = {
      name: textOf(node),
      star: first === '*' || first === '**' ? first : '',
      node,
      annotation: part.find((each) => each.type === 'TypeDef')?.children[1],
      default: equals < 0 ? undefined : part[equals + 1],
    };
    scope.parameters.push(parameter);
    bind(scope, parameter.name, { kind: 'parameter', node, parameter });
  }
}

/** Children between commas. */
export function commaParts(children: readonly Node[]): Node[][] {
  const parts: Node[][] = [[]];
  for (const each of children) {
    if (each.type === ',') parts.push([]);
    else parts.at(-1)!.push(each);
  }
  return parts.filter((part) => part.length > 0);
}

type TextOf = (node: Node) => string;

function bindNode(node: Node, outer: Scope, opened: Scope | undefined, stores: Store[], textOf: TextOf): void {
  switch (node.type) {
    case 'FunctionDefinition':
    case 'ClassDefinition':
      if (opened) bindName(outer, opened.name, { kind: opened.kind as 'function' | 'class', node, scope: opened });
      return;
    case 'AssignStatement':
      return bindAssignment(node, outer, stores, textOf);
    case 'NamedExpression':
      return bindTarget([node.children[0]!], [node.children.at(-1)!], node, walrusScope(outer), stores, textOf);
    case 'ArgList':
      return bindArgumentWalrus(node, outer, stores, textOf);
    case 'UpdateStatement':
    case 'DeleteStatement':
      return bindLoose(
        node.children.slice(0, node.type === 'UpdateStatement' ? 1 : undefined),
        'update',
        outer,
        textOf,
      );
    case 'ForStatement':
      return bindLoop(node, outer, textOf);
    case 'WithStatement':
    case 'TryStatement':
      return bindAs(node, outer, stores, textOf);
    case 'CapturePattern':
      return bindLoose(node.children, 'opaque', outer, textOf);
    case 'ImportStatement':
      return bindImport(node, outer, textOf);
    case 'ScopeStatement':
      for (const each of node.children)
        if (each.type === 'VariableName')
          outer.outerNames.set(textOf(each), child(node, 'global') ? 'global' : 'nonlocal');
      return;
    default:
      if (opened?.kind === 'comprehension') bindLoop(node, opened, textOf);
  }
  if (opened?.kind === 'comprehension' && node.type === 'ArgList') bindLoop(node, opened, textOf);
}

/** The namespace that an assignment to `name` in `scope` writes to. */
function writtenScope(scope: Scope, name: string): Scope {
  const declared = scope.outerNames.get(name);
  if (declared === 'global') return scope.root;
  if (declared === 'nonlocal') return lookUp(scope.parent, name)?.scope ?? scope;
  return scope;
}

const bindName = (scope: Scope, name: string, binding: Binding): void => bind(writtenScope(scope, name), name, binding);

function walrusScope(scope: Scope): Scope {
  let at = scope;
  while (at.kind === 'comprehension' && at.parent) at = at.parent;
  return at;
}

function bindAssignment(node: Node, scope: Scope, stores: Store[], textOf: TextOf): void {
  const annotation = child(node, 'TypeDef')?.children[1];
  const parts = segments(
    node.children.filter((each) => each.type !== 'TypeDef'),
    'AssignOp',
  );
  const target = parts[0]?.[0];
  if (annotation && target?.type === 'VariableName')
    bindName(scope, textOf(target), { kind: 'annotation', node: target, annotation });
  if (parts.length < 2) return;
  const value = parts.at(-1)!;
  for (const targets of parts.slice(0, -1)) bindTarget(targets, value, node, scope, stores, textOf);
}

const GROUPS = new Set(['TupleExpression', 'ArrayExpression', 'ParenthesizedExpression']);
const partsOf = (node: Node): Node[] => node.children.filter((each) => !['[', ']', ','].includes(each.type));

function bindTarget(
  targets: Node[],
  values: Node[] | undefined,
  statement: Node,
  scope: Scope,
  stores: Store[],
  textOf: TextOf,
  nesting = 0,
): void {
  const only = targets.length === 1 ? targets[0]! : undefined;
  if (only && GROUPS.has(only.type) && nesting < 20) {
    const value = values?.length === 1 ? values[0]! : undefined;
    const inner = value && GROUPS.has(value.type) ? partsOf(value) : values && values.length > 1 ? values : undefined;
    return bindTarget(partsOf(only), inner, statement, scope, stores, textOf, nesting + 1);
  }
  if (only) {
    const value = values?.length === 1 ? values[0] : undefined;
    stores.push({ target: only, value, statement });
    if (only.type === 'VariableName')
      bindName(scope, textOf(only), value ? { kind: 'value', node: only, value } : { kind: 'opaque', node: only });
    return;
  }
  if (nesting >= 20 || targets.some((each) => each.type === '*')) return bindLoose(targets, 'opaque', scope, textOf);
  const lone = values?.length === 1 ? values[0]! : undefined;
  const unpacked = lone && GROUPS.has(lone.type) ? partsOf(lone) : values;
  const paired = unpacked?.length === targets.length && !unpacked.some((each) => each.type === '*');
  targets.forEach((target, at) => {
    bindTarget([target], paired ? [unpacked[at]!] : undefined, statement, scope, stores, textOf, nesting + 1);
  });
}

function bindLoose(nodes: readonly Node[], kind: 'opaque' | 'update', scope: Scope, textOf: TextOf): void {
  for (const node of nodes)
    if (node.type === 'VariableName') bindName(scope, textOf(node), { kind, node });
    else if (GROUPS.has(node.type))
      for (const each of node.children)
        if (each.type === 'VariableName') bindName(scope, textOf(each), { kind, node: each });
}

/** `f(n := x)`: the grammar keeps it flat in the argument list. */
function bindArgumentWalrus(node: Node, scope: Scope, stores: Store[], textOf: TextOf): void {
  node.children.forEach((each, at) => {
    const value = node.children[at + 1];
    const target = node.children[at - 1];
    if (each.type === 'AssignOp' && textOf(each) === ':=' && target && value)
      bindTarget([target], [value], node, walrusScope(scope), stores, textOf);
  });
}

/** The targets and iterables of a `for` statement, or of the `for` clauses of a comprehension. */
function bindLoop(node: Node, scope: Scope, textOf: TextOf): void {
  let targets: Node[] | undefined;
  for (let at = 0; at < node.children.length; at++) {
    const each = node.children[at]!;
    if (each.type === 'for') targets = [];
    else if (each.type === 'in' && targets) {
      const value = node.children[at + 1];
      const names = targets.length === 1 && GROUPS.has(targets[0]!.type) ? partsOf(targets[0]!) : targets;
      names.forEach((name, index) => {
        if (name.type === 'VariableName' && value)
          bindName(scope, textOf(name), {
            kind: 'element',
            node: name,
            value,
            index: names.length > 1 ? index : undefined,
          });
        else bindLoose([name], 'opaque', scope, textOf);
      });
      targets = undefined;
    } else if (targets && each.type !== ',') targets.push(each);
  }
}

function bindAs(node: Node, scope: Scope, stores: Store[], textOf: TextOf): void {
  node.children.forEach((each, at) => {
    const name = node.children[at + 1];
    if (each.type !== 'as' || !name) return;
    stores.push({ target: name, value: undefined, statement: node });
    if (name.type === 'VariableName') bindName(scope, textOf(name), { kind: 'opaque', node: name });
  });
}

function bindImport(node: Node, scope: Scope, textOf: TextOf): void {
  const at = node.children.findIndex((each) => each.type === 'import');
  const from = node.children[0]?.type === 'from';
  const source = from ? node.children.slice(1, at).map(textOf).join('').replace(/^\.+/, '') : '';
  for (const part of commaParts(node.children.slice(at + 1))) {
    const as = part.findIndex((each) => each.type === 'as');
    const dotted = (as < 0 ? part : part.slice(0, as)).map(textOf).join('');
    const name = as < 0 ? part[0]! : part[as + 1];
    if (name?.type !== 'VariableName') continue;
    if (from) bindName(scope, textOf(name), { kind: 'member', node: name, module: source, member: dotted });
    // `import a.b` binds `a`; `import a.b as c` binds the module itself.
    else bindName(scope, textOf(name), { kind: 'module', node: name, module: as < 0 ? textOf(part[0]!) : dotted });
  }
}

export interface Found {
  readonly scope: Scope;
  readonly bindings: readonly Binding[];
}

/** Where a name that is used in `scope` is bound, by Python's rules (a class body is not visible from its methods). */
export function lookUp(scope: Scope | undefined, name: string): Found | undefined {
  const declared = scope?.outerNames.get(name);
  if (declared === 'global') return own(scope!.root, name);
  let at = declared === 'nonlocal' ? scope!.parent : scope;
  for (let mayBeClass = true; at; at = at.parent) {
    if (at.kind === 'class' && !mayBeClass) continue;
    const found = at.outerNames.get(name) === 'global' ? own(at.root, name) : own(at, name);
    if (found) return found;
    // A comprehension in a class body still sees the class's names; a function does not.
    if (at.kind !== 'comprehension') mayBeClass = false;
  }
  return undefined;
}

function own(scope: Scope, name: string): Found | undefined {
  const bindings = scope.bindings.get(name);
  return bindings && { scope, bindings };
}
