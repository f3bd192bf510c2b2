import type { LogCall, LogCalls } from './log-calls.ts';
import { type Filled, fill, hasTexts } from './match-message.ts';
import { isPlace, type Message, type MessagePart, type Place, wordCharacters } from './message-part.ts';
import type { LogField } from './said.ts';

/** A line of a log, as far as it tells which call printed it. */
export interface SaidLine {
  readonly message: string;
  /** The names of what is said beside the message. */
  readonly fields?: readonly string[] | undefined;
  /** The logger's name: it tells apart calls with the same text. */
  readonly logger?: string | undefined;
}

/** Which call printed a line. `several`: more than one has this text, and nothing tells them apart. */
export type CallMatch =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly match: MatchedCall }
  | { readonly kind: 'several'; readonly matches: readonly MatchedCall[] };

export interface MatchedCall {
  readonly call: LogCall;
  readonly filled: readonly Filled[];
  readonly fields: readonly LogField[];
}

/** How much of the message the pattern accounts for: all; all but a tail; all but a head that another part may print. */
const RANKS = ['head', 'tail', 'whole'] as const;
type Rank = (typeof RANKS)[number];

interface Candidate extends MatchedCall {
  readonly score: number;
}

/** Fewer letters than these say nothing where the message has more to it than the pattern. */
const LEAST_IN_PART = 6;
const LEAST_IN_WHOLE = 3;
const MOST_MATCHES = 20;

/** The call whose text has most in common with a line. Pure; time is bounded by the calls and the message's length. */
export function matchCall({ calls }: Pick<LogCalls, 'calls'>, line: SaidLine): CallMatch {
  const candidates = calls.flatMap((call) => candidateOf(call, line) ?? []);
  const most = candidates.reduce((score, each) => Math.max(score, each.score), 0);
  const best = ofLogger(distinct(candidates.filter(({ score }) => score === most)), line.logger);
  if (best.length === 0) return { kind: 'none' };
  return best.length === 1
    ? { kind: 'one', match: best[0]! }
    : { kind: 'several', matches: best.slice(0, MOST_MATCHES) };
}

/** Branches of one message are one call; and a caller that adds nothing to what its printer says is none of its own. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  const byNode = new Map(candidates.map((each) => [each.call.node, each]));
  return [...byNode.values()].filter(({ call }) => !call.through.some((node) => byNode.has(node)));
}

/** A logger is called by its module, as a rule. */
function ofLogger(candidates: readonly Candidate[], logger: string | undefined): readonly Candidate[] {
  if (logger === undefined || candidates.length < 2) return candidates;
  const path = `/${logger.replaceAll('.', '/')}`;
  const named = candidates.filter(({ call }) => `/${call.file.replace(/(\/__init__)?\.py$/, '')}`.endsWith(path));
  return named.length > 0 ? named : candidates;
}

function candidateOf(call: LogCall, line: SaidLine): Candidate | undefined {
  const fields = fieldsIn(call, line);
  const byMessage = bestFill(call, line.message, fields.length > 0);
  if (byMessage) return { call, ...byMessage, fields, score: byMessage.score + fields.length * 20 };
  // An object that is printed as JSON may have no message: its names are its text.
  const isObject = call.message.length === 0 && fields.length > 0;
  const unsaid = call.fields.length - fields.length;
  return isObject ? { call, filled: [], fields, score: Math.max(1, fields.length * 20 - unsaid) } : undefined;
}

/** Of nested objects readers give the names with dots: `stats.size`. */
export const isNamed = (said: string, name: string): boolean => said === name || said.endsWith(`.${name}`);

const fieldsIn = ({ fields }: LogCall, line: SaidLine): LogField[] =>
  line.fields ? fields.filter(({ name }) => line.fields!.some((said) => isNamed(said, name))) : [];

function bestFill(call: LogCall, message: string, hasFields: boolean): { filled: Filled[]; score: number } | undefined {
  const text = message.trim();
  const patterns = patternsOf(call).filter((pattern) => hasTexts(pattern, text));
  if (patterns.length === 0) return undefined;
  const offset = message.length - message.trimStart().length;
  const whole = patterns.flatMap((pattern) => scored(pattern, pattern, text, 'whole', hasFields));
  const found = whole.length > 0 ? whole : patterns.flatMap((pattern) => inPart(pattern, text));
  const best = found.toSorted((a, b) => b.score - a.score)[0];
  return (
    best && {
      ...best,
      filled: best.filled.map((each) => ({ ...each, from: each.from + offset, to: each.to + offset })),
    }
  );
}

type Scored = { filled: Filled[]; score: number };

