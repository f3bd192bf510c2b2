import { type FileEdit, hasLoneReturn, indentationOf, newline } from './bounding-line.ts';
import { cacheDecorator, isMethod, isUnbounded } from './cached-function.ts';
import { nameOf } from './fix-collection.ts';
import { itemBound } from './item-bound.ts';
import type { Operation } from './operation.ts';
import { adviceOnly, growingFeeds, type Plan } from './plan.ts';
import { argumentsOf, entityOf, fileOf, type PythonFile, sourceText, textOf } from './program.ts';
import { lookUp, type Scope } from './scopes.ts';
import { ancestor, child, type Node } from './syntax.ts';
import type { Sizing } from './types.ts';
import { type Analysis, functionAround } from './uses.ts';

const MOST_RESULTS = 10_000;

/** `@cache` and `@lru_cache(maxsize=None)` get a maxsize. */
export function fixCachedFunction(analysis: Analysis, scope: Scope, sizing: Sizing): Plan {
  const file = analysis.program.fileOf.get(scope.root)!;
  const decorator = cacheDecorator(file, scope);
  const advice = isMethod(analysis.program, scope)
    ? [
        `${scope.qualifiedName} is a method: its cache keeps every object that it was called on (${scope.parameters[0]!.name}) alive. Keep the results in the object itself, or cache a function that takes only what it needs.`,
      ]
    : ['Results that are forgotten are computed again; cache_info() shows how often.'];
  const bound = itemBound(sizing, MOST_RESULTS);
  const given = decorator?.maxsize ? Number(sourceText(file, decorator.maxsize).replaceAll('_', '')) : undefined;
  if (!decorator || !(isUnbounded(file, decorator) || (given !== undefined && given > bound)))
    return adviceOnly(`Give the cache of ${scope.name} a bound that fits the memory.`, ...advice);
  const edits = decorator.maxsize
    ? [{ file, from: decorator.maxsize.from, to: decorator.maxsize.to, text: String(bound) }]
    : cacheEdits(file, decorator.node, decorator.name, bound);
  if (!edits) return adviceOnly(`Use functools.lru_cache(maxsize=${bound}) for ${scope.name}.`, ...advice);
  return {
    summary: `Keep at most ${bound} results of ${scope.name}: maxsize=${bound}.`,
    advice,
    edits,
    changesResults: false,
  };
}

/** `@cache` → `@lru_cache(maxsize=N)`, with the import. */
function cacheEdits(file: PythonFile, decorator: Node, name: string, bound: number): FileEdit[] | undefined {
  const names = decorator.children.filter((each) => each.type === 'VariableName');
  const last = names.at(-1)!;
  const replaced = { file, from: last.from, to: last.to, text: `lru_cache(maxsize=${bound})` };
  if (child(decorator, 'ArgList')) return undefined;
  if (names.length > 1) return name === 'functools.cache' ? [replaced] : undefined;
  const bindings = file.module.bindings.get('cache') ?? [];
  const imported = bindings.length === 1 && bindings[0]?.kind === 'member' ? bindings[0] : undefined;
  if (imported?.module !== 'functools' || imported.member !== 'cache') return undefined;
  const known = lookUp(file.module, 'lru_cache')?.bindings;
  if (known)
    return known.every((each) => each.kind === 'member' && each.module === 'functools') ? [replaced] : undefined;
  const others = file.nodes.filter((node) => node.type === 'VariableName' && sourceText(file, node) === 'cache');
  // The import itself and this decorator.
  const text = others.length <= 2 ? 'lru_cache' : 'cache, lru_cache';
  return [{ file, from: imported.node.from, to: imported.node.to, text }, replaced];
}

const FRESH = /^(\[\]|\{\}|(list|dict|set|deque|defaultdict|OrderedDict|Counter|collections\.\w+)\([\w.]*\))$/;

/** `def f(x, acc=[])` → `acc=None`, and a new container a call. */
export function fixDefaultArgument(analysis: Analysis): Plan | undefined {
  const { home, program } = analysis;
  if (home?.kind !== 'variable' || home.scope.kind !== 'function') return undefined;
  const file = program.fileOf.get(home.scope.root)!;
  const parameter = home.scope.parameters.find((each) => each.name === home.name);
  const made = parameter?.default && sourceText(file, parameter.default);
  const advice = ['A default value is made once, when the function is defined, and is shared by all calls.'];
  const summary = `Make ${home.name} anew in each call of ${home.scope.name}, not once for all of them.`;
  if (!parameter?.default || !made || !FRESH.test(made)) return adviceOnly(summary, ...advice);
  const line = `if ${home.name} is None: ${home.name} = ${made}`;
  const inserted = atStartOfBody(file, home.scope.node, line);
  if (!inserted) return adviceOnly(summary, ...advice);
  const none = { file, from: parameter.default.from, to: parameter.default.to, text: 'None' };
  const choice = `With the patch, calls without ${home.name} no longer see what earlier calls put in; code that counts on that needs a variable that it passes.`;
  return { summary, advice: [choice, ...advice], edits: [none, inserted], changesResults: true };
}

