import {
  argumentsOf,
  attributeOf,
  entityOf,
  fileOf,
  findInClass,
  isSlice,
  isSubscript,
  type Program,
  returnedBy,
  sourceText,
  subscriptOf,
  textOf,
} from '../program.ts';
import { reaching } from '../reaching.ts';
import { lookUp, type Scope } from '../scopes.ts';
import type { Node } from '../syntax.ts';
import type { Held } from '../types.ts';
import { countedBeside, fedInLoop } from './counted-beside.ts';
import { argumentsFor, attributeValues, heldBy, heldWithin } from './holder-of.ts';
import { entryOf } from './messages.ts';
import { textOfLiteral } from './string-text.ts';

/** A container whose size a number tells. */
export interface Kept {
  readonly held: Held;
  /** The container as the source writes it there: `self.thumbnail_cache`. */
  readonly container: string;
  /** `size`: the number is how much it holds. `beside`: it counts what is put in, by a counter of its own. */
  readonly by: 'size' | 'beside';
}

const DEEPEST = 10;
const MOST_KEPT = 10;
/** A bound on hostile files: beyond it nothing more is found. */
const MOST_STEPS = 1000;

/**
 * The containers that an expression's value tells the size of: `len(X)`, `X.qsize()`, `X.currsize`, a variable that was given such, a
 * counter that is raised where X is fed. Empty where it tells of none: `rss // 1024`, a count of work. `name`: what the number is called in
 * the text that the expression becomes (`currsize` in a printed CacheInfo, a key of a printed dict).
 */
export function keptBehind(program: Program, expression: Node, name?: string): Kept[] {
  const found = find(program, expression, name, 0, { left: MOST_STEPS });
  const unique = new Map(found.map((kept) => [JSON.stringify([kept.held.kind, kept.held.site]), kept]));
  return [...unique.values()].slice(0, MOST_KEPT).sort((a, b) => Number(a.by === 'beside') - Number(b.by === 'beside'));
}

type Find = (node: Node | undefined, name?: string) => Kept[];

function find(program: Program, node: Node, name: string | undefined, depth: number, steps: { left: number }): Kept[] {
  if (depth > DEEPEST || --steps.left < 0) return [];
  const deeper: Find = (next, named) => (next ? find(program, next, named, depth + 1, steps) : []);
  switch (node.type) {
    case 'ParenthesizedExpression':
    case 'NamedExpression':
    case 'AwaitExpression':
    case 'UnaryExpression':
      return deeper(node.children.at(-1), name);
    case 'BinaryExpression':
    case 'ConditionalExpression':
      return [node.children[0], node.children.at(-1)].flatMap((each) => deeper(each, name));
    case 'CallExpression':
      return ofCall(program, node, name, deeper);
    case 'MemberExpression':
      return isSubscript(node) ? ofSubscript(program, node, deeper) : ofMember(program, node, name, deeper);
    case 'VariableName':
      return ofVariable(program, node, name, deeper);
    case 'DictionaryExpression':
      return name === undefined ? [] : deeper(entryOf(program, node, name));
    case 'FormatString':
      return node.children.flatMap((each) => (each.type === 'FormatReplacement' ? deeper(each.children[1]) : []));
    default:
      return [];
  }
}

const SIZES = new Set([
  '__len__',
  'qsize',
  'size',
  'currsize',
  '__sizeof__',
  'count',
  'cache_info',
  'memory_usage',
  'total_size',
]);
const SIZE_ATTRIBUTES = new Set(['currsize', 'size', 'nbytes']);
const MEASURES = /^(len|getsizeof|asizeof|total_size)$/;
const PASSES =
  /^(str|repr|int|float|round|abs|max|min|sum|format|sorted|list|naturalsize|intcomma|bool|vars|dict|asdict|dumps)$/;

function ofCall(program: Program, node: Node, name: string | undefined, deeper: Find): Kept[] {
  const file = fileOf(program, node);
  const callee = node.children[0]!;
  const method = attributeOf(file, callee);
  const called = method ?? sourceText(file, callee);
  const given = argumentsOf(file, node);
  if (MEASURES.test(called)) return measured(program, given[0]?.value, deeper);
  if (called === 'sum' && given.length === 0) return ofComprehension(program, node);
  if (called === 'map' && given[1]) return measured(program, given[1].value, deeper);
  const own = ownReturn(program, callee, name, deeper);
  if (own.length > 0) return own;
  if (method !== undefined && SIZES.has(method) && given.length === 0) return kept(program, callee.children[0]!);
  if (PASSES.test(called)) {
    const entry = name === undefined ? undefined : entryOf(program, node, name);
    return entry ? deeper(entry) : given.flatMap(({ value }) => deeper(value, name));
  }
  return [];
}

