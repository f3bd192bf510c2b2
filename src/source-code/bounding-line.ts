import type { Operation } from './operation.ts';
import {
  argumentsOf,
  attributeOf,
  fileOf,
  isSlice,
  isSubscript,
  type Program,
  type PythonFile,
  subscriptOf,
  textOf,
} from './program.ts';
import type { Node } from './syntax.ts';
import type { Edit } from './unified-diff.ts';
import { functionAround } from './uses.ts';

export interface FileEdit extends Edit {
  readonly file: PythonFile;
}

const INSERTABLE = new Set(['AssignStatement', 'UpdateStatement', 'ExpressionStatement']);

/** Puts a line after the whole statement, at its indentation. Undefined where there is no line of its own to put it. */
export function insertAfter(program: Program, statement: Node, line: string): FileEdit | undefined {
  if (!INSERTABLE.has(statement.type)) return undefined;
  const whole = statement.parent?.type === 'StatementGroup' ? statement.parent : statement;
  // What follows on the same line may leave, or change the names that the new line uses.
  if (whole !== statement && whole.children.findLast((each) => each.type !== ';') !== statement) return undefined;
  const file = fileOf(program, statement);
  const indent = indentationOf(file, whole);
  if (indent === undefined || hasLoneReturn(file)) return undefined;
  const end = endOfLine(file, statement.to);
  if (end === undefined) return undefined;
  return { file, from: end, to: end, text: `${newline(file)}${indent}${line}` };
}

/** Python ends a line at a lone CR, `patch` does not. */
export const hasLoneReturn = (file: PythonFile): boolean => /\r(?!\n)/.test(file.text);
export const newline = (file: PythonFile): string => (file.text.includes('\r\n') ? '\r\n' : '\n');

/** The white space before a statement that begins its line. */
export function indentationOf(file: PythonFile, node: Node): string | undefined {
  const start = file.text.lastIndexOf('\n', node.from - 1) + 1;
  const before = file.text.slice(start, node.from);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

/** Where the line ends, if nothing but a comment or a semicolon follows. */
function endOfLine(file: PythonFile, offset: number): number | undefined {
  const found = file.text.indexOf('\n', offset);
  const end = found < 0 ? file.text.length : found > 0 && file.text[found - 1] === '\r' ? found - 1 : found;
  // The grammar may count the line's end as part of the statement.
  if (end < offset) return undefined;
  return /^[ \t;]*(#[^\n]*)?$/.test(file.text.slice(offset, end)) ? end : undefined;
}

/** The container as the line after the feed can name it without calling anything; undefined where it cannot. */
export function namedAgain(program: Program, feed: Operation): string | undefined {
  const { container } = feed;
  if (functionAround(container) !== functionAround(feed.node)) return undefined;
  // A comprehension's or lambda's names end with it.
  if (feed.node.scope?.kind === 'comprehension' || feed.node.scope?.kind === 'lambda') return undefined;
  return pathText(program, container);
}

function pathText(program: Program, node: Node): string | undefined {
  if (node.type === 'CallExpression') return keyedCall(program, node);
  return isPath(node, 0) ? textOf(program, node) : undefined;
}

/** `D.setdefault(k, [])` and `D.get(k)` name `D[k]`. */
function keyedCall(program: Program, call: Node): string | undefined {
  const file = fileOf(program, call);
  const method = attributeOf(file, call.children[0]!);
  const key = argumentsOf(file, call)[0];
  const object = call.children[0]!.children[0];
  if ((method !== 'setdefault' && method !== 'get') || !key || !object) return undefined;
  if (key.star || key.name !== undefined || !isPath(object, 0) || !isKey(key.value, 0)) return undefined;
  return `${textOf(program, object)}[${textOf(program, key.value)}]`;
}

const DEEPEST = 8;

/** Names, attributes and plain subscripts: evaluating them again changes nothing. */
function isPath(node: Node, depth: number): boolean {
  if (node.type === 'VariableName') return true;
  if (node.type !== 'MemberExpression' || depth > DEEPEST || isSlice(node)) return false;
  const inner = isPath(node.children[0]!, depth + 1);
  return inner && (!isSubscript(node) || subscriptOf(node).every((key) => isKey(key, depth + 1)));
}

const isKey = (node: Node, depth: number): boolean =>
  ['Number', 'String', 'Boolean', 'None', ','].includes(node.type) || isPath(node, depth);
