import { expect, test } from 'vitest';
import { logFacts } from '../../../src/facts/logs/log-facts.ts';
import { workEvidence } from '../../../src/facts/logs/work-evidence.ts';
import { logOf } from './log-of.ts';

const stamp = (at: number) => new Date(Date.UTC(2026, 10, 22, 19) + at * 1000).toISOString();
const log = (...say: readonly ((at: number) => string)[]) =>
  logOf(...Array.from({ length: 40 }, (_, at) => say.map((each) => `${stamp(at * 2)} INFO ${each(at)}`)).flat());
const worked = (...say: readonly ((at: number) => string)[]) =>
  workEvidence(logFacts(log(...say))!).map(({ says }) => says);

test('how much was done and how fast, batches, what went on at once, the longest piece and the largest', () => {
  const [says] = worked(
    (at) => `Processed ${at * 10} images so far`,
    (at) => `Loading batch of ${at === 20 ? 400 : 10} images`,
    (at) => `${at % 7} requests in flight`,
    (at) => `resized in ${10 + (at % 30)} s`,
    (at) => `wrote ${(at % 9) + 1} MB to storage`,
  );
  expect(says).toContain('work: 390 images when last told, 5 more a second');
  expect(says).toContain('batches of 10 as a rule, 400 at most ("Loading batch of … images")');
  expect(says).toContain('6 at once at most');
  expect(says).toMatch(/pieces that take 2\d s as a rule, 39 s at most/);
  expect(says).toMatch(/pieces of 4.3 MiB as a rule, 8.6 MiB at most/);
});

test('time-outs, limits and free space are no pieces of work, and a log that tells of none says nothing', () => {
  expect(
    worked(
      (at) => `retrying in ${(at % 4) + 1} s`,
      (at) => `timeout ${30 + (at % 2)} s`,
      (at) => `disk free: ${900 + (at % 5)} MB`,
      () => 'started in 3 s',
    ),
  ).toEqual([]);
});
