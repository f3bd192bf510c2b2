const UNIT_SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/** A duration as Go writes it (`1m0s`, `15.031s`) in seconds; undefined where it is none. */
export function durationSeconds(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d{1,12}(?:\.\d{1,12})?(?:ns|us|µs|ms|s|m|h)){1,6}$/.test(value))
    return undefined;
  const parts = [...value.matchAll(/([\d.]+)([a-zµ]+)/g)];
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNIT_SECONDS[unit!]!, 0);
}
