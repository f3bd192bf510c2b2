import { moduleFile, type Program, type PythonFile } from './program.ts';
import type { Scope } from './scopes.ts';
import { lineAt } from './syntax.ts';
import type { Held } from './types.ts';

/** What the holder's name stands for in the files: a variable of a scope, an attribute of a class, a decorated function. */
export type Home =
  | { readonly kind: 'variable'; readonly scope: Scope; readonly name: string }
  /** A module whose file was not gathered; other files may still import from it. */
  | { readonly kind: 'foreign'; readonly module: string; readonly name: string }
  | { readonly kind: 'attribute'; readonly scope: Scope | undefined; readonly name: string; readonly of: AttributeOf }
  | { readonly kind: 'function'; readonly scope: Scope };

/** Whether the attribute lies in the class, in its instances or in a function; `any`: in objects that the source cannot type. */
export type AttributeOf = 'class' | 'instance' | 'function' | 'any';

/** Where the holder is at home, or undefined where the files do not show it. */
export function locate(program: Program, held: Held): Home | undefined {
  const { name, module } = held.site;
  switch (held.kind) {
    case 'module-variable':
    case 'context-variable': {
      const file = homeFile(program, held.site.file, module);
      if (name === undefined) return undefined;
      if (file) return { kind: 'variable', scope: file.module, name };
      return module === undefined ? undefined : { kind: 'foreign', module, name };
    }
    case 'class-attribute':
    case 'instance-attribute':
    case 'thread-local':
      return attributeHome(program, held);
    case 'closure':
    case 'default-argument':
    case 'local':
      return variableHome(program, held);
    case 'cache-decorator': {
      const scope = locateFunction(program, held);
      return scope && { kind: 'function', scope };
    }
    default:
      return undefined;
  }
}

function attributeHome(program: Program, held: Held): Home | undefined {
  const { name, className } = held.site;
  if (name === undefined) return undefined;
  const of = held.kind === 'class-attribute' ? 'class' : held.kind === 'thread-local' ? 'any' : 'instance';
  if (className === undefined && held.site.functionName !== undefined) {
    const scope = locateFunction(program, held);
    return scope && { kind: 'attribute', scope, name, of: 'function' };
  }
  if (className === undefined) return of === 'any' ? { kind: 'attribute', scope: undefined, name, of } : undefined;
  const scope = locateClass(program, held);
  return scope && { kind: 'attribute', scope, name, of };
}

function locateClass(program: Program, held: Held): Scope | undefined {
  const qualified = held.site.className!;
  const home = homeFile(program, held.site.file, held.site.module);
  const known = program.classes.get(qualified.split('.').at(-1)!) ?? [];
  const named = known.filter((scope) => scope.qualifiedName === qualified);
  const candidates = named.length > 0 ? named : known;
  const inHome = candidates.find((scope) => scope.root === home?.module);
  return inHome ?? (candidates.length === 1 ? candidates[0] : undefined);
}

function variableHome(program: Program, held: Held): Home | undefined {
  const { name, functionName } = held.site;
  if (name === undefined) return undefined;
  if (functionName === undefined || functionName === '<module>') {
    const file = homeFile(program, held.site.functionFile ?? held.site.file, held.site.module);
    return file && { kind: 'variable', scope: file.module, name };
  }
  // The heap may name the function that uses a closed-over variable, or the one that has it.
  for (let scope = locateFunction(program, held); scope; scope = scope.parent)
    if (scope.kind !== 'class' && scope.bindings.has(name) && !scope.outerNames.has(name))
      return { kind: 'variable', scope, name };
  return undefined;
}

function locateFunction(program: Program, held: Held): Scope | undefined {
  const { functionName, functionLine, functionFile, file, module } = held.site;
  const qualified = (functionName ?? held.site.name ?? '').replace(
    /(\.<locals>)?\.<(lambda|listcomp|genexpr|dictcomp|setcomp)>/g,
    '',
  );
  const home = homeFile(program, functionFile ?? file, module);
  const known = program.functions.get(qualified.split('.').at(-1)!) ?? [];
  const inHome = home ? known.filter((scope) => scope.root === home.module) : known;
  const named = inHome.filter((scope) => scope.qualifiedName === qualified);
  const candidates = named.length > 0 ? named : inHome;
  if (candidates.length <= 1 || functionLine === undefined) return candidates[0];
  return candidates.toSorted((a, b) => distance(program, a, functionLine) - distance(program, b, functionLine))[0];
}

/** `co_firstlineno` is the line of the first decorator, where there is one. */
function distance(program: Program, scope: Scope, line: number): number {
  const decorated = scope.node.parent?.type === 'DecoratedStatement' ? scope.node.parent : scope.node;
  const lines = program.fileOf.get(scope.root)!.lines;
  return Math.min(...[decorated.from, scope.node.from].map((offset) => Math.abs(lineAt(lines, offset) - line)));
}

function homeFile(program: Program, path: string | undefined, module: string | undefined): PythonFile | undefined {
  const same = path === undefined ? undefined : program.files.find((file) => file.source.path === path);
  if (same) return same;
  const alike =
    path === undefined
      ? undefined
      : program.files.find((file) => isSuffix(file.source.path, path) || isSuffix(path, file.source.path));
  return alike ?? (module === undefined ? undefined : moduleFile(program, module));
}

const isSuffix = (short: string, long: string): boolean => long.endsWith(`/${short.replace(/^\.?\//, '')}`);
