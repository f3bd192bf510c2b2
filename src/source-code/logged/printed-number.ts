import { type Program, textOf } from '../program.ts';
import { isWithin, type Node } from '../syntax.ts';
import { placeOf } from '../uses.ts';
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

type Where = Pick<LogCall, 'file' | 'line' | 'function' | 'code'>;

/** Where a number is printed, and what it is there. Of a message that a function is given: where that is put together. */
export interface PrintedNumber extends Where {
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
  return oneOrSeveral(found.kind === 'one' ? [printed(found.match)] : found.matches.map(printed));
}

function oneOrSeveral(all: readonly PrintedNumber[]): NumberInSource {
  const byPlace = new Map(all.map((each) => [`${each.file}:${each.line}:${each.expression}`, each]));
  const [first, ...others] = byPlace.values();
  if (!first) return { kind: 'none' };
  return others.length === 0 ? { kind: 'one', printed: first } : { kind: 'several', printed: [first, ...others] };
}

/** A line that a reader took apart into fields, where the source has it as one text. */
function named(calls: LogCalls, { place }: SaidNumber): NumberInSource {
  if (typeof place !== 'string') return { kind: 'none' };
  const found = callsThatName(calls, place);
  return oneOrSeveral(
    found.map(({ call, place: { expression, value } }) => ({
      ...whereOf(calls.program, call, value),
      expression,
      kept: value ? keptBehind(calls.program, value) : [],
    })),
  );
}

/** The call in which the value stands: the one that was found, or one in a function that it calls. */
function whereOf(program: Program, call: LogCall, value: Node | undefined): Where {
  const { file, line, code } = call;
  const inner = value && !isPartOf(value, call.node) ? call.through.find((node) => isPartOf(value, node)) : undefined;
  return inner
    ? placeOf(program, inner)
    : { file, line, code, ...(call.function === undefined ? {} : { function: call.function }) };
}

const isPartOf = (value: Node, node: Node): boolean => value.scope?.root === node.scope?.root && isWithin(value, node);

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
      ...whereOf(program, call, field.value),
      expression: textOf(program, field.value).slice(0, 300),
      kept: keptBehind(program, field.value),
    };
  const span = spanOf(said);
  const filled = span && filledAt(match.filled, span);
  if (!filled) return { ...whereOf(program, call, undefined), kept: [] };
  const { expression, value } = filled.place;
  const name = nameBefore(said.message.slice(filled.from, span[0]));
  const where = whereOf(program, call, value);
  return { ...where, expression, kept: value ? keptBehind(program, value, name) : [] };
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
