import { withoutMain } from '../core/program.ts';
import type { Compared, Difference } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { countText } from '../util/count.ts';
import { secondsText } from '../util/duration.ts';
import { rateText } from './wording.ts';

/** What differs from an earlier case, as the formats for people say it. Plain text, not escaped. */

export interface ComparedRow {
  readonly what: 'grew' | 'shrank' | 'new' | 'fixed' | 'type';
  readonly name: string;
  /** `list, 500 to 5,500 items`, `2,199 to 7,199 objects`, `leaked 12 items/s` */
  readonly contents: string;
  /** `104 KiB to 1.2 MiB`; empty where it is not known. */
  readonly size: string;
  /** `+158 KiB/s`; empty between two runs, and where nothing was gained a second. */
  readonly rate: string;
}

/** `python app.py (pid 4242), 3.4 h before, the same process` */
export function comparedWith(compared: Compared): string {
  const { with: earlier, seconds, sameProcess } = compared;
  const which = sameProcess ? 'the same process' : `another run${agesText(compared)}`;
  return `${earlier.name}, ${secondsText(seconds)} before, ${which}`;
}

/** What two runs hold can only be compared where they are about as old. */
function agesText({ ageBefore, ageNow }: Compared): string {
  return ageBefore === undefined || ageNow === undefined
    ? ''
    : ` (${secondsText(ageBefore)} old then, ${secondsText(ageNow)} now)`;
}

/** All differences, at most `most` of each kind. Empty: nothing grew, is new or was fixed. */
export function comparedRows(compared: Compared, most: number): ComparedRow[] {
  const { grew, fixed, shrank, types } = compared;
  const added = compared.new;
  return [
    ...fixed.slice(0, most).map(({ name, itemsPerSecond, bytesPerSecond }): ComparedRow => {
      const contents = `leaked ${numberText(itemsPerSecond)} items/s`;
      return { what: 'fixed', name: withoutMain(name), contents, size: '', rate: rateText(-bytesPerSecond) };
    }),
    ...grew.slice(0, most).map((each) => rowOf('grew', each)),
    ...added.slice(0, most).map((each) => rowOf('new', each)),
    ...shrank.slice(0, most).map((each) => rowOf('shrank', each)),
    ...types.slice(0, most).map((each) => rowOf('type', each)),
  ];
}

function rowOf(what: ComparedRow['what'], difference: Difference): ComparedRow {
  const { name, type, itemsBefore, itemsNow, bytesBefore, bytesNow, bytesPerSecond } = difference;
  const noun = type === undefined ? ' objects' : ' items';
  const counts = fromTo(itemsBefore, itemsNow, countText, noun);
  return {
    what,
    name: withoutMain(name),
    contents: type === undefined ? counts : `${type}, ${counts}`,
    size: fromTo(bytesBefore, bytesNow, bytesText),
    rate: bytesPerSecond ? rateText(bytesPerSecond) : '',
  };
}

/** `500 to 5,500 items`; of what is in one look alone, `5,500 items now` or `500 items then`; of bytes, the number alone. */
function fromTo(
  before: number | undefined,
  now: number | undefined,
  text: (value: number) => string,
  noun = '',
): string {
  if (before === undefined) return now === undefined ? '' : `${text(now)}${noun && `${noun} now`}`;
  if (now === undefined) return `${text(before)}${noun && `${noun} then`}`;
  return text(before) === text(now) ? `${text(now)}${noun}` : `${text(before)} to ${text(now)}${noun}`;
}

const numberText = (value: number): string => (value >= 9.95 ? countText(value) : value.toPrecision(2));
