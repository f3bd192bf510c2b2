import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lengthOf, type Range, smallestFirst } from '../../../src/heap/memory/ranges.ts';

/** Ranges in the order of their addresses, some with gaps between them. */
const RANGES = fc
  .array(fc.record({ gap: fc.nat({ max: 2 }), length: fc.integer({ min: 1, max: 9 }) }), { maxLength: 30 })
  .map((parts) => {
    const ranges: Range[] = [];
    let at = 0;
    for (const { gap, length } of parts) {
      ranges.push({ start: at + gap, end: at + gap + length });
      at += gap + length;
    }
    return ranges;
  });

test('ranges that touch stay next to one another, and what hangs together comes by its size', () => {
  fc.assert(
    fc.property(
      RANGES.chain((ranges) =>
        fc.tuple(fc.constant(ranges), fc.shuffledSubarray(ranges, { minLength: ranges.length })),
      ),
      ([ranges, shuffled]) => {
        const ordered = smallestFirst(shuffled);
        expect([...ordered].sort((a, b) => a.start - b.start)).toEqual(ranges);
        for (const [at, range] of ranges.entries()) {
          const next = ranges[at + 1];
          if (next?.start === range.end) expect(ordered[ordered.indexOf(range) + 1]).toBe(next);
        }
        const groups: Range[][] = [];
        for (const range of ordered) {
          if (groups.at(-1)?.at(-1)?.end === range.start) groups.at(-1)!.push(range);
          else groups.push([range]);
        }
        const sizes = groups.map(lengthOf);
        expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
      },
    ),
  );
});
