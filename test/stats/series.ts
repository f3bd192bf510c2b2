/** Random numbers with a seed (mulberry32), so that a simulation gives the same answer on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Normal noise of variance 1 in which each value keeps the share `rho` of the one before: AR(1). */
export function noise(length: number, rho: number, random: () => number): number[] {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const values: number[] = [];
  for (let i = 0; i < length; i++) {
    values.push(i === 0 ? normal() : rho * values[i - 1]! + Math.sqrt(1 - rho * rho) * normal());
  }
  return values;
}

export const share = (runs: number, holds: () => boolean): number =>
  Array.from({ length: runs }, holds).filter(Boolean).length / runs;