/** A line before the first statement of a body, after the docstring. */
function atStartOfBody(file: PythonFile, definition: Node, line: string): FileEdit | undefined {
  const body = child(definition, 'Body');
  const statements = body?.children.filter((each) => each.type !== ':') ?? [];
  const first = statements[0];
  if (!first || hasLoneReturn(file)) return undefined;
  const indent = indentationOf(file, first);
  const isDocstring = first.type === 'ExpressionStatement' && /String$/.test(first.children[0]?.type ?? '');
  const next = isDocstring ? statements[1] : first;
  if (indent === undefined) return undefined;
  if (next) {
    if (indentationOf(file, next) !== indent) return undefined;
    return { file, from: next.from, to: next.from, text: `${line}${newline(file)}${indent}` };
  }
  return { file, from: first.to, to: first.to, text: `${newline(file)}${indent}${line}` };
}

/** A container of a class that was meant for each instance: every access is through `self`, and instances come and go. */
export function fixClassAttribute(analysis: Analysis): Plan | undefined {
  const { home, program, operations } = analysis;
  if (home?.kind !== 'attribute' || !home.scope || home.of !== 'class') return undefined;
  const creates = operations.filter((each) => each.does === 'creates');
  const value = creates.length === 1 && creates[0]!.node.scope?.kind === 'class' ? creates[0]!.value : undefined;
  const accesses = operations.filter((each) => each.does !== 'creates');
  const isThroughSelf = accesses.every(
    (each) =>
      each.container.type === 'MemberExpression' && entityOf(program, each.container.children[0])?.kind === 'instance',
  );
  const init = home.scope.bindings.get('__init__')?.at(-1);
  if (!value || !isThroughSelf || init?.kind !== 'function' || !comeAndGo(analysis, home.scope)) return undefined;
  const file = fileOf(program, value);
  const made = sourceText(file, value);
  const self = init.scope.parameters[0]?.name;
  const inserted =
    self && FRESH.test(made) ? atStartOfBody(file, init.scope.node, `${self}.${home.name} = ${made}`) : undefined;
  if (!inserted) return undefined;
  return {
    summary: `Give each ${home.scope.name} its own ${home.name}: make it in __init__.`,
    advice: [
      `${home.name} is an attribute of the class, shared by all instances for the life of the program. With the patch it goes when its instance goes, and instances no longer see each other's elements.`,
    ],
    edits: [inserted],
    changesResults: true,
  };
}

const LOOPS = new Set(['ForStatement', 'WhileStatement', 'ArrayComprehensionExpression', 'SetComprehensionExpression']);

/** Whether instances are made in a loop: where one object lives for ever, a container of its own would grow just the same. */
function comeAndGo(analysis: Analysis, scope: Scope): boolean {
  return (analysis.program.calls.get(scope.name) ?? []).some((call) => {
    const entity = entityOf(analysis.program, call.children[0]);
    return (
      entity?.kind === 'class' &&
      entity.scope === scope &&
      ancestor(call, LOOPS, functionAround(call)?.node) !== undefined
    );
  });
}

/** `append(exc)` → `append(repr(exc))`, for the name that an `except` around it binds. */
export function exceptionEdits(analysis: Analysis): FileEdit[] {
  return growingFeeds(analysis).flatMap((feed) => {
    const given = keptElement(analysis, feed);
    if (!given || !isCaught(analysis, given)) return [];
    return [
      {
        file: fileOf(analysis.program, given),
        from: given.from,
        to: given.to,
        text: `repr(${textOf(analysis.program, given)})`,
      },
    ];
  });
}

function keptElement(analysis: Analysis, feed: Operation): Node | undefined {
  if (feed.name === '[]=') return feed.value;
  const given = feed.node.type === 'CallExpression' ? argumentsOf(fileOf(analysis.program, feed.node), feed.node) : [];
  return given.length === 1 && !given[0]!.star ? given[0]!.value : undefined;
}

const TRY = new Set(['TryStatement']);

function isCaught(analysis: Analysis, element: Node): boolean {
  if (element.type !== 'VariableName') return false;
  const name = textOf(analysis.program, element);
  for (let at = ancestor(element, TRY); at; at = ancestor(at, TRY)) {
    const body = at.children.find((each) => each.type === 'Body' && element.from >= each.from && element.to <= each.to);
    const before = body ? at.children.slice(0, at.children.indexOf(body)) : [];
    const bound = before.slice(-2);
    if (bound[0]?.type === 'as' && textOf(analysis.program, bound[1]!) === name) return true;
  }
  return false;
}

/** What to say where exceptions are kept, also as part of an element. */
export function exceptionAdvice(analysis: Analysis): string[] {
  const keeps = growingFeeds(analysis).some((feed) => {
    const element = keptElement(analysis, feed);
    const parts =
      element?.type === 'TupleExpression' || element?.type === 'DictionaryExpression' ? element.children : [element];
    return parts.some((each) => each !== undefined && isCaught(analysis, each));
  });
  return keeps
    ? [
        `${nameOf(analysis)} keeps exceptions; the traceback of each keeps the locals of every frame that it passed. Keep repr(exc) or traceback.format_exc(), not the exception.`,
      ]
    : [];
}
