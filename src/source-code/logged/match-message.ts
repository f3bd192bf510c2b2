import { isPlace, type Message, type Place } from './message-part.ts';

/** A place of a pattern, and what stands there in the message. */
export interface Filled {
  readonly place: Place;
  readonly from: number;
  readonly to: number;
}

/** A line is matched as far as this. */
const LONGEST_MESSAGE = 8000;
/** Steps that are taken for one pattern: beyond them it is taken as another text. */
const MOST_STEPS = 4000;
const NUMBER = /[-+]?(?:\d[\d.,_]*(?:[eE][-+]?\d+)?|nan|inf|0x[\da-fA-F]+|[\da-fA-F]{1,40})%?|<\*>/y;
const PADDING = / {0,40}/y;

/**
 * What stands in the places of a pattern, if the message is made from it from its first to its last character; undefined: it
 * is not. Of several ways the one with the shortest texts in front. Time is bounded whatever the texts are.
 */
export function fill(pattern: Message, message: string, from = 0): Filled[] | undefined {
  if (message.length > LONGEST_MESSAGE || !hasTexts(pattern, message)) return undefined;
  const failed = new Set<number>();
  let steps = 0;
  const at: Filled[] = [];
  const matches = (index: number, position: number): boolean => {
    const key = index * (LONGEST_MESSAGE + 1) + position;
    if (++steps > MOST_STEPS || failed.has(key)) return false;
    if (tries(index, position)) return true;
    failed.add(key);
    return false;
  };
  const tries = (index: number, position: number): boolean => {
    const part = pattern[index];
    if (!part) return position === message.length;
    if (!isPlace(part))
      return message.startsWith(part.text, position) && matches(index + 1, position + part.text.length);
    for (const to of part.isNumber ? numberEnds(message, position) : textEnds(pattern, index, message, position)) {
      at[index] = { place: part, from: position, to };
      if (matches(index + 1, to)) return true;
      if (steps > MOST_STEPS) return false;
    }
    return false;
  };
  return matches(0, from) ? pattern.flatMap((part, index) => (isPlace(part) ? [at[index]!] : [])) : undefined;
}

/** Where a number that begins here may end: the longest first. */
function* numberEnds(message: string, position: number): Generator<number> {
  PADDING.lastIndex = position;
  const start = position + PADDING.exec(message)![0].length;
  NUMBER.lastIndex = start;
  const found = NUMBER.exec(message)?.[0];
  if (found === undefined) return;
  const padded = /^ {0,40}/.exec(message.slice(start + found.length))![0].length;
  if (padded > 0) yield start + found.length + padded;
  const least = Math.max(start + 1, start + found.length - 40);
  for (let to = start + found.length; to >= least; to--) yield to;
}

/** Where a text may end: before each occurrence of what follows it. */
function* textEnds(pattern: Message, index: number, message: string, position: number): Generator<number> {
  const next = pattern[index + 1];
  if (!next) yield message.length;
  else if (isPlace(next)) for (let to = position; to <= message.length; to++) yield to;
  else for (let to = message.indexOf(next.text, position); to >= 0; to = message.indexOf(next.text, to + 1)) yield to;
}

/** What most patterns fail at. */
export const hasTexts = (pattern: Message, message: string): boolean =>
  pattern.every((part) => isPlace(part) || message.includes(part.text));
