import type { Sizing } from './types.ts';

const MIB = 1024 * 1024;
/** What a holder may take where no limit is known. */
const WITHOUT_LIMIT_BYTES = 64 * MIB;

/**
 * How many items fit: those that take half of what the limit leaves beside the rest of the process, rounded down to a
 * number that people write (1, 2, 5, 10, …), and never more than `most`. Without a limit, what fits in 64 MiB.
 */
export function itemBound(sizing: Sizing, most: number): number {
  const { bytesPerItem, limitBytes, baselineBytes = 0 } = sizing;
  if (!bytesPerItem || !(bytesPerItem > 0) || !Number.isFinite(bytesPerItem)) return friendly(Math.min(most, 1000));
  const room = limitBytes === undefined ? WITHOUT_LIMIT_BYTES : Math.max(0, limitBytes - baselineBytes) / 2;
  const cap = limitBytes === undefined ? Math.min(most, 1000) : most;
  return friendly(Math.min(cap, room / bytesPerItem));
}

/** 1, 2, 5, 10, 20, 50, … downwards; at least 1. */
export function friendly(count: number): number {
  if (!(count >= 2)) return 1;
  const power = 10 ** Math.floor(Math.log10(count) + 1e-9);
  const digit = count / power;
  return (digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power;
}
