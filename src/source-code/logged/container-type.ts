import { argumentsOf, attributeOf, fileOf, type Program, sourceText, textOf } from '../program.ts';
import type { Node } from '../syntax.ts';
import type { Held } from '../types.ts';

const LITERALS: Record<string, string> = {
  ArrayExpression: 'list',
  ArrayComprehensionExpression: 'list',
  DictionaryExpression: 'dict',
  DictionaryComprehensionExpression: 'dict',
  SetExpression: 'set',
  SetComprehensionExpression: 'set',
  TupleExpression: 'tuple',
};
const SCALAR = /^(Boolean|Number|String|FormatString|ContinuedString|UnaryExpression)$/;

/** The type of what a name is set to: `list` for `[]`, `deque` for `deque()`; `scalar` where no value can hold elements; undefined: unknown. */
export function containerTypeOf(program: Program, values: readonly Node[]): string | undefined {
  const types = values.map((value) => typeOf(program, value, 0));
  return (
    types.find((type) => type !== undefined && type !== 'scalar') ??
    (types.length > 0 && types.every((type) => type === 'scalar') ? 'scalar' : undefined)
  );
}

function typeOf(program: Program, node: Node, depth: number): string | undefined {
  if (depth > 4) return undefined;
  if (Object.hasOwn(LITERALS, node.type)) return LITERALS[node.type];
  if (SCALAR.test(node.type)) return 'scalar';
  if (node.type === 'ParenthesizedExpression') return node.children[0] && typeOf(program, node.children[0], depth + 1);
  if (node.type === 'BinaryExpression' || node.type === 'ConditionalExpression')
    return [node.children.at(-1)!, node.children[0]!]
      .map((each) => typeOf(program, each, depth + 1))
      .find((type) => type !== undefined && type !== 'scalar');
  return node.type === 'CallExpression' ? typeOfCall(program, node) : undefined;
}

/** `deque()`, `collections.OrderedDict()`, `field(default_factory=list)`: the name of what is called. */
function typeOfCall(program: Program, node: Node): string | undefined {
  const file = fileOf(program, node);
  const callee = node.children[0]!;
  const name = attributeOf(file, callee) ?? sourceText(file, callee);
  if (/^(len|int|float|str|sum|time|count|monotonic|perf_counter)$/.test(name)) return 'scalar';
  if (/^(field|Field|Factory|attrib|ib)$/.test(name)) {
    const given = argumentsOf(file, node);
    const factory = given.find((each) => each.name === 'default_factory' || each.name === 'factory') ?? given[0];
    return factory && textOf(program, factory.value).split('.').at(-1);
  }
  if (/^(sorted|reversed)$/.test(name)) return 'list';
  return /^[A-Z]|^(list|dict|set|deque|defaultdict|array|bytearray|frozenset)$/.test(name) ? name : undefined;
}

/** The type of what lies in a container under a key, where the source makes it: `{'seen': []}`, `defaultdict(list)`. */
export function elementTypeOf(program: Program, { site, type }: Held, key: string | null): string | undefined {
  const makers = site.depth > 0 || site.name === undefined ? [] : makersOf(program, site.name);
  for (const value of makers) {
    const file = fileOf(program, value);
    if (type === 'defaultdict' && value.type === 'CallExpression') {
      const factory = argumentsOf(file, value)[0]?.value;
      if (factory?.type === 'VariableName') return sourceText(file, factory);
    }
    const entries = value.type === 'DictionaryExpression' ? value.children : [];
    const found = entries.find(
      (_, at) => entries[at - 1]?.type === ':' && isKey(sourceText(file, entries[at - 2]!), key),
    );
    const known = found && containerTypeOf(program, [found]);
    if (known) return known;
  }
  return undefined;
}

const isKey = (written: string, key: string | null): boolean => key === null || written.slice(1, -1) === key;

/** What a name is set to anywhere. */
function makersOf(program: Program, name: string): Node[] {
  const attributes = (program.attributeStores.get(name) ?? []).slice(0, 20).flatMap(({ value }) => value ?? []);
  const variables = program.files.flatMap((file) =>
    (file.module.bindings.get(name) ?? []).flatMap((each) => (each.kind === 'value' ? [each.value] : [])),
  );
  return [...attributes, ...variables];
}
