/** Ranges that East Asian terminals and most others draw two cells wide (Unicode Standard Annex 11: W and F, and emoji). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /[\p{Mn}\p{Me}]/u;

/** How many terminal cells the text takes. The text has no control characters (see `visible`). */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += cellsOf(character);
  return width;
}

/** The text cut to `most` cells, with an ellipsis as the last of them where something was cut off. */
export function cutToWidth(text: string, most: number): string {
  // A cell is at most two units and marks are few: no need to measure a megabyte.
  const near = text.slice(0, most * 8 + 8);
  return near.length === text.length && textWidth(text) <= most ? text : `${fitting(near, most - 1, 0)}…`;
}

/** The text filled up with spaces to `width` cells. */
export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** A number and its unit, between which no line is broken. */
const NUMBER_AND_UNIT = /(?<=\d) (?=(?:[KMGTP]?i?B|ms|s|min|h|days|%)(?!\w))/g;

/**
 * The text in lines of at most `width` cells, broken at spaces; a word longer than a line is broken where the line ends.
 * The first line begins with `first`, those after it with `rest`.
 */
export function wrapped(text: string, width: number, first = '', rest = ' '.repeat(textWidth(first))): string[] {
  const lines: string[] = [];
  const roomOf = (line: number) => Math.max(8, width - textWidth(line === 0 ? first : rest));
  let line = '';
  for (const word of text.trim().replace(NUMBER_AND_UNIT, '\u00a0').split(/ +/)) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > roomOf(lines.length)) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
    while (textWidth(line) > roomOf(lines.length)) {
      const piece = fitting(line, roomOf(lines.length));
      lines.push(piece);
      line = line.slice(piece.length);
    }
  }
  return [...lines, line].map((each, at) => `${at === 0 ? first : rest}${each.replaceAll('\u00a0', ' ')}`.trimEnd());
}

/** The longest beginning of the text that fits, of `least` characters at least: a line that takes none would never end. */
function fitting(text: string, most: number, least: 0 | 1 = 1): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += cellsOf(character);
    if (width > most && end >= least) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function cellsOf(character: string): number {
  if (character >= ' ' && character <= '~') return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
