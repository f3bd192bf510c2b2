/** The middle value (mean of the two middle ones), undefined for no values. NaN is not a value. */
export const median = (values: readonly number[]): number | undefined => quantile(values, 0.5);

/**
 * The value below which the share `q` (0 to 1) of the values lies, interpolated between neighbours (type 7 of
 * Hyndman and Fan 1996, as R and NumPy do by default). Undefined for no values. NaN is not a value.
 */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return sorted.length === 0 ? undefined : quantileOfSorted(sorted, q);
}

/** The same of values that are in order already; there must be at least one. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number {
  const rank = Math.min(1, Math.max(0, q)) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)]!;
  const above = sorted[Math.ceil(rank)]!;
  return above === below ? below : below + (above - below) * (rank - Math.floor(rank));
}
