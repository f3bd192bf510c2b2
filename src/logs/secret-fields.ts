import type { Span } from './redact.ts';
import { SECRET_WORD, secretKind } from './secret-names.ts';

/** Longer names are cut: what is before matters little, and the time must not grow with it. */
const NAME_CHARACTERS = 64;
const NAME = /[\w.-]{1,64}/y;
/** `password=`, `"password": `, `\"password\":`, `password => `, and after a flag a space. */
const SEPARATOR = /\\{0,8}["']?[ \t]{0,8}(?:=>?|:=?)[ \t]{0,8}/y;
const FLAG_SEPARATOR = /[ \t]{1,8}(?!-)/y;
/** Our own mark stays as it is. */
const MARK = '\\[hidden(?:: [a-z ]{1,20})?\\]';
const QUOTED = '"(?:[^"\\\\\\n]|\\\\.)*"?|\'(?:[^\'\\\\\\n]|\\\\.)*\'?';
/** To the next space, `&` of a query, or comma and semicolon behind which another field begins. */
const BARE = '[^\\s"\'&,;]|[,;](?!\\s|$|["\'}\\]]|[\\w.-]{1,64}["\']?[=:])';
const SCHEME = '(?:(?:Bearer|Basic|Token|Digest|Negotiate)[ \\t]{1,8})?';
const VALUE = new RegExp(`${SCHEME}(?:${MARK}|${QUOTED}|${BARE})+`, 'imy');
/** In JSON and Python's own notation a bare value ends with its bracket too. */
const VALUE_IN_BRACKETS = new RegExp(`(?:${MARK}|[bru]{0,2}(?:${QUOTED})|[^\\s"',}\\])]+)`, 'iy');
const REST_OF_LINE = /[^\n"']+/y;
const LIST = /[[{(][^\n\]})]*[\]})]?/y;

const IS_MARK = new RegExp(`^["']?${MARK}["']?$`);
/** What stands for no secret, and numbers: counts, sizes and times, at most of 12 digits. */
const NOTHING = /^["']?(?:none|null|nil|true|false|undefined|\*+|<[a-z_ ]{1,40}>|)["']?$/i;
const NUMBER = /^["']?[+-]?\d{1,12}(?:\.\d{1,12})?(?: ?[a-z%]{1,4})?(?:\/\d{1,12})?["']?$/i;
const WORD = /^["']?(?:[a-z]{1,20}|[A-Z][a-z]{0,19})[.!?]?["']?$/;
const RANDOM = /^["']?(?=[^\d]*\d)(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])[\w+/=-]{20,}["']?$/;

/** Values behind names that speak of a secret. Looks at each name once, from the left. */
export function namedSecrets(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const { index } of text.matchAll(SECRET_WORD)) {
    if (index < from) continue;
    const found = fieldAt(text, index, from);
    from = found.end;
    if (found.span) spans.push(found.span);
  }
  return spans;
}

function fieldAt(text: string, at: number, least: number): { end: number; span?: Span } {
  const start = nameStart(text, at, least);
  const end = endOf(NAME, text, at) ?? at;
  const secret = secretKind(text.slice(start, end).replace(/^-+|[.-]+$/g, ''));
  if (!secret) return { end };
  const separated = endOf(SEPARATOR, text, end);
  const from = separated ?? (text.startsWith('--', start) ? endOf(FLAG_SEPARATOR, text, end) : undefined);
  if (from === undefined) return { end };
  const separator = text.slice(end, from);
  const value = valueAt(text, from, separator, secret.kind);
  if (value === undefined) return { end: from };
  const isProse = !/["'=]/.test(separator) && separator.endsWith(' ');
  if (!isSecret(text.slice(value.start, value.end), secret, isProse)) return { end: value.end };
  return { end: value.end, span: { ...value, kind: secret.kind } };
}

function nameStart(text: string, at: number, least: number): number {
  let start = at;
  while (start > least && start > at - NAME_CHARACTERS && isNameCode(text.charCodeAt(start - 1))) start--;
  return start;
}

/** `-`, `.`, `_`, letters and digits. */
const isNameCode = (code: number): boolean =>
  code === 45 || code === 46 || code === 95 || (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122);

/** The value without its quotes, where it is one quoted text. */
function valueAt(
  text: string,
  from: number,
  separator: string,
  kind: string,
): { start: number; end: number } | undefined {
  const escaped = /^\\+["']/.exec(text.slice(from, from + 9))?.[0];
  if (escaped) return { start: from + escaped.length, end: escapedEnd(text, from + escaped.length, escaped) };
  const isHeader = kind === 'authorization' || kind === 'cookie';
  const first = text[from] ?? '';
  const isQuoted = first === '"' || first === "'";
  const list = /[[{(]/.test(first) && !text.startsWith('[hidden', from) ? endOf(LIST, text, from) : undefined;
  const rest = isHeader && !isQuoted ? endOf(REST_OF_LINE, text, from) : undefined;
  const isInBrackets = /["']/.test(separator);
  const end = list ?? rest ?? endOf(isInBrackets ? VALUE_IN_BRACKETS : VALUE, text, from);
  if (end === undefined || end === from) return undefined;
  const isWhole = isQuoted && end - from >= 2 && text[end - 1] === first && text.indexOf(first, from + 1) === end - 1;
  return isWhole ? { start: from + 1, end: end - 1 } : { start: from, end };
}

/** To the quote that is escaped as the first one was, or the end of the line. */
function escapedEnd(text: string, from: number, quote: string): number {
  const close = text.indexOf(quote, from);
  const line = close < 0 ? text.indexOf('\n', from) : text.slice(from, close).indexOf('\n');
  if (line < 0) return close < 0 ? text.length : close;
  return close < 0 ? line : from + line;
}

function isSecret(value: string, { kind, isSure }: { kind: string; isSure: boolean }, isProse: boolean): boolean {
  if (NOTHING.test(value) || IS_MARK.test(value)) return false;
  if (!isSure) return RANDOM.test(value);
  if (kind !== 'token' && kind !== 'key') return true;
  return !NUMBER.test(value) && !(isProse && WORD.test(value));
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