/** `tried` is the pattern, or more than it. */
function scored(pattern: Message, tried: Message, text: string, rank: Rank, hasFields: boolean): Scored[] {
  const letters = wordCharacters(pattern);
  const filled = hasFields || isTelling(pattern, letters, rank) ? fill(tried, text) : undefined;
  if (!filled) return [];
  const own = filled.filter(({ place }) => place !== REST);
  return [{ filled: own, score: letters * 4 + RANKS.indexOf(rank) + 1 }];
}

function isTelling(pattern: Message, letters: number, rank: Rank): boolean {
  if (rank !== 'whole') return letters >= LEAST_IN_PART;
  const onlyNumbers = pattern.every((part) => !isPlace(part) || part.isNumber);
  return letters >= (onlyNumbers ? 1 : LEAST_IN_WHOLE);
}

const REST: Place = { expression: '', value: undefined, isNumber: false };

/** The message has a head (another format's time and names) or a tail (`key=value`) that the pattern has not. */
function inPart(pattern: Message, message: string): Scored[] {
  const first = pattern[0];
  if (!first || wordCharacters(pattern) < LEAST_IN_PART) return [];
  const withTail: Message = [...pattern, { text: ' ' }, REST];
  const tail = scored(pattern, withTail, message, 'tail', false);
  if (tail.length > 0 || isPlace(first)) return tail;
  const withHead: Message = [REST, ...pattern];
  return [withHead, [...withHead, { text: ' ' }, REST]].flatMap((each) =>
    scored(pattern, each, message, 'head', false),
  );
}

const known = new WeakMap<LogCall, Message[]>();

/** The pattern as it is, and without what a reader of logs takes off the front: colours, time, level. */
function patternsOf(call: LogCall): Message[] {
  const found = known.get(call);
  if (found) return found;
  const whole = trimmed(call.message.map((part) => (isPlace(part) ? part : { text: part.text.replace(COLOUR, '') })));
  const bare = trimmed(withoutHead(whole));
  const made =
    whole.length === 0 ? [] : wordCharacters(bare) > 0 && bare.length > 0 && bare !== whole ? [whole, bare] : [whole];
  known.set(call, made);
  return made;
}

// biome-ignore lint/complexity/useRegexLiterals: an escape character is easier to see like this
const COLOUR = new RegExp('\\u001b\\[[0-9;]{0,20}[A-Za-z]', 'g');
const LEVEL = /^[\s[(|<:-]{0,9}(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)[\s\])|>:-]{1,9}/i;

/** `[INFO] `, `{time} `, `{time} [{level}] `: what stands before the first word. */
function withoutHead(message: Message): Message {
  let parts: readonly MessagePart[] = message;
  for (let steps = 0; steps < 8; steps++) {
    const first = parts[0];
    if (!first) return message;
    if (isPlace(first)) {
      const next = parts[1];
      // Only a place that stands alone, with a blank or a bracket behind it.
      if (!next || isPlace(next) || !/^[\s\])|>:-]/.test(next.text)) return parts;
      parts = parts.slice(1);
      continue;
    }
    const rest = first.text.replace(LEVEL, '').replace(/^[\s[\](){}|<>:,-]+/, '');
    if (rest === first.text) return parts;
    parts = rest === '' ? parts.slice(1) : [{ text: rest }, ...parts.slice(1)];
    if (rest !== '') return parts;
  }
  return parts;
}

function trimmed(message: Message): Message {
  const parts = message.map((part, at) => {
    if (isPlace(part)) return part;
    const start = at === 0 ? part.text.trimStart() : part.text;
    return { text: at === message.length - 1 ? start.trimEnd() : start };
  });
  return parts.filter((part) => isPlace(part) || part.text !== '');
}

/** The calls that print a value behind a name in their text: `size={n}`, `"size": {n}`. For lines that a reader took apart. */
export function callsThatName({ calls }: Pick<LogCalls, 'calls'>, name: string): { call: LogCall; place: Place }[] {
  const own = name.split('.').at(-1)!;
  return calls.flatMap((call) =>
    call.message.flatMap((part, at) => {
      const before = call.message[at - 1];
      return isPlace(part) && before && !isPlace(before) && endsInName(before.text, own) ? [{ call, place: part }] : [];
    }),
  );
}

function endsInName(text: string, name: string): boolean {
  const sign = /["']?\s{0,3}[=:]\s{0,3}["']?$/.exec(text.slice(-12))?.[0];
  const before = sign === undefined || sign === '' ? '' : text.slice(0, -sign.length);
  return before.endsWith(name) && !/[\w.]/.test(before.at(-name.length - 1) ?? '');
}
