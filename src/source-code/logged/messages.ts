import {
  argumentsOf,
  attributeOf,
  entityOf,
  fileOf,
  moduleFile,
  type Program,
  sourceText,
  textOf,
} from '../program.ts';
import { reaching } from '../reaching.ts';
import { type Binding, lookUp } from '../scopes.ts';
import type { Node } from '../syntax.ts';
import { fillBraces, fillDollars, fillPercent, isNumeric, type Values } from './format-styles.ts';
import { joined, type Message, type MessagePart } from './message-part.ts';
import { LONGEST_LITERAL, literalOf, textOfLiteral, unescaped } from './string-text.ts';

/** A variable may have been given one of a few texts; more than these are not told apart. */
const MOST_ALTERNATIVES = 4;
const DEEPEST = 12;
const MOST_OPERANDS = 200;

/** The messages that an expression can come to: as many as there are branches. What is not known to be text is a place. */
export function messagesOf(program: Program, node: Node, depth = 0): Message[] {
  return find(program, node, depth).slice(0, MOST_ALTERNATIVES).map(joined);
}

function find(program: Program, node: Node, depth: number): Message[] {
  const place: Message[] = [[placeOf(program, node, false)]];
  if (depth > DEEPEST) return place;
  switch (node.type) {
    case 'String':
      return [[{ text: textOfLiteral(textOf(program, node)) }]];
    case 'FormatString':
      return [formatted(program, node)];
    case 'ContinuedString':
      return chained(node.children.map((each) => find(program, each, depth + 1)));
    case 'ParenthesizedExpression':
    case 'NamedExpression':
    case 'AwaitExpression':
      return node.children.length > 0 ? find(program, node.children.at(-1)!, depth + 1) : place;
    case 'ConditionalExpression':
      return [node.children[0]!, node.children.at(-1)!].flatMap((each) => messagesOf(program, each, depth + 1));
    case 'BinaryExpression':
      return ofOperator(program, node, depth) ?? place;
    case 'CallExpression':
      return ofCall(program, node, depth) ?? place;
    case 'VariableName':
    case 'MemberExpression':
      return ofName(program, node, depth) ?? place;
    default:
      return place;
  }
}

/** All sequences of one alternative each; no more than are kept. */
const chained = (parts: readonly Message[][]): Message[] =>
  parts.reduce<Message[]>(
    (made, next) => made.flatMap((head) => next.map((tail) => [...head, ...tail])).slice(0, MOST_ALTERNATIVES),
    [[]],
  );

const LENGTH = /^(len|sum)$/;

/** The place of a value; of a constant its text. */
export function placeOf(program: Program, node: Node, isNumber: boolean): MessagePart {
  if (node.type === 'String') return { text: textOfLiteral(textOf(program, node)) };
  if (node.type === 'Number') return { text: textOf(program, node) };
  const isLength = node.type === 'CallExpression' && LENGTH.test(textOf(program, node.children[0]!));
  return { expression: textOf(program, node).slice(0, 300), value: node, isNumber: isNumber || isLength };
}

function formatted(program: Program, node: Node): Message {
  const written = textOf(program, node);
  const { raw, from, isRaw } = literalOf(written);
  const parts: MessagePart[] = [];
  const text = (start: number, end: number) => {
    const piece = written
      .slice(start, Math.min(end, from + raw.length, start + LONGEST_LITERAL))
      .replaceAll('{{', '{')
      .replaceAll('}}', '}');
    return { text: isRaw ? piece : unescaped(piece) };
  };
  let at = from;
  for (const each of node.children) {
    if (each.type !== 'FormatReplacement') continue;
    parts.push(text(at, each.from - node.from), ...replacement(program, each));
    at = each.to - node.from;
  }
  return [...parts, text(at, from + raw.length)];
}

function replacement(program: Program, node: Node): MessagePart[] {
  const value = node.children.find((each) => each.type !== '{');
  if (!value || value.type === '}') return [{ text: '' }];
  const selfDoc = node.children.find((each) => each.type === 'FormatSelfDoc');
  const specification = node.children.find((each) => each.type === 'FormatSpec');
  const file = fileOf(program, node);
  const isNumber = specification !== undefined && isNumeric(sourceText(file, specification).slice(1));
  const name = selfDoc ? [{ text: file.text.slice(node.from + 1, selfDoc.to) }] : [];
  // In braces a constant is printed by its format: `{'':>5}`, `{0.5:%}`.
  const part = placeOf(program, value, isNumber);
  return [...name, specification && !('expression' in part) ? unknownPlace(program, value) : part];
}

const unknownPlace = (program: Program, value: Node): MessagePart => ({
  expression: textOf(program, value).slice(0, 300),
  value,
  isNumber: false,
});

