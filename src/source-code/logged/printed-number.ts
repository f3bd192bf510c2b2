import { type Program, textOf } from '../program.ts';
import { type Kept, keptBehind } from './kept-behind.ts';
import type { LogCall, LogCalls } from './log-calls.ts';
import { type CallMatch, callsThatName, isNamed, type MatchedCall, matchCall, type SaidLine } from './match-call.ts';
import { type Filled, fill } from './match-message.ts';
import type { Message } from './message-part.ts';

/** A number that a log says again and again, with one line that says it. */
export interface SaidNumber extends SaidLine {
  /** The template that the line is of, its places as `<*>`; absent for a number that is a field of its own. */
  readonly template?: string | undefined;
  /** Which of the template's places, from 0 on; or the field's name. */
  readonly place: number | string;
}

/** Where a number is printed, and what it is there. */
export interface PrintedNumber {
  readonly call: LogCall;
  /** `len(self.thumbnail_cache)`; absent where the call is known and the place in it is not. */
  readonly expression?: string | undefined;
  readonly kept: readonly Kept[];
}

/** The answer to "which line prints this number": one, or several that nothing tells apart. */
export type NumberInSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly printed: PrintedNumber }
  | { readonly kind: 'several'; readonly printed: readonly PrintedNumber[] };

/** Finds where a number of a log is printed. `calls` are of `findLogCalls`, and serve for all numbers. */
export function printedNumber(calls: LogCalls, said: SaidNumber): NumberInSource {
  const found: CallMatch = matchCall(calls, lineOf(said));
  if (found.kind === 'none') return named(calls, said);
  const printed = (match: MatchedCall) => expressionOf(calls.program, match, said);
  if (found.kind === 'one') return { kind: 'one', printed: printed(found.match) };
  return { kind: 'several', printed: found.matches.map(printed) };
}

/** A line that a reader took apart into fields, where the source has it as one text. */
function named(calls: LogCalls, { place }: SaidNumber): NumberInSource {
  if (typeof place !== 'string') return { kind: 'none' };
  const found = callsThatName(calls, place).map(({ call, place: { expression, value } }) => ({
    call,
    expression,
    kept: value ? keptBehind(calls.program, value) : [],
  }));
  if (found.length === 0) return { kind: 'none' };
  return found.length === 1 ? { kind: 'one', printed: found[0]! } : { kind: 'several', printed: found };
}

function lineOf(said: SaidNumber): SaidLine {
  const { message, place, fields = [], logger } = said;
  return {
    message,
    logger,
    fields: typeof place === 'string' && !fields.includes(place) ? [...fields, place] : fields,
  };
}

function expressionOf(program: Program, match: MatchedCall, said: SaidNumber): PrintedNumber {
  const { call } = match;
  const field = match.fields.find(({ name }) => typeof said.place === 'string' && isNamed(said.place, name));
  if (field)
    return {
      call,
      expression: textOf(program, field.value).slice(0, 300),
      kept: keptBehind(program, field.value),
    };
  const span = spanOf(said);
  const filled = span && filledAt(match.filled, span);
  if (!filled) return { call, kept: [] };
  const { expression, value } = filled.place;
  const name = nameBefore(said.message.slice(filled.from, span[0]));
  return { call, expression, kept: value ? keptBehind(program, value, name) : [] };
}

type Span = readonly [from: number, to: number];

/** Where the number stands in the message. */
function spanOf({ template, message, place }: SaidNumber): Span | undefined {
  if (typeof place === 'string') return fieldSpan(message, place);
  return template === undefined ? undefined : placesIn(template, message)?.[place];
}

/** Where a template's places are in a message that it was made from. Templates have one blank wherever there is any. */
export function placesIn(template: string, message: string): Span[] | undefined {
  const { text, at } = oneBlank(message);
  const pattern: Message = oneBlank(template)
    .text.split('<*>')
    .flatMap((fixed, index) => [
      ...(index > 0 ? [{ expression: '<*>', value: undefined, isNumber: false }] : []),
      ...(fixed === '' ? [] : [{ text: fixed }]),
    ]);
  return fill(pattern, text)?.map(({ from, to }) => [at[from]!, to === from ? at[from]! : at[to - 1]! + 1]);
}

/** A text with one blank in the place of several, none at its ends; and where each of its characters was. */
function oneBlank(message: string): { text: string; at: number[] } {
  const at: number[] = [];
  let text = '';
  for (let index = 0; index < message.length; index++) {
    const isBlank = /\s/.test(message[index]!);
    if (isBlank && (text === '' || text.endsWith(' '))) continue;
    text += isBlank ? ' ' : message[index];
    at.push(index);
  }
  return { text: text.trimEnd(), at: [...at, message.length] };
}

/** `size=12`, `"size": 12` in a message that is no more than text to the source. */
function fieldSpan(message: string, name: string): Span | undefined {
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    const behind = /^["']?\s{0,3}[=:]\s{0,3}/.exec(message.slice(at + name.length, at + name.length + 10));
    if (!behind || /\w/.test(message[at - 1] ?? '')) continue;
    const from = at + name.length + behind[0].length;
    return [from, from + (/^[^\s,;})\]]{0,60}/.exec(message.slice(from, from + 60))?.[0].length ?? 0)];
  }
  return undefined;
}

/** The place that has most of the number in it. */
function filledAt(filled: readonly Filled[], [from, to]: Span): Filled | undefined {
  const common = (each: Filled) => Math.min(each.to, to) - Math.max(each.from, from);
  return filled.filter((each) => common(each) > 0).toSorted((a, b) => common(b) - common(a))[0];
}

/** The key before a number in a printed dict or CacheInfo: `{'size': 12`, `currsize=12`. */
const nameBefore = (text: string): string | undefined =>
  /(\w{1,80})['"]?\s{0,3}[=:]\s{0,3}$/.exec(text.slice(-100))?.[1];
