import { expect, test } from 'vitest';
import type { Logs } from '../../src/core/kube-artifacts.ts';
import { logErrors } from '../../src/facts/log-errors.ts';
import { logEvidence } from '../../src/facts/log-evidence.ts';
import { pod, podsOf } from '../steps/kube-port.ts';

const at = (second: number) => `2026-11-22T19:09:${String(second).padStart(2, '0')}Z`;
const unix = (second: number) => Date.parse(at(second)) / 1000;
const log = (text: string, changes: Partial<Logs['logs'][number]> = {}) => ({
  pod: 'orca-1',
  container: 'orca',
  previous: false,
  text,
  lines: 1,
  redacted: 0,
  ...changes,
});
const SIGKILL = 'Worker (pid:12) was sent SIGKILL! Perhaps out of memory?';

test('errors of one shape are one group, with its count, its first and last time and the last example', () => {
  const before = log(`${at(1)} ERROR:root:task 1 failed\n${at(2)} ERROR:root:task 2 failed\n`, { previous: true });
  const now = log(`${at(9)} ERROR:root:task 3 failed\n${at(10)} INFO ok\n`);
  // The current log is read first, and is the later one.
  expect(logErrors({ logs: [now, before] }).groups).toEqual([
    {
      kind: 'error',
      container: 'orca',
      shape: 'task # failed',
      count: 3,
      firstAtUnixSeconds: unix(1),
      lastAtUnixSeconds: unix(9),
      example: 'task 3 failed',
      pod: 'orca-1',
      previous: false,
    },
  ]);
});

test('kills come first, then lack of memory, then errors and warnings, the most frequent first', () => {
  const lines = [
    'WARNING:root:slow',
    'WARNING:root:slow',
    'ERROR:root:a',
    'ERROR:root:b',
    'ERROR:root:b',
    'MemoryError',
  ];
  const { groups, counts } = logErrors({ logs: [log([...lines, SIGKILL].join('\n'))] });
  expect(groups.map(({ kind, count }) => `${count} ${kind}`)).toEqual([
    '1 killed',
    '1 out-of-memory',
    '2 error',
    '1 error',
    '2 warning',
  ]);
  expect(counts).toEqual({ killed: 1, 'out-of-memory': 1, error: 3, warning: 2 });
});

test('a log that never says the same thing twice makes no endless list, and all of it is counted', () => {
  const word = (number: number) => String(number).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!);
  const text = Array.from({ length: 2000 }, (_, number) => `ERROR:root:${word(number)}`).join('\n');
  const { groups, counts } = logErrors({ logs: [log(text)] });
  expect(groups).toHaveLength(500);
  expect(counts.error).toBe(2000);
});

test('as evidence it says where, how often and when, with a command that shows the same', () => {
  const errors = logErrors({
    logs: [
      log(`${at(3)} ${SIGKILL}\n${at(4)} ERROR:root:x\n${at(5)} ${SIGKILL.replace('12', '13')}\n`, { previous: true }),
    ],
  });
  expect(logEvidence(errors, podsOf([pod()]))).toEqual([
    {
      says: 'the log of orca says 2 times, last at 19:09:05 UTC: Worker (pid:13) was sent SIGKILL! Perhaps out of memory?',
      from: 'logs',
      reproduce:
        "kubectl logs orca-1 -c orca -n app-95 --previous | grep -F ') was sent SIGKILL! Perhaps out of memory?'",
    },
  ]);
  expect(logEvidence(errors, podsOf([pod()]), { kinds: ['error'] })).toMatchObject([
    { says: 'the log of orca says at 19:09:04 UTC: x' },
  ]);
});
