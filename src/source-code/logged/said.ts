import { argumentsOf, fileOf, type Program } from '../program.ts';
import type { Node } from '../syntax.ts';
import { fillBraces, fillPercent, percentCount } from './format-styles.ts';
import { isPlace, type Message } from './message-part.ts';
import { byNameToo, valuesOf } from './messages.ts';

/** What is said beside a message by name. */
export interface LogField {
  readonly name: string;
  readonly value: Node;
}

/** What a call prints, before it is known where it stands. */
export interface Said {
  readonly node: Node;
  readonly message: Message;
  readonly fields: readonly LogField[];
  /** The arguments for `%` or `{}` that come as `*args`. */
  readonly star?: Node | undefined;
}

/** Keywords of logging itself. */
export const KEYWORDS = new Set(['exc_info', 'stack_info', 'stacklevel', 'extra']);

/** Puts the arguments in, in the style that the text is written in. */
export function filled(
  program: Program,
  call: Node,
  message: Message,
  rest: readonly Node[],
  skipped: number,
): Message {
  const text = message.map((part) => (isPlace(part) ? '' : part.text)).join(' ');
  if (percentCount(text) > 0 && rest.length > 0) return fillPercent(message, valuesOf(program, rest, rest[0]));
  const named = argumentsOf(fileOf(program, call), call).some(
    (each) => each.name !== undefined && !KEYWORDS.has(each.name),
  );
  return /\{[^{}]*\}/.test(text) && (rest.length > 0 || named)
    ? fillBraces(message, byNameToo(program, call, skipped))
    : message;
}
