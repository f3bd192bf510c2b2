import type { Unit } from './number-series.ts';

/** One spelling of a unit, as it stands behind a number. */
export interface UnitSpelling {
  readonly text: string;
  readonly unit: Unit;
  /** What one of it is, in the unit that series are told in. */
  readonly factor: number;
  /** Whether it may stand apart from its number: `5 s` is a duration, `5 m` may be anything. */
  readonly mayStandApart: boolean;
}

const spelled = (unit: Unit, factor: number, texts: string, mayStandApart = true): UnitSpelling[] =>
  texts.split(' ').map((text) => ({ text, unit, factor, mayStandApart }));

/**
 * Decimal prefixes mean powers of 1000 (ISO 80000-13), with a `i` powers of 1024, whoever wrote them: many programs
 * divide by 1024 and print "MB", which makes such a number 5 % too small here, at gigabytes 7 %.
 */
const BYTES: readonly UnitSpelling[] = [
  ...spelled('bytes', 1, 'B b byte bytes Byte Bytes BYTES octets'),
  ...spelled('bytes', 1e3, 'kB KB kb Kb kilobyte kilobytes'),
  ...spelled('bytes', 1e6, 'MB mb Mb megabyte megabytes'),
  ...spelled('bytes', 1e9, 'GB gb Gb gigabyte gigabytes'),
  ...spelled('bytes', 1e12, 'TB tb Tb terabyte terabytes'),
  ...spelled('bytes', 1e15, 'PB pb'),
  ...spelled('bytes', 2 ** 10, 'KiB kiB kib Kib KIB kibibytes'),
  ...spelled('bytes', 2 ** 20, 'MiB mib Mib MIB mebibytes'),
  ...spelled('bytes', 2 ** 30, 'GiB gib Gib GIB gibibytes'),
  ...spelled('bytes', 2 ** 40, 'TiB tib Tib TIB'),
  ...spelled('bytes', 2 ** 50, 'PiB pib'),
  ...spelled('bytes', 2 ** 10, 'Ki', false),
  ...spelled('bytes', 2 ** 20, 'Mi', false),
  ...spelled('bytes', 2 ** 30, 'Gi', false),
  ...spelled('bytes', 2 ** 40, 'Ti', false),
];

const DURATIONS: readonly UnitSpelling[] = [
  ...spelled('seconds', 1e-9, 'ns nanoseconds'),
  ...spelled('seconds', 1e-6, 'us µs μs usec microseconds'),
  ...spelled('seconds', 1e-3, 'ms msec msecs millis millisecond milliseconds'),
  ...spelled('seconds', 1, 's sec secs second seconds Sekunden'),
  ...spelled('seconds', 60, 'min mins minute minutes'),
  ...spelled('seconds', 60, 'm', false),
  ...spelled('seconds', 3600, 'h hr hrs hour hours'),
  ...spelled('seconds', 86_400, 'day days'),
  ...spelled('seconds', 86_400, 'd', false),
];

/** `12k`, `3M`: of what, only the words around can tell. */
const MULTIPLES: readonly UnitSpelling[] = [
  ...spelled('unknown', 1e3, 'k K', false),
  ...spelled('unknown', 1e6, 'M', false),
  ...spelled('unknown', 1e9, 'G', false),
];

const PERCENT: readonly UnitSpelling[] = spelled('percent', 1, '% percent pct');

/** By number; 0 is a number without a unit. */
export const UNITS: readonly UnitSpelling[] = [
  { text: '', unit: 'unknown', factor: 1, mayStandApart: false },
  ...BYTES,
  ...DURATIONS,
  ...MULTIPLES,
  ...PERCENT,
];

export const PERCENT_SIGN: number = UNITS.findIndex(({ text }) => text === '%');
export const LONGEST_UNIT: number = Math.max(...UNITS.map(({ text }) => text.length));

const hashOf = (text: string): number => {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = stepped(hash, text.charCodeAt(at));
  return hash;
};
const stepped = (hash: number, code: number): number => (Math.imul(hash, 31) + code) | 0;

const BY_HASH: ReadonlyMap<number, number> = new Map(UNITS.slice(1).map(({ text }, at) => [hashOf(text), at + 1]));

/** The number of the unit that the characters from `start` up to `end` spell; 0: none. Nothing is allocated. */
export function unitAt(text: string, start: number, end: number): number {
  if (end - start > LONGEST_UNIT) return 0;
  let hash = 0;
  for (let at = start; at < end; at++) hash = stepped(hash, text.charCodeAt(at));
  const id = BY_HASH.get(hash);
  if (id === undefined) return 0;
  const spelling = UNITS[id]!.text;
  return spelling.length === end - start && text.startsWith(spelling, start) ? id : 0;
}
