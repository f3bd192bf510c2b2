/** The chance that a standard normal value lies below z. Abramowitz and Stegun 1964, 26.2.17: off by 7.5e-8 at most. */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * poly;
  return z >= 0 ? 1 - above : above;
}

/** Two-sided: the chance of a value at least as far from 0 as z. */
export const twoSidedP = (z: number): number => Math.min(1, 2 * normalCdf(-Math.abs(z)));

/** The z below which a standard normal value lies with chance p (0 < p < 1), by halving. */
export function normalQuantile(p: number): number {
  let low = -9;
  let high = 9;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
