import { expect, test } from 'vitest';
import { etaInLog } from '../../../src/facts/logs/log-eta.ts';
import { logFacts } from '../../../src/facts/logs/log-facts.ts';
import { logOf } from './log-of.ts';

const stamp = (at: number) => new Date(Date.UTC(2026, 10, 22, 19) + at * 1000).toISOString();
const upTo = <T>(count: number, say: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => say(at));
const told = (...lines: readonly string[]) => {
  const facts = logFacts(logOf(...lines));
  return facts && etaInLog(facts);
};
const lives = (lengths: readonly number[], say: (at: number) => string): string[] =>
  lengths.flatMap((length, life) => [
    ...upTo(length, (at) => `${stamp(life * 500 + at * 2)} INFO ${say(at)}`),
    ...(life < lengths.length - 1 ? ['Killed'] : []),
  ]);

test('memory in the log goes on to the limit that the log tells', () => {
  const behind = upTo(100, (at) => `${stamp(at * 2)} INFO RSS ${(30 + at).toFixed(1)} MiB of 512 MiB`);
  // From 129 MiB on at half a MiB a second.
  expect(told(...behind)?.eta.seconds?.value).toBeCloseTo(766, -1);
  const apart = upTo(100, (at) => `${stamp(at * 2)} INFO mem=${30 + at}MiB`);
  const once = told(`${stamp(0)} INFO container memory limit: 512 MiB`, ...apart);
  expect(once?.eta.seconds?.value).toBeCloseTo(766, -1);
  expect(once?.evidence.says).toContain('512 MiB');
  expect(once?.eta.at).toBe('2026-11-22T19:03:18.000Z');
});

test('a size of something else, or one below what memory came to, is no limit', () => {
  const apart = upTo(100, (at) => `${stamp(at * 2)} INFO mem=${30 + at}MiB`);
  expect(told(`${stamp(0)} INFO upload limit: 512 MiB`, ...apart)).toBeUndefined();
  expect(told(`${stamp(0)} INFO memory limit: 64 MiB`, ...apart)).toBeUndefined();
  expect(told(...apart)).toBeUndefined();
});

test('where lives were killed at the same memory, so will be the next', () => {
  const eta = told(
    ...lives([60, 62, 61, 20], (at) => `sessions held: ${at * 2}, rss=${(50 + at * 1.25).toFixed(1)}MiB`),
  );
  expect(eta?.evidence.says).toContain('3 lives were killed at about 125 MiB');
  const { low, value, high } = eta!.eta.seconds!;
  expect(value).toBeCloseTo(82, -1);
  expect(low).toBeLessThan(high);
});

test('without memory it is what is kept that is as much as at the kills before', () => {
  const eta = told(...lives([60, 62, 61, 20], (at) => `cache holds ${at * 3} items`));
  expect(eta?.evidence.says).toContain('about 180, by what the log calls "cache holds items"');
  expect(eta?.eta.seconds?.value).toBeCloseTo(82, -1);
});

test('kills at any size, one kill, and a log that ends with one say nothing of the next', () => {
  const say = (at: number) => `cache holds ${at * 3} items`;
  expect(told(...lives([20, 90, 50, 20], say))).toBeUndefined();
  expect(told(...lives([60, 20], say))).toBeUndefined();
  expect(told(...lives([60, 61, 60], say), 'Killed')).toBeUndefined();
});
