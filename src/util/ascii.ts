/** Signs of our own, each with one of ASCII that takes as much room. */
const GLYPHS: Record<string, string> = {
  '─': '-',
  '│': '|',
  '┤': '|',
  '┈': '.',
  '╭': '+',
  '╮': '+',
  '╯': '+',
  '╰': '+',
  '▶': '>',
  '█': '#',
  '·': '-',
  '×': 'x',
  '–': '-',
  '—': '-',
  '−': '-',
  '…': '~',
  '’': "'",
  '≥': '>',
  '→': '>',
};

/** The text with our own signs replaced, for a screen that shows ASCII only. Keeps the width. */
export const asciiGlyphs = (text: string): string =>
  text.replace(/[─│┤┈╭╮╯╰▶█·×–—−…’≥→]/g, (sign) => GLYPHS[sign] ?? '?');

/** As {@link asciiGlyphs}, and every other character outside ASCII is written out: `\u{e9}`. */
export const asciiText = (text: string): string =>
  asciiGlyphs(text).replace(/[^\0-\x7f]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
