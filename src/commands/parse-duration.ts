import { UsageError } from './usage-error.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MOST_MS = 24 * 3_600_000;

/** As `durationOf`, with `0` for none at all. */
export const durationOrNoneOf =
  (option: string) =>
  (text: string): number =>
    /^0(ms|s|m|h)?$/.test(text) ? 0 : durationOf(option)(text);

/** Milliseconds from `500ms`, `1.5s`, `2m` or `1h`. Throws a UsageError that names the option. */
export const durationOf =
  (option: string) =>
  (text: string): number => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
    const ms = Number(number) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
    if (ms > 0 && ms <= MOST_MS) return Math.round(ms);
    throw new UsageError(
      `${option} ${text}: not a time between 1ms and 24h.`,
      `Write it like ${option} 500ms, 30s, 2m or 1h.`,
    );
  };
