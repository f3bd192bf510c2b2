const SPANS = [
  { most: 120, seconds: 1, unit: 's' },
  { most: 2 * 3600, seconds: 60, unit: 'min' },
  { most: 2 * 86_400, seconds: 3600, unit: 'h' },
  { most: Number.POSITIVE_INFINITY, seconds: 86_400, unit: 'days' },
] as const;
const LONGEST_SECONDS = 10 * 365 * 86_400;

/** A time span as a person reads it: `0.4 s`, `21 s`, `14 min`, `3.4 h`, `12 days`. */
export function secondsText(seconds: number): string {
  if (seconds > LONGEST_SECONDS) return 'more than 10 years';
  const span = spanOf(seconds);
  return `${rounded(seconds / span.seconds)} ${span.unit}`;
}

/** As {@link secondsText}, of milliseconds, in these below a second: `143 ms`. */
export function msText(ms: number): string {
  return ms < 999.5 ? `${Math.round(ms)} ms` : secondsText(ms / 1000);
}

/** An estimated time span with its interval, in one unit: `21 s (18–25 s)`. */
export function secondsRangeText(value: number, low: number, high: number): string {
  const span = spanOf(value);
  const least = rounded(Math.max(0, low) / span.seconds);
  if (value > LONGEST_SECONDS) return secondsText(value);
  const interval =
    high > LONGEST_SECONDS ? `${least} ${span.unit} or more` : `${least}–${rounded(high / span.seconds)} ${span.unit}`;
  return `${secondsText(value)} (${interval})`;
}

/** The unit in which a time span is best said, and its length. */
export function spanOf(seconds: number): { seconds: number; unit: string } {
  return SPANS.find((span) => Math.abs(seconds) < span.most) ?? SPANS[0];
}

/** Tenths only where they tell something. */
function rounded(value: number): string {
  return Math.abs(value) < 9.95 ? String(Number(value.toFixed(1))) : value.toFixed(0);
}
