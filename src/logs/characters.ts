/** What a character is to a reader of log lines. Everything beyond ASCII is a letter, but for odd spaces. */
export const OTHER = 0;
export const SPACE = 1;
export const DIGIT = 2;
export const LETTER = 3;
export const QUOTE = 4;
export const SLASH = 5;
export const SIGN = 6;

const CLASSES = new Uint8Array(0x3001).fill(LETTER);
CLASSES.fill(OTHER, 0, 128);
CLASSES.fill(SPACE, 0, 33);
CLASSES.fill(DIGIT, 48, 58);
CLASSES.fill(LETTER, 65, 91);
CLASSES.fill(LETTER, 97, 123);
for (const [characters, kind] of [
  ['_', LETTER],
  ['\'"`', QUOTE],
  ['/', SLASH],
  ['+-', SIGN],
  [
    '\u007f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u3000',
    SPACE,
  ],
  ['\u2018\u2019\u201c\u201d\u00ab\u00bb', OTHER],
] as const)
  for (const character of characters) CLASSES[character.charCodeAt(0)] = kind;

/** The class of the character there; of none, behind the end, SPACE. */
export function classAt(text: string, at: number): number {
  if (at < 0 || at >= text.length) return SPACE;
  const code = text.charCodeAt(at);
  return code < CLASSES.length ? CLASSES[code]! : LETTER;
}

export const classOf = (code: number): number => (code < CLASSES.length ? CLASSES[code]! : LETTER);

export const isWordAt = (text: string, at: number): boolean => {
  const kind = classAt(text, at);
  return kind === LETTER || kind === DIGIT;
};

/** 0–9, a–f, A–F. */
export const isHex = (code: number): boolean => (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 102);

/** Where the run of digits from `at` on ends. */
export function digitsEnd(text: string, at: number): number {
  let end = at;
  while (classAt(text, end) === DIGIT) end++;
  return end;
}

/** Where the word from `at` on ends: letters, digits and `_`. */
export function wordEnd(text: string, at: number): number {
  let end = at;
  while (isWordAt(text, end)) end++;
  return end;
}
