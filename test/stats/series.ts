import { normalFrom } from '../../src/stats/seeded.ts';

export { seeded } from '../../src/stats/seeded.ts';

/** Normal noise of variance 1 in which each value keeps the share `rho` of the one before: AR(1). */
export function noise(length: number, rho: number, random: () => number): number[] {
  const values: number[] = [];
  for (let i = 0; i < length; i++) {
    const fresh = normalFrom(random);
    values.push(i === 0 ? fresh : rho * values[i - 1]! + Math.sqrt(1 - rho * rho) * fresh);
  }
  return values;
}

export const share = (runs: number, holds: () => boolean): number =>
  Array.from({ length: runs }, holds).filter(Boolean).length / runs;
