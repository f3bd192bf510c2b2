/** Which files of a folder have to do with the numbers of a log: found by words, for what they mean is not a step's to say. */

const PLACE = '<*>';
const MOST_TEMPLATES = 300;
const LEAST_LETTERS = 3;

/**
 * Pieces of text that a call which prints one of the templates has in its source, as a rule: two words that follow each other. A template of
 * one word gives that.
 */
export function piecesOf(templates: readonly string[]): Set<string> {
  const pieces = new Set<string>();
  for (const template of templates.slice(0, MOST_TEMPLATES)) {
    const own = template.slice(0, 2000).split(PLACE).flatMap(piecesIn);
    for (const piece of own) pieces.add(piece);
  }
  return pieces;
}

function piecesIn(text: string): string[] {
  const words = [...text.matchAll(/[\p{L}\p{N}_]+/gu)].slice(0, 40);
  const pairs = words.slice(1).flatMap((word, at) => {
    const before = words[at]!;
    return [text.slice(before.index, word.index + word[0].length)];
  });
  const single = words.filter(([word]) => word.length >= LEAST_LETTERS && !/^\d/.test(word)).map(([word]) => word);
  return pairs.length > 0 ? pairs : single;
}

/** Lines of source before and behind a text in which what is printed there is named. */
const LINES_BEFORE = 10;
const LINES_BEHIND = 4;
const MOST_NAMES = 2000;
/** Names that say nothing of what is kept. */
const COMMON = new Set(
  'and not None True False def for with while elif else import from return self cls log logger logging info debug warning error print len str int float format time name value key data args kwargs the'.split(
    ' ',
  ),
);

/** The names in a source that stand near one of the pieces; empty where it has none of them. */
export function namesNear(text: string, pieces: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  if (![...pieces].some((piece) => text.includes(piece))) return names;
  const lines = text.split('\n');
  lines.forEach((line, at) => {
    if (names.size > MOST_NAMES || ![...pieces].some((piece) => line.includes(piece))) return;
    for (const near of lines.slice(Math.max(0, at - LINES_BEFORE), at + LINES_BEHIND + 1))
      for (const [word] of near.slice(0, 1000).matchAll(/[\p{L}_][\p{L}\p{N}_]{2,}/gu))
        if (!COMMON.has(word)) names.add(word);
  });
  return names;
}

/** Whether a source speaks of one of the names. */
export const speaksOf = (text: string, names: ReadonlySet<string>): boolean =>
  (text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []).some((word) => names.has(word));