function ofOperator(program: Program, node: Node, depth: number): Message[] | undefined {
  const operator = node.children[1] ? textOf(program, node.children[1]) : '';
  if (operator === 'or') return [0, 2].flatMap((at) => messagesOf(program, node.children[at]!, depth + 1));
  if (operator === '%') return percent(program, node, depth);
  if (operator !== '+') return operator === '*' ? repeated(program, node) : undefined;
  const operands: Node[] = [];
  let at = node;
  while (
    at.type === 'BinaryExpression' &&
    textOf(program, at.children[1]!) === '+' &&
    operands.length < MOST_OPERANDS
  ) {
    operands.unshift(at.children.at(-1)!);
    at = at.children[0]!;
  }
  const parts = [at, ...operands].map((each) => messagesOf(program, each, depth + 1));
  // `a + b` of numbers is a number, and one place.
  const isText = parts.some((alternatives) => alternatives.some((message) => message.some((part) => 'text' in part)));
  return isText && ![at, ...operands].some((each) => each.type === 'Number') ? chained(parts) : undefined;
}

/** `'=' * 40`. */
function repeated(program: Program, node: Node): Message[] | undefined {
  const [text, , times] = node.children;
  if (text?.type !== 'String' || times?.type !== 'Number') return undefined;
  const count = Math.min(300, Number(textOf(program, times)) || 0);
  return [[{ text: textOfLiteral(textOf(program, text)).slice(0, 40).repeat(count) }]];
}

function percent(program: Program, node: Node, depth: number): Message[] | undefined {
  const left = messagesOf(program, node.children[0]!, depth + 1);
  const right = node.children.at(-1)!;
  if (!left.some((message) => message.some((part) => 'text' in part))) return undefined;
  const values = valuesOf(program, elementsOf(right), right);
  return left.map((message) => fillPercent(message, values));
}

/** The values of a tuple in parentheses; of anything else itself. */
const elementsOf = (node: Node): Node[] =>
  node.type === 'TupleExpression' ? node.children.filter((each) => each.type !== ',') : [node];

/** Values by position, and by name from a dict. */
export function valuesOf(program: Program, positional: readonly Node[], mapping?: Node): Values {
  return {
    positional,
    named: (name) => (mapping ? entryOf(program, mapping, name) : undefined),
    part: (value, isNumber) => placeOf(program, value, isNumber),
  };
}

/** The value under a constant key of a dict that is written out: `{'size': n}`, `dict(size=n)`. */
export function entryOf(program: Program, node: Node, name: string): Node | undefined {
  return entriesOf(program, node).find((entry) => entry.name === name)?.value;
}

export function entriesOf(program: Program, node: Node): { name: string; value: Node }[] {
  const file = fileOf(program, node);
  if (node.type === 'CallExpression' && sourceText(file, node.children[0]!) === 'dict')
    return argumentsOf(file, node).flatMap(({ name, value }) => (name === undefined ? [] : [{ name, value }]));
  if (node.type !== 'DictionaryExpression') return [];
  return node.children.flatMap((each, at) => {
    const key = node.children[at - 1];
    const value = node.children[at + 1];
    return each.type === ':' && key?.type === 'String' && value
      ? [{ name: textOfLiteral(sourceText(file, key)), value }]
      : [];
  });
}

/** Methods that change a text so little that its words stay. */
const KEEPS_TEXT = new Set(['strip', 'rstrip', 'lstrip', 'encode', 'decode', 'ljust', 'rjust', 'center']);
const TRANSLATES = new Set(['_', 'gettext', '_t', 'tr', 'ngettext', 'lazy_gettext', 'gettext_lazy', 'dedent', 'Text']);

function ofCall(program: Program, node: Node, depth: number): Message[] | undefined {
  const file = fileOf(program, node);
  const callee = node.children[0]!;
  const method = attributeOf(file, callee);
  const given = argumentsOf(file, node);
  const first = given[0]?.value;
  const name = method ?? sourceText(file, callee);
  if (TRANSLATES.has(name) && first) return messagesOf(program, first, depth + 1);
  if (name === 'str' && first && method === undefined) return [[placeOf(program, first, false)]];
  if (method === undefined) return undefined;
  const object = callee.children[0]!;
  if (KEEPS_TEXT.has(method)) return isText(messagesOf(program, object, depth + 1));
  if (method === 'join') return joinedList(program, object, first, depth);
  if (method === 'format') {
    const values = byNameToo(program, node);
    return isText(messagesOf(program, object, depth + 1))?.map((message) => fillBraces(message, values));
  }
  if (method === 'format_map' && first)
    return isText(messagesOf(program, object, depth + 1))?.map((message) =>
      fillBraces(message, valuesOf(program, [], first)),
    );
  return method === 'substitute' || method === 'safe_substitute'
    ? substituted(program, node, object, depth)
    : undefined;
}