/** `sum(len(v) for v in X.values())`: what lies in X, and X. */
function ofComprehension(program: Program, call: Node): Kept[] {
  const list = call.children.find((each) => each.type === 'ArgList');
  const at = list?.children.findIndex((each) => each.type === 'in') ?? -1;
  const through = at >= 0 ? list!.children[at + 1] : undefined;
  if (!through) return [];
  const outer = kept(program, through);
  return [...outer.map((each) => ({ ...each, held: heldWithin(program, each.held, null) })), ...outer];
}

/** A function of these files that returns a size, or a dict of sizes. */
function ownReturn(program: Program, callee: Node, name: string | undefined, deeper: Find): Kept[] {
  const entity = entityOf(program, callee);
  if (entity?.kind !== 'function') return [];
  return returnedBy(program, entity.scope)
    .slice(0, 4)
    .flatMap((value) => deeper(value, name));
}

/** `len(X)`; where X is an object of these files, its own `__len__` says what is counted. */
function measured(program: Program, value: Node | undefined, deeper: Find): Kept[] {
  if (!value) return [];
  const entity = entityOf(program, value);
  const length = entity?.kind === 'instance' ? findInClass(program, entity.scope, '__len__') : undefined;
  if (length?.kind === 'function') {
    const inner = returnedBy(program, length.scope).flatMap((each) => deeper(each));
    if (inner.length > 0) return inner;
  }
  return kept(program, value);
}

function kept(program: Program, container: Node): Kept[] {
  const held = heldBy(program, container);
  // What is referred to weakly is kept by something else.
  return held && !/^Weak/.test(held.type)
    ? [{ held, container: textOf(program, container).slice(0, 200), by: 'size' }]
    : [];
}

/** `stats['entries']`: what lies under the key, where the dict is written out. */
function ofSubscript(program: Program, node: Node, deeper: Find): Kept[] {
  const [key] = isSlice(node) ? [] : subscriptOf(node);
  if (key?.type !== 'String') return [];
  const name = textOfLiteral(textOf(program, key));
  const written = textOf(program, node);
  const stored = fileOf(program, node)
    .stores.filter(({ target }) => target !== node && isSubscript(target) && textOf(program, target) === written)
    .slice(0, 6);
  const found = [deeper(node.children[0], name), ...stored.map(({ value }) => deeper(value))].flat();
  return found.length > 0 ? found : countedBeside(program, node);
}

function ofMember(program: Program, node: Node, name: string | undefined, deeper: Find): Kept[] {
  const attribute = attributeOf(fileOf(program, node), node);
  const object = node.children[0]!;
  if (attribute === undefined) return [];
  const base = entityOf(program, object);
  if (base?.kind === 'instance' || base?.kind === 'class') {
    const inClass = ofAttribute(program, base.scope, attribute, name, deeper);
    if (inClass.length > 0) return inClass;
    const beside = countedBeside(program, node);
    if (beside.length > 0) return beside;
  }
  if (!SIZE_ATTRIBUTES.has(attribute)) return base === undefined ? countedBeside(program, node) : [];
  // `info = f.cache_info(); info.currsize`
  const behind = deeper(object, attribute);
  return behind.length > 0 ? behind : kept(program, object);
}

function ofAttribute(
  program: Program,
  scope: Scope,
  attribute: string,
  name: string | undefined,
  deeper: Find,
): Kept[] {
  const method = findInClass(program, scope, attribute);
  if (method?.kind === 'function')
    return returnedBy(program, method.scope)
      .slice(0, 4)
      .flatMap((value) => deeper(value, name));
  return attributeValues(program, scope, attribute)
    .slice(0, 6)
    .flatMap((value) => deeper(value, name));
}

/** `n` of `for n, row in enumerate(rows)`, `for n in range(…)`. */
function countsRounds(program: Program, { value, index }: { value: Node; index: number | undefined }): boolean {
  const called = value.type === 'CallExpression' ? textOf(program, value.children[0]!) : '';
  return (
    (called === 'enumerate' && index === 0) || (/^(range|(itertools\.)?count)$/.test(called) && index === undefined)
  );
}

function ofVariable(program: Program, node: Node, name: string | undefined, deeper: Find): Kept[] {
  const found = lookUp(node.scope, textOf(program, node));
  if (!found || !node.scope) return [];
  const from = reaching(found, node.scope, node).slice(0, 6);
  const values = from.flatMap((binding) => {
    if (binding.kind === 'value') return deeper(binding.value, name);
    if (binding.kind === 'parameter')
      return argumentsFor(program, found.scope, binding.parameter)
        .slice(0, 4)
        .flatMap((value) => deeper(value, name));
    return binding.kind === 'element' && countsRounds(program, binding) ? fedInLoop(program, binding.node) : [];
  });
  return values.length > 0 ? values : countedBeside(program, node);
}
