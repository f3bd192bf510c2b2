import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Frontier } from '../../../src/heap/graph/frontier.ts';

const PLACES = 1 << 20;

/** Visits all; `found` tells what is added when a place is visited. Returns the places of each level in the order of visiting. */
function levelsOf(frontier: Frontier, found: (word: number, level: number) => readonly number[], batchSize = 64) {
  const batch = new Uint32Array(batchSize);
  const levels: number[][] = [];
  for (let count = frontier.next(batch); count > 0; count = frontier.next(batch)) {
    for (const word of batch.slice(0, count)) {
      levels[frontier.level - 1] = [...(levels[frontier.level - 1] ?? []), word];
      for (const next of found(word, frontier.level)) frontier.add(next);
    }
  }
  return levels;
}

test('each level is visited whole, in the order of places, before what was found in it', () => {
  const level = fc.uniqueArray(fc.nat({ max: PLACES - 1 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), fc.integer({ min: 32, max: 100 }), (levels, size) => {
      const frontier = new Frontier(PLACES);
      for (const word of levels[0]!) frontier.add(word);
      // All of the next level is found at the first place of the one before.
      let last = 0;
      const visited = levelsOf(
        frontier,
        (_, at) => {
          const isFirst = at !== last;
          last = at;
          return isFirst ? (levels[at] ?? []) : [];
        },
        size,
      );
      expect(visited).toEqual(levels.map((words) => [...words].sort((a, b) => a - b)));
    }),
  );
});

test('a level of more places than are kept as a list is visited the same way', () => {
  const frontier = new Frontier(PLACES);
  const many = Array.from({ length: 100_000 }, (_, at) => (at * 7919) % PLACES);
  for (const word of many) frontier.add(word);
  const batch = new Uint32Array(4096);
  const visited: number[] = [];
  const late = [1, PLACES - 2].filter((word) => !many.includes(word));
  for (let count = frontier.next(batch); count > 0; count = frontier.next(batch)) {
    // Found while the level is under way, behind and ahead of where it is.
    if (visited.length === 0) for (const word of late) frontier.add(word);
    visited.push(...batch.slice(0, count));
  }
  expect(visited).toEqual([...many.sort((a, b) => a - b), ...late]);
  expect(late.length).toBeGreaterThan(0);
});