const isText = (messages: Message[]): Message[] | undefined =>
  messages.some((message) => message.some((part) => 'text' in part)) ? messages : undefined;

/** The arguments of a call as values by position and by name. */
export function byNameToo(program: Program, call: Node, skipped = 0): Values {
  const given = argumentsOf(fileOf(program, call), call);
  const positional = given.filter((each) => each.name === undefined && !each.star).map((each) => each.value);
  const mapping = given.find((each) => each.star && entriesOf(program, each.value).length > 0)?.value;
  return {
    ...valuesOf(program, positional.slice(skipped)),
    named: (name) =>
      given.find((each) => each.name === name)?.value ?? (mapping ? entryOf(program, mapping, name) : undefined),
  };
}

function joinedList(program: Program, separator: Node, list: Node | undefined, depth: number): Message[] | undefined {
  if (separator.type !== 'String' || !list || !/^(Array|Tuple)Expression$/.test(list.type)) return undefined;
  const items = list.children.filter((each) => !['[', ']', ','].includes(each.type)).slice(0, MOST_OPERANDS);
  if (items.some((each) => each.type === '*')) return undefined;
  const between: Message[] = [[{ text: textOfLiteral(textOf(program, separator)) }]];
  return chained(items.flatMap((each, at) => [...(at > 0 ? [between] : []), messagesOf(program, each, depth + 1)]));
}

function substituted(program: Program, call: Node, object: Node, depth: number): Message[] | undefined {
  const template = valueBehind(program, object);
  if (template?.type !== 'CallExpression' || !/(^|\.)Template$/.test(textOf(program, template.children[0]!)))
    return undefined;
  const text = argumentsOf(fileOf(program, template), template)[0]?.value;
  const mapping = argumentsOf(fileOf(program, call), call).find((each) => each.name === undefined)?.value;
  const values = byNameToo(program, call);
  const named = (name: string) => values.named(name) ?? (mapping ? entryOf(program, mapping, name) : undefined);
  return text && messagesOf(program, text, depth + 1).map((message) => fillDollars(message, { ...values, named }));
}

/** The expression that a name stands for, where there is just one. */
function valueBehind(program: Program, node: Node): Node | undefined {
  const values = valuesBehind(program, node);
  return node.type === 'CallExpression' ? node : values.length === 1 ? values[0] : undefined;
}

function ofName(program: Program, node: Node, depth: number): Message[] | undefined {
  const values = valuesBehind(program, node);
  if (values.length === 0 || values.length > MOST_ALTERNATIVES) return undefined;
  // A number, or nothing yet: it is given another value somewhere.
  if (values.some((value) => !/String|Expression|^(VariableName)$/.test(value.type))) return undefined;
  const messages = isText(values.flatMap((value) => messagesOf(program, value, depth + 3)));
  return isAddedTo(program, node) ? messages?.map((message) => [...message, unknownPlace(program, node)]) : messages;
}

/** `message += …` */
function isAddedTo(program: Program, node: Node): boolean {
  const found = node.type === 'VariableName' ? lookUp(node.scope, textOf(program, node)) : undefined;
  return found?.bindings.some((binding) => binding.kind === 'update') ?? false;
}

/** What a name, or an attribute, is given where that can be seen; nothing where anything else may come. */
export function valuesBehind(program: Program, node: Node): Node[] {
  if (node.type === 'VariableName') return valuesOfName(program, node);
  const name = attributeOf(fileOf(program, node), node);
  if (name === undefined) return [];
  const base = entityOf(program, node.children[0]);
  if (base?.kind === 'module') return base.file ? onlyValues(base.file.module.bindings.get(name) ?? []) : [];
  if (base?.kind !== 'instance' && base?.kind !== 'class') return [];
  const stored = (program.attributeStores.get(name) ?? []).slice(0, 20).flatMap(({ target, value }) => {
    const owner = entityOf(program, target.children[0]);
    return value && owner && owner.kind !== 'module' && owner.scope === base.scope ? [value] : [];
  });
  return [...stored, ...onlyValues(base.scope.bindings.get(name) ?? [])];
}

function valuesOfName(program: Program, node: Node): Node[] {
  const found = lookUp(node.scope, textOf(program, node));
  if (!found || !node.scope) return [];
  const bindings = reaching(found, node.scope, node);
  const only = bindings[0];
  if (bindings.length === 1 && only?.kind === 'member') {
    const file = moduleFile(program, only.module);
    return onlyValues(file?.module.bindings.get(only.member) ?? []);
  }
  return onlyValues(bindings);
}

const onlyValues = (bindings: readonly Binding[]): Node[] =>
  bindings.every((each) => each.kind === 'value' || each.kind === 'annotation')
    ? bindings.flatMap((each) => (each.kind === 'value' ? [each.value] : []))
    : [];
