import fc from 'fast-check';
import { expect, test } from 'vitest';
import { top } from '../../../src/heap/graph/top.ts';

test('the highest scores are chosen, highest first, the first of equal ones before the others', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2, max: 9 })), fc.integer({ min: 1, max: 6 }), (scores, most) => {
      const positive = scores.map((score, id) => ({ score, id })).filter(({ score }) => score > 0);
      const best = positive.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, most);
      const found = top(scores.length, most, (id) => scores[id]!);
      expect(found.map((id) => scores[id])).toEqual(best.map(({ score }) => score));
      expect(new Set(found).size).toBe(best.length);
    }),
    { numRuns: 2000 },
  );
});
