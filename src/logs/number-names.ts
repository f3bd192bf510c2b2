import type { Unit } from './number-series.ts';
import { UNITS } from './units.ts';

/** Words around a number that say nothing of what it counts. */
const EMPTY_WORDS = new Set(
  'a an and are as at be been by for from had has have in into is it its now of on or so far the then this to was we were will with yet out already currently than that there'.split(
    ' ',
  ),
);
const MOST_WORDS_BEFORE = 4;
const MOST_WORDS_BEHIND = 2;
const NEAR_CHARACTERS = 120;
/** What parts one statement of a line from the next. */
const PARTS = /[,;|()[\]{}]|\s-\s|\. /;
const KEYED = /[:=]\s*["']?$/;
const WORD = /\p{L}[\p{L}\d_.-]*/gu;

/** What a number is called, by the words before and behind it in its message: "cache size". Lower case; "value" where there are none. */
export function nameAt(message: string, start: number, end: number): string {
  const before = message.slice(Math.max(0, start - NEAR_CHARACTERS), start);
  const behind = message.slice(end, end + NEAR_CHARACTERS);
  const isKeyed = KEYED.test(before);
  const said = wordsOf(lastPart(before.replace(/[\s:=("'[{<]+$/, ''))).slice(-MOST_WORDS_BEFORE);
  const follows = wordsOf(behind.split(PARTS)[0]!.split(/[:=]/)[0]!).slice(0, MOST_WORDS_BEHIND);
  // `size=12 items=3`: what follows is the next one's name.
  const isNextKey = /^\s*[\w.-]+\s*[:=]/.test(behind);
  const words = isKeyed && said.length > 0 ? said.slice(-3) : [...said, ...(isNextKey ? [] : follows)];
  return (words.join(' ') || wordsOf(behind).slice(0, 2).join(' ') || 'value').toLowerCase();
}

/** From the last separator on, or from the number before: behind that a new statement begins. */
function lastPart(before: string): string {
  const keyed = before.split(PARTS).at(-1)!;
  const afterNumber = keyed.split(/(?<![\p{L}_.-])\d[\d.,]*(?:\s?[%\p{L}]{1,3}(?=\s))?/u).at(-1)!;
  const clause = afterNumber.split(/=\S*\s/).at(-1)!;
  return clause.trim() === '' ? keyed : clause;
}

const wordsOf = (text: string): string[] =>
  (text.match(WORD) ?? [])
    .map((word) => word.replace(/[.-]+$/, ''))
    .filter((word) => !EMPTY_WORDS.has(word.toLowerCase()));

/** What the words around a bare number say of its unit, and what one of it is in that unit. */
export interface SaidUnit {
  readonly unit: Unit;
  readonly factor: number;
}

/** A unit in brackets, behind `in`, or at the end of a name: `size (MB): 12`, `time in ms`, `rss_mb`, `duration_seconds`, `heapBytes`. */
const SPELLED = /(?:[([]\s*|\bin\s+|_|\s|^)([\p{L}%]{1,12})\s*[)\]]?\s*[:=]?\s*$/u;
const CAMEL = /(?<=\p{Ll})(Bytes|Seconds|Ms|Mb|MB|Kb|KB|MiB|KiB|Percent)$/u;
const COUNTED =
  /\b(?:count|total|size|length|len|items?|entries|keys|rows|objects?|images?|requests?|connections?|sessions?|messages?|users?|jobs?|tasks?|threads?|records?|files?|events?|elements?|pending|queued?|depth|processed|handled|number|num|so far|thumbnails?|batch(?:es)?|cached?)\b/i;
const MEMORY = /\b(?:memory|mem|rss|pss|uss|heap|vms|vmem|resident|footprint)\b/i;
const BY_TEXT = new Map(UNITS.slice(1).map((unit) => [unit.text, unit]));
/** As parts of a name these would be found everywhere. */
const TOO_SHORT = new Set(['b', 'h', 'd', 'm', 's', 'k', 'K', 'M', 'G', '%', 'min', 'mins']);

/** The unit of numbers that bear none, by name and by what stands before them. */
export function unitSaid(name: string, before: string): SaidUnit | undefined {
  const found = SPELLED.exec(before.slice(-40)) ?? CAMEL.exec(before.slice(-40));
  const word = found?.[1] ?? '';
  const unit = BY_TEXT.get(word) ?? BY_TEXT.get(word.toLowerCase());
  const isShort = TOO_SHORT.has(word);
  const isMarked = /[([_]|\bin\s/.test(found?.[0] ?? '');
  // `duration_s`, `size (B)`; but in `Plan B: 3` it is a letter.
  if (unit && (!isShort || (isMarked && unit.text !== 'min'))) return { unit: unit.unit, factor: unit.factor };
  if (/(?:^|_)pct$|percent/i.test(before.trim().replace(/[:=]$/, ''))) return { unit: 'percent', factor: 1 };
  return COUNTED.test(name.replaceAll('_', ' ')) && !MEMORY.test(name) ? { unit: 'count', factor: 1 } : undefined;
}

/** `RSS: 120M`: as ps, top and docker write it. */
export const binaryMultiple = (name: string, factor: number): number | undefined =>
  MEMORY.test(name.replaceAll('_', ' ')) ? 1024 ** Math.round(Math.log10(factor) / 3) : undefined;
