import type { Node } from '../syntax.ts';

/** A message as the source writes it: fixed text, and places where a value goes. */
export type MessagePart = { readonly text: string } | Place;

export interface Place {
  /** The expression as written: `len(self.thumbnail_cache)`. */
  readonly expression: string;
  /** Where it is in the tree; absent where only its name is known (`%(size)d` with `locals()`). */
  readonly value: Node | undefined;
  /** By its conversion or its nature: only digits come there. */
  readonly isNumber: boolean;
}

export type Message = readonly MessagePart[];

export const isPlace = (part: MessagePart): part is Place => 'expression' in part;

/** A line of a log is cut somewhere; longer messages are no log lines. */
const MOST_PARTS = 400;
const MOST_CHARACTERS = 20_000;

/** Neighbouring texts become one; what is beyond reason is cut. */
export function joined(parts: Message): Message {
  const made: MessagePart[] = [];
  let length = 0;
  for (const part of parts) {
    const last = made.at(-1);
    if (isPlace(part)) made.push(part);
    else if (part.text === '' || length > MOST_CHARACTERS) continue;
    else if (last && !isPlace(last)) made[made.length - 1] = { text: last.text + part.text };
    else made.push(part);
    if (!isPlace(part)) length += part.text.length;
    if (made.length > MOST_PARTS) break;
  }
  return made;
}

/** A message for each line that it is printed as: a text may hold line ends. */
export function linesOf(message: Message): Message[] {
  const lines: MessagePart[][] = [[]];
  for (const part of message) {
    if (isPlace(part)) lines.at(-1)!.push(part);
    else
      part.text.split(/\r\n|[\n\r]/).forEach((text, at) => {
        if (at > 0) lines.push([]);
        if (text !== '') lines.at(-1)!.push({ text });
      });
  }
  return lines.filter((line) => line.length > 0);
}

/** The letters and digits of its fixed text: how much there is to know it by. */
export const wordCharacters = (message: Message): number =>
  message.reduce((sum, part) => sum + (isPlace(part) ? 0 : (part.text.match(/[\p{L}\p{N}]/gu)?.length ?? 0)), 0);
