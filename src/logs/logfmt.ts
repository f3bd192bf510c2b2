export type FieldValue = string | number | boolean;
export type Field = readonly [name: string, value: FieldValue];

const MOST_FIELDS = 64;
const MOST_KEY_CHARACTERS = 100;
const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,3})?$/;
const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };

/** `level=info msg="it ran" n=3` from a place to the end; undefined where anything else is between. Values as Python's `repr` writes them, too. */
export function pairsOf(text: string, from = 0): Field[] | undefined {
  const pairs: Field[] = [];
  let at = from;
  while (at < text.length) {
    if (text.charCodeAt(at) === 32) {
      at++;
      continue;
    }
    const start = keyEnd(text, at) + 1;
    if (start === 0 || pairs.length === MOST_FIELDS) return undefined;
    const end = valueEnd(text, start);
    if (end < 0 || (end < text.length && text.charCodeAt(end) !== 32)) return undefined;
    pairs.push([text.slice(at, start - 1), writtenValue(text.slice(start, end))]);
    at = end;
  }
  return pairs.length > 0 ? pairs : undefined;
}

/** Where the `=` behind a name is, or -1. */
function keyEnd(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (!(first >= 64 && first <= 122) || first === 91) return -1;
  for (let at = from + 1; at < text.length && at - from <= MOST_KEY_CHARACTERS; at++) {
    const code = text.charCodeAt(at);
    if (code === 61) return at;
    const isName =
      (code >= 97 && code <= 122) || (code >= 45 && code <= 57) || (code >= 64 && code <= 90) || code === 95;
    if (!isName) return -1;
  }
  return -1;
}

/** Where the pairs begin that are the rest of a text, behind words; undefined: nowhere. */
export function pairsBehind(text: string): { words: string; pairs: Field[] } | undefined {
  // A few places only: each is read to the end.
  for (let at = text.indexOf('='), tries = 0; at > 0 && tries < 4; at = text.indexOf('=', at + 1), tries++) {
    const start = text.lastIndexOf(' ', at) + 1;
    const pairs = pairsOf(text, start);
    if (pairs) return { words: text.slice(0, start).trimEnd(), pairs };
  }
  return undefined;
}

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"' || first === "'") return quotedEnd(text, start);
  if (first !== undefined && CLOSING[first]) return bracketEnd(text, start);
  const blank = text.indexOf(' ', start);
  return blank < 0 ? text.length : blank;
}

/** Behind the quote that closes the one at a place, or -1. */
export function quotedEnd(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === quote) return at + 1;
  }
  return -1;
}

/** Behind the bracket that closes the one at a place, or -1; brackets in quotes do not count. */
export function bracketEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"' || character === "'") {
      const end = quotedEnd(text, at);
      if (end < 0) return -1;
      at = end - 1;
    } else if (character === '[' || character === '{' || character === '(') depth++;
    else if ((character === ']' || character === '}' || character === ')') && --depth === 0) return at + 1;
  }
  return -1;
}

/** Of a value as it is written: quotes off, numbers and truths as such. */
export function writtenValue(text: string): FieldValue {
  const first = text.charCodeAt(0);
  if (first === 34 || first === 39) return unquoted(text);
  if (NUMBER.test(text)) return Number(text);
  if (text === 'true' || text === 'True') return true;
  return text === 'false' || text === 'False' ? false : text;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

export function unquoted(text: string): string {
  const inner = text.slice(1, text.endsWith(text[0]!) && text.length > 1 ? -1 : undefined);
  if (!inner.includes('\\')) return inner;
  return inner
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string) =>
      code ? String.fromCharCode(Number.parseInt(code, 16)) : (ESCAPES[letter] ?? letter),
    )
    .toWellFormed();
}
