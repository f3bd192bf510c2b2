import { secondsText } from '../../util/duration.ts';

/** The last second that ISO 8601 writes with four digits of a year. */
const LAST = 253_402_300_799;

/** ISO 8601 in UTC, of Unix seconds. */
export const isoOf = (unixSeconds: number): string =>
  new Date(Math.round(Math.min(LAST, Math.max(0, unixSeconds)) * 1000)).toISOString();

const DAY_SECONDS = 86_400;

/** `19:09:29 UTC`; with its day where that is not the last one. */
export function clockText(unixSeconds: number, nowUnixSeconds: number): string {
  const iso = isoOf(unixSeconds);
  const time = `${iso.slice(11, 19)} UTC`;
  return Math.abs(nowUnixSeconds - unixSeconds) < DAY_SECONDS ? time : `${iso.slice(0, 10)} ${time}`;
}

/** `19:09:29 UTC, 34 s ago`. Both by the clock of the cluster. */
export function whenText(unixSeconds: number, nowUnixSeconds: number): string {
  const ago = nowUnixSeconds - unixSeconds;
  // The node's clock may be a little ahead of the API server's.
  return ago < 1
    ? clockText(unixSeconds, nowUnixSeconds)
    : `${clockText(unixSeconds, nowUnixSeconds)}, ${agoText(ago)}`;
}

export const agoText = (seconds: number): string => `${secondsText(Math.max(0, Math.round(seconds)))} ago`;
