import { clockAt, daySeconds, digitCount, digitsAt, type ReadTime } from './log-time.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** 1972 has a 29th of February. */
const NO_YEAR = 1972;

const monthAt = (text: string, at: number): number => MONTHS.indexOf(text.slice(at, at + 3)) + 1;

/** Times that name the month, or have its number first: of access logs, syslog, ctime, mail, and rich's. */
export function namedTime(text: string, at: number): ReadTime | undefined {
  const code = text.charCodeAt(at);
  if (code >= 48 && code <= 57) return dayFirst(text, at);
  if (code < 65 || code > 87) return undefined;
  const behind = text.charCodeAt(at + 3);
  if (behind !== 32 && behind !== 44) return undefined;
  const month = monthAt(text, at);
  if (month > 0) return behind === 32 ? monthFirst(text, at, month) : undefined;
  if (!WEEKDAYS.includes(text.slice(at, at + 3))) return undefined;
  const comma = behind === 44 ? 1 : 0;
  if (text.charCodeAt(at + 3 + comma) !== 32) return undefined;
  return namedTime(text, at + 4 + comma);
}

/** Syslog's `Nov 22 19:09:51` (RFC 3164, 4.1.2) and ctime's `Nov 22 19:09:51 2026`. */
function monthFirst(text: string, at: number, month: number): ReadTime | undefined {
  const start = text.charCodeAt(at + 4) === 32 ? at + 5 : at + 4;
  const count = digitCount(text, start, 3);
  const day = digitsAt(text, start, count);
  if (count === 0 || count > 2 || text.charCodeAt(start + count) !== 32) return undefined;
  const time = clockAt(text, start + count + 1, daySeconds(NO_YEAR, month, day));
  if (!time || Number.isNaN(time.unixSeconds)) return undefined;
  const isYear = text.charCodeAt(time.end) === 32 && digitCount(text, time.end + 1) === 4;
  const year = isYear ? digitsAt(text, time.end + 1, 4) : 0;
  if (year < 1970 || year > 2199) return { ...time, lacks: 'year' };
  const shift = daySeconds(year, month, day) - daySeconds(NO_YEAR, month, day);
  return { ...time, end: time.end + 5, unixSeconds: time.unixSeconds + shift };
}

/** `22/Nov/2026:19:09:51 +0000`, `22 Nov 2026 19:09:51 GMT`, `22.11.2026 19:09:51`, `11/22/26 19:09:51`. */
function dayFirst(text: string, at: number): ReadTime | undefined {
  const count = digitCount(text, at, 3);
  const mark = text[at + count]!;
  const first = digitsAt(text, at, count);
  if (count > 2 || mark === undefined || !'/- .'.includes(mark)) return undefined;
  const middle = at + count + 1;
  const named = monthAt(text, middle);
  const middleCount = named > 0 ? 3 : digitCount(text, middle, 3);
  if (text[middle + middleCount] !== mark || middleCount === 0) return undefined;
  const second = named || digitsAt(text, middle, middleCount);
  const start = middle + middleCount + 1;
  const yearCount = digitCount(text, start, 5);
  if (yearCount !== 4 && (yearCount !== 2 || mark !== '/')) return undefined;
  const year = digitsAt(text, start, yearCount) + (yearCount === 2 ? 2000 : 0);
  // With strokes the month comes first, as in the United States, but where it cannot.
  const monthIsFirst = named === 0 && mark === '/' && first <= 12;
  const day = monthIsFirst ? daySeconds(year, first, second) : daySeconds(year, second, first);
  const between = text[start + yearCount];
  if (Number.isNaN(day) || (between !== ' ' && between !== ':')) return undefined;
  return clockAt(text, start + yearCount + 1, day);
}
