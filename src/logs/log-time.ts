import { namedTime } from './log-time-names.ts';

/** A time that was read in a text. */
export interface ReadTime {
  /** Behind it. */
  readonly end: number;
  /** By UTC where it names no zone. */
  readonly unixSeconds: number;
  /** Where it says what time that is anywhere: with a zone, or since the epoch. */
  readonly hasZone: boolean;
  /** Of day and time, what it leaves out: the rest is of 1970, or 1972. */
  readonly lacks: 'year' | 'date' | undefined;
}

const DAY_SECONDS = 86_400;
/** 2001 and 2100: what lies outside is no time but another number. */
const EARLIEST = 978_307_200;
const LATEST = 4_102_444_800;

export const digitAt = (text: string, at: number): number => {
  const digit = text.charCodeAt(at) - 48;
  return digit >= 0 && digit <= 9 ? digit : -1;
};

/** The number that `count` digits at a place make, or -1. */
export function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let end = at + count; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

export function digitCount(text: string, at: number, most = 20): number {
  let count = 0;
  while (count < most && digitAt(text, at + count) >= 0) count++;
  return count;
}

let knownDay = -1;
let knownDaySeconds = 0;

/** Since the epoch, at midnight; NaN: there is no such day. The same day comes again and again. */
export function daySeconds(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > 31 || year < 1970 || year > 2199) return Number.NaN;
  const key = (year * 12 + month) * 32 + day;
  if (key !== knownDay) {
    knownDay = key;
    knownDaySeconds = Date.UTC(year, month - 1, day) / 1000;
  }
  return knownDaySeconds;
}

/** The time that begins at a place of a line, in any of the forms in which programs write it. */
export function timeAt(text: string, at: number): ReadTime | undefined {
  const first = digitAt(text, at);
  if (first < 0) return namedTime(text, at);
  const count = digitCount(text, at);
  const behind = text.charCodeAt(at + count);
  if (count === 4 && (behind === 45 || behind === 47 || behind === 46)) return isoTime(text, at);
  if (count === 8 || count === 6) return compactTime(text, at, count) ?? epochTime(text, at, count);
  if (count <= 2 && behind === 58) return clockOnly(text, at);
  return count <= 2 ? namedTime(text, at) : epochTime(text, at, count);
}

/** `2026-11-22T19:09:51.120Z`, `2026-11-22 19:09:51,120`, `2026/11/22 19:09:51`. */
function isoTime(text: string, at: number): ReadTime | undefined {
  const day = daySeconds(digitsAt(text, at, 4), digitsAt(text, at + 5, 2), digitsAt(text, at + 8, 2));
  if (Number.isNaN(day) || text.charCodeAt(at + 7) !== text.charCodeAt(at + 4)) return undefined;
  const between = text.charCodeAt(at + 10);
  // T, t, blank, _ and -
  if (between !== 84 && between !== 32 && between !== 116 && between !== 95 && between !== 45) return undefined;
  return clockAt(text, between === 32 && text.charCodeAt(at + 11) === 32 ? at + 12 : at + 11, day);
}

/** `20261122T190951Z`, `20261122 19:09:51`; tornado's `261122 19:09:51`. */
function compactTime(text: string, at: number, count: number): ReadTime | undefined {
  const years = count - 4;
  const year = digitsAt(text, at, years) + (years === 2 ? 2000 : 0);
  const day = daySeconds(year, digitsAt(text, at + years, 2), digitsAt(text, at + years + 2, 2));
  const between = text.charCodeAt(at + count);
  if (Number.isNaN(day) || (between !== 84 && between !== 32 && between !== 45 && between !== 95)) return undefined;
  const start = at + count + 1;
  if (text.charCodeAt(start + 2) === 58) return clockAt(text, start, day);
  return years === 4 && digitCount(text, start) === 6 ? clockAt(text, start, day, 0) : undefined;
}

/** `19:09:51`, `19:09:51.120`: of which day is not said. */
function clockOnly(text: string, at: number): ReadTime | undefined {
  const time = text.charCodeAt(at + 2) === 58 ? clockAt(text, at, 0) : undefined;
  return time && { ...time, lacks: 'date' };
}

/**
 * Hours, minutes, perhaps seconds and their parts, AM or PM, and a zone, of a day.
 *
 * @param colons 0: the digits stand together.
 */
