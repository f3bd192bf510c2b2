import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `look` returns something else than undefined or false, and returns that. Throws after `timeoutMs`, with
 * what was waited for and the last error.
 */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
  intervalMs = 250,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) return seen;
      last = undefined;
    } catch (thrown) {
      last = thrown;
    }
    await sleep(intervalMs);
  } while (performance.now() < deadline);
  const why = last === undefined ? '' : `: ${last instanceof Error ? last.message : String(last)}`;
  throw new Error(`no ${what} after ${timeoutMs / 1000} s${why}`);
}
