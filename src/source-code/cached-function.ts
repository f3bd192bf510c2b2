import {
  argumentsOf,
  attributeOf,
  classOfMethod,
  fileOf,
  isDecorated,
  lineOf,
  type Program,
  type PythonFile,
  sourceText,
} from './program.ts';
import type { Scope } from './scopes.ts';
import { child, type Node } from './syntax.ts';
import type { Use, Uses } from './types.ts';

/** The decorator that caches a function's results. */
export interface CacheDecorator {
  readonly node: Node;
  /** As written: `cache`, `functools.lru_cache`. */
  readonly name: string;
  /** The expression of maxsize; absent where it is not given. */
  readonly maxsize: Node | undefined;
  readonly hasArguments: boolean;
}

export function cacheDecorator(file: PythonFile, scope: Scope): CacheDecorator | undefined {
  const decorated = scope.node.parent;
  if (decorated?.type !== 'DecoratedStatement') return undefined;
  for (const node of decorated.children) {
    if (node.type !== 'Decorator') continue;
    const list = child(node, 'ArgList');
    const name = file.text.slice(node.children[1]?.from, list?.from ?? node.children.at(-1)?.to).trim();
    const last = name.split('.').at(-1)!;
    if (last !== 'cache' && last !== 'lru_cache') continue;
    const given = list ? argumentsOf(file, node) : [];
    const maxsize = given.find((each) => each.name === 'maxsize') ?? given.find((each) => each.name === undefined);
    return { node, name, maxsize: maxsize?.value, hasArguments: list !== undefined };
  }
  return undefined;
}

/** `functools.lru_cache` keeps the newest 128 results unless told otherwise (Lib/functools.py, CPython 3.8–3.14); `cache` keeps all. */
export function isUnbounded(file: PythonFile, decorator: CacheDecorator): boolean {
  if (decorator.name.split('.').at(-1) === 'cache') return true;
  return decorator.maxsize !== undefined && sourceText(file, decorator.maxsize) === 'None';
}

/** The first parameter of a method is an object that the cache keeps alive as part of the key. */
export const isMethod = (program: Program, scope: Scope): boolean =>
  classOfMethod(scope) !== undefined && !isDecorated(program, scope, 'staticmethod') && scope.parameters.length > 0;

/** A cached function feeds its own cache: the place is its `def` line. */
export function cachedFunctionUses(program: Program, scope: Scope): Uses {
  const file = program.fileOf.get(scope.root)!;
  const decorator = cacheDecorator(file, scope);
  const name = child(scope.node, 'VariableName') ?? scope.node;
  const feed: Use = {
    ...defLine(file, scope, scope.node),
    role: 'feeds',
    operation: decorator?.name ?? 'cache',
    container: sourceText(file, name),
  };
  const empties = cacheClears(program, scope);
  return {
    feeds: [feed],
    empties: empties.map((call) => clearUse(program, call)),
    creates: [],
    readByKey: true,
    readElsewhere: false,
    boundedWhereFed: decorator !== undefined && !isUnbounded(file, decorator),
    emptiedOnlyIn: [...new Set(empties.map((call) => enclosing(call.scope)?.qualifiedName ?? '<module>'))],
  };
}

function defLine(file: PythonFile, scope: Scope, node: Node): Omit<Use, 'role' | 'operation' | 'container'> {
  const line = lineOf(file, node.from);
  const code = file.text
    .slice(file.lines[line - 1], file.lines[line])
    .trim()
    .slice(0, 200);
  return { file: file.source.path, line, function: scope.qualifiedName, code, from: node.from, to: node.to };
}

/** Calls of `f.cache_clear()`, by the function's last name. */
function cacheClears(program: Program, scope: Scope): Node[] {
  return (program.calls.get('cache_clear') ?? []).filter((call) => {
    const file = fileOf(program, call);
    const object = call.children[0]!.children[0]!;
    return (attributeOf(file, object) ?? sourceText(file, object)) === scope.name;
  });
}

function enclosing(scope: Scope | undefined): Scope | undefined {
  let at = scope;
  while (at && at.kind !== 'function') at = at.parent;
  return at;
}

function clearUse(program: Program, call: Node): Use {
  const file = fileOf(program, call);
  const line = lineOf(file, call.from);
  const code = file.text
    .slice(file.lines[line - 1], file.lines[line])
    .trim()
    .slice(0, 200);
  const name = enclosing(call.scope)?.qualifiedName;
  return {
    role: 'empties',
    file: file.source.path,
    line,
    ...(name === undefined ? {} : { function: name }),
    code,
    operation: 'cache_clear',
    container: sourceText(file, call.children[0]!.children[0]!).slice(0, 200),
    from: call.from,
    to: call.to,
  };
}
