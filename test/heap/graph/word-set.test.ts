import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Uint32List } from '../../../src/heap/graph/uint32-list.ts';
import { WordSet } from '../../../src/heap/graph/word-set.ts';

test('a set knows its members and how many lie below each place', () => {
  const words = fc.array(fc.oneof(fc.nat({ max: 4999 }), fc.constantFrom(0, 31, 32, 511, 512, 4095, 4096, 4999)));
  fc.assert(
    fc.property(words, (members) => {
      const set = new WordSet(5000);
      for (const word of members) set.add(word);
      const sorted = [...new Set(members)].sort((a, b) => a - b);
      for (let word = 0; word < 5000; word += 1) expect(set.has(word)).toBe(sorted.includes(word));
      expect(sorted.map((word) => set.rank(word))).toEqual(sorted.map((_, at) => at));
    }),
    { numRuns: 30 },
  );
});

test('members are visited in their order, and only from the lowest to the highest where these are told', () => {
  const anyPlaces = fc.uniqueArray(fc.nat({ max: 4999 }), { minLength: 1 });
  fc.assert(
    fc.property(anyPlaces, (members) => {
      const set = new WordSet(5000);
      for (const word of members) set.add(word);
      const visited = (...bounds: number[]) => {
        const found: number[] = [];
        set.each((word) => found.push(word), ...bounds);
        return found;
      };
      const sorted = members.sort((a, b) => a - b);
      expect(visited()).toEqual(sorted);
      expect(visited(sorted[0]!, sorted.at(-1)!)).toEqual(sorted);
      expect(visited(sorted.at(-1)!).length).toBeLessThanOrEqual(32);
    }),
    { numRuns: 30 },
  );
});

test('places above 2^31 are members like others', () => {
  const set = new WordSet(2 ** 31 + 1024);
  const places = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 33, 2 ** 31 + 1022];
  for (const word of places) set.add(word);
  expect(places.map((word) => [set.has(word), set.has(word + 1) && word !== 2 ** 31 - 1, set.rank(word)])).toEqual(
    places.map((_, at) => [true, false, at]),
  );
});

test('a list gives what was pushed, from whatever capacity it grew', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2 ** 32 - 1 })), fc.integer({ min: 1, max: 8 }), (items, capacity) => {
      const list = new Uint32List(capacity);
      for (const item of items) list.push(item);
      expect([...list.view()]).toEqual(items);
      expect(items.every((item, at) => list.at(at) === item)).toBe(true);
    }),
  );
});
