/** A string literal without its prefix and quotes. */
export interface Literal {
  /** As written, escapes and all. */
  readonly raw: string;
  /** Where it begins in the literal: behind prefix and quotes. */
  readonly from: number;
  readonly isRaw: boolean;
}

const OPENING = /^([A-Za-z]{0,3})("""|'''|"|')/;

/** The parts of `r'…'`, `"""…"""`, `f"…"`; of what is no literal, nothing. */
export function literalOf(written: string): Literal {
  const opening = OPENING.exec(written);
  if (!opening) return { raw: '', from: 0, isRaw: false };
  const from = opening[0].length;
  const quotes = opening[2]!;
  const to = written.length >= from + quotes.length && written.endsWith(quotes) ? -quotes.length : undefined;
  return { raw: written.slice(from, to), from, isRaw: /r/i.test(opening[1]!) };
}

const SIMPLE: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
  '\r\n': '',
};
const ESCAPE =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|N\{[^}]{1,80}\}|(\r\n|[\s\S]))/g;

/** What a literal's characters stand for (Python reference, 2.4.1.1). A character by name is left as it is written. */
export function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  return raw.replace(ESCAPE, (all, x, u, long, octal, simple) => {
    const hex = x ?? u ?? long;
    const code = hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : -1;
    if (code >= 0) return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    return simple === undefined ? all : (SIMPLE[simple] ?? all);
  });
}

/** Nothing that is printed as a line is longer. */
export const LONGEST_LITERAL = 20_000;

/** The text of a literal that has no replacements; a very long one is cut. */
export function textOfLiteral(written: string): string {
  const { raw: whole, isRaw } = literalOf(written);
  const raw = whole.slice(0, LONGEST_LITERAL);
  return isRaw ? raw : unescaped(raw);
}