export function clockAt(text: string, at: number, day: number, colons: 0 | 1 = 1): ReadTime | undefined {
  let hour = digitsAt(text, at, 2);
  const minute = digitsAt(text, at + 2 + colons, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined;
  if (colons && text.charCodeAt(at + 2) !== 58) return undefined;
  let end = at + 4 + colons;
  let seconds = 0;
  if (!colons || text.charCodeAt(end) === 58) {
    seconds = digitsAt(text, end + colons, 2);
    if (seconds < 0 || seconds > 60) return undefined;
    end += 2 + colons;
    const mark = text.charCodeAt(end);
    if ((mark === 46 || mark === 44) && digitAt(text, end + 1) >= 0) {
      const count = digitCount(text, end + 1, 9);
      seconds += digitsAt(text, end + 1, count) / 10 ** count;
      end += 1 + count;
    }
  }
  // A port or a span, not a time.
  if (digitAt(text, text.charCodeAt(end) === 58 ? end + 1 : end) >= 0) return undefined;
  const half = halfAt(text, end);
  if (half) {
    hour = (hour % 12) + half.hours;
    end = half.end;
  }
  const zone = zoneAt(text, end);
  const unixSeconds = day + hour * 3600 + minute * 60 + seconds;
  return zone
    ? { end: zone.end, unixSeconds: unixSeconds - zone.offsetSeconds, hasZone: true, lacks: undefined }
    : { end, unixSeconds, hasZone: false, lacks: undefined };
}

function halfAt(text: string, at: number): { end: number; hours: number } | undefined {
  if (text.charCodeAt(at) !== 32 || text.charCodeAt(at + 2) !== 77) return undefined;
  const letter = text[at + 1];
  return letter === 'A' || letter === 'P' ? { end: at + 3, hours: letter === 'P' ? 12 : 0 } : undefined;
}

/** `Z`, `+01:00`, `+0100`, ` +0000`, ` UTC`, ` GMT`: other names mean other zones in other countries. */
function zoneAt(text: string, at: number): { end: number; offsetSeconds: number } | undefined {
  const start = text.charCodeAt(at) === 32 ? at + 1 : at;
  const sign = text.charCodeAt(start);
  if (sign === 90 && start === at) return { end: at + 1, offsetSeconds: 0 };
  if (sign === 85 || sign === 71) {
    const name = text.slice(start, start + 3);
    return name === 'UTC' || name === 'GMT' ? { end: start + 3, offsetSeconds: 0 } : undefined;
  }
  if (sign !== 43 && sign !== 45) return undefined;
  const hours = digitsAt(text, start + 1, 2);
  const colon = text.charCodeAt(start + 3) === 58 ? 1 : 0;
  const minutes = digitsAt(text, start + 3 + colon, 2);
  if (hours < 0 || hours > 15) return undefined;
  if (minutes < 0 && start !== at) return undefined;
  const offsetSeconds = (hours * 3600 + Math.max(0, minutes) * 60) * (sign === 45 ? -1 : 1);
  return { end: minutes < 0 ? start + 3 : start + 5 + colon, offsetSeconds };
}

/** Seconds with parts, or milli-, micro- or nanoseconds: a whole number of seconds alone might count anything. */
function epochTime(text: string, at: number, count: number): ReadTime | undefined {
  if (text.charCodeAt(at + count) === 46 && count === 10) {
    const parts = digitCount(text, at + 11, 9);
    const unixSeconds = digitsAt(text, at, 10) + digitsAt(text, at + 11, parts) / 10 ** parts;
    return parts > 0 && isPlausible(unixSeconds)
      ? { end: at + 11 + parts, unixSeconds, hasZone: true, lacks: undefined }
      : undefined;
  }
  const unixSeconds =
    count === 13 || count === 16 || count === 19 ? secondsOfEpoch(digitsAt(text, at, count)) : undefined;
  return unixSeconds === undefined ? undefined : { end: at + count, unixSeconds, hasZone: true, lacks: undefined };
}

const isPlausible = (seconds: number): boolean => seconds >= EARLIEST && seconds < LATEST;

/** Of a number in a field that is a time by its name: seconds, milli-, micro- or nanoseconds, as it can be. */
export function secondsOfEpoch(number: number): number | undefined {
  for (const scale of [1, 1e3, 1e6, 1e9]) if (isPlausible(number / scale)) return number / scale;
  return undefined;
}

/**
 * Gives times without a year or a date theirs: the nearest to a time that is known. Without one they are none.
 *
 * @param near A time that the log bore before, or that of its end.
 */
export function dated({ unixSeconds, lacks }: ReadTime, near: number | undefined): number | undefined {
  if (lacks === undefined) return unixSeconds;
  if (near === undefined) return undefined;
  if (lacks === 'date') return unixSeconds + Math.round((near - unixSeconds) / DAY_SECONDS) * DAY_SECONDS;
  const year = new Date(near * 1000).getUTCFullYear();
  const at = new Date(unixSeconds * 1000);
  let best: number | undefined;
  for (const candidate of [year - 1, year, year + 1]) {
    const seconds = Date.UTC(candidate, at.getUTCMonth(), at.getUTCDate()) / 1000 + (unixSeconds % DAY_SECONDS);
    if (best === undefined || Math.abs(seconds - near) < Math.abs(best - near)) best = seconds;
  }
  return best;
}
