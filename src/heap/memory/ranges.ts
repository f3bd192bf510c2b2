/** Addresses from `start` up to, and without, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The mappings in the order of their addresses, those without a gap between them as one. */
export function joined(maps: readonly Range[]): Range[] {
  const ranges: Range[] = [];
  for (const { start, end } of [...maps].sort((a, b) => a.start - b.start)) {
    const last = ranges.at(-1);
    if (last === undefined || start > last.end) ranges.push({ start, end });
    else if (end > last.end) ranges[ranges.length - 1] = { start: last.start, end };
  }
  return ranges;
}

/** The range that holds an address, by halving; -1 where none does. The ranges are in order and do not overlap. */
export function indexAt(ranges: readonly Range[], address: number): number {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const { start, end } = ranges[middle]!;
    if (address >= start && address < end) return middle;
    if (address >= end) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Bytes of ranges that do not overlap. */
export const lengthOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0);

/** What of the ranges none of the others covers. Both are joined, in the order of their addresses. */
export function uncovered(ranges: readonly Range[], others: readonly Range[]): Range[] {
  const left: Range[] = [];
  let next = 0;
  for (const { start, end } of ranges) {
    let from = start;
    while (next < others.length && others[next]!.end <= from) next += 1;
    for (let at = next; at < others.length && others[at]!.start < end; at += 1) {
      if (others[at]!.start > from) left.push({ start: from, end: others[at]!.start });
      from = Math.max(from, others[at]!.end);
    }
    if (from < end) left.push({ start: from, end });
  }
  return left;
}

/** The ranges in their order, those that go on where the last one ended in one group with it. */
export function touching<T extends Range>(ranges: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (const range of ranges) {
    if (groups.at(-1)?.at(-1)?.end === range.start) groups.at(-1)!.push(range);
    else groups.push([range]);
  }
  return groups;
}

/**
 * The mappings, small ones first, those without a gap between them as one: neighbours stay next to one another in a copy, since a
 * structure may reach from one into the next (the data of a library into its .bss).
 */
export const smallestFirst = <T extends Range>(maps: readonly T[]): T[] =>
  touching([...maps].sort((a, b) => a.start - b.start))
    .sort((a, b) => lengthOf(a) - lengthOf(b))
    .flat();
