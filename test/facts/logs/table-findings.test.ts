import { expect, test } from 'vitest';
import { loggedAllocation } from '../../../src/detectors/large-allocation.ts';
import { loggedCycles } from '../../../src/detectors/reference-cycle.ts';
import { loggedCollection } from '../../../src/detectors/unbounded-collection.ts';
import { logOf } from './log-of.ts';

const at = (minute: number, text: string) => `2026-11-22 19:${String(minute).padStart(2, '0')}:00 INFO app: ${text}`;
const table = (minute: number, mib: number) => [
  at(minute, '[ Top 2 ]'),
  at(minute, `/app/shop/cart.py:31: size=${mib.toFixed(1)} MiB, count=${mib * 100}, average=10 KiB`),
  at(minute, '/usr/lib/python3.12/json/decoder.py:353: size=512 KiB, count=90, average=6 KiB'),
];

test('a line that grows in tables of tracemalloc is the place of a finding', () => {
  const lines = [1, 3, 4, 8, 9, 12].flatMap((mib, index) => table(index, mib));
  expect(loggedCollection.detect(logOf(...lines))).toMatchObject([
    {
      confidence: { level: 'medium' },
      summary: expect.stringContaining('/app/shop/cart.py:31'),
      places: [{ role: 'feeds', file: '/app/shop/cart.py', line: 31, how: 'tracemalloc' }],
      explainsBytesPerSecond: Math.round((11 * 2 ** 20) / 300),
    },
  ]);
  expect(loggedCollection.detect(logOf(...[5, 3, 5, 2, 5, 4].flatMap((mib, index) => table(index, mib))))).toEqual([]);
});

test('a number that grows in the log gets that place', () => {
  const lines = [2, 4, 5, 6, 7, 9, 11, 13].flatMap((mib, index) => [
    ...table(index, mib),
    at(index, `session store has ${mib * 100} sessions`),
    at(index, `RSS: ${40 + mib} MB`),
  ]);
  const [finding, ...others] = loggedCollection.detect(logOf(...lines));
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    summary: expect.stringContaining('session store has'),
    places: [{ file: '/app/shop/cart.py', line: 31, how: 'tracemalloc' }],
  });
});

const growing = Array.from({ length: 12 }, (_, minute) => at(minute, `RSS: ${100 + 9 * minute} MB`));

test('a collector that is off is a finding where memory does not stand still', () => {
  const off = at(0, 'gc.isenabled(): False');
  expect(loggedCycles.detect(logOf(off, ...growing))).toMatchObject([
    { confidence: { level: 'medium' }, summary: expect.stringContaining('collector is off, and memory grows') },
  ]);
  expect(loggedCycles.detect(logOf(off))).toMatchObject([{ confidence: { level: 'low' } }]);
  const still = growing.map((_, minute) => at(minute, `RSS: ${100 + (minute % 2)} MB`));
  expect(loggedCycles.detect(logOf(off, ...still))).toEqual([]);
  expect(loggedCycles.detect(logOf(off, ...growing, at(13, 'gc.isenabled(): True')))).toEqual([]);
});

test('a collector that finds much is none, one that keeps what it finds is', () => {
  const runs = Array.from(
    { length: 9 },
    (_, run) => `gc: done, ${1000 * run} unreachable, 0 uncollectable, 0.01s elapsed`,
  );
  expect(loggedCycles.detect(logOf(...runs, ...growing))).toEqual([]);
  const garbage = [10, 200, 900].map((length, minute) => at(minute, `len(gc.garbage) = ${length}`));
  expect(loggedCycles.detect(logOf(...garbage, ...growing))).toMatchObject([
    { summary: expect.stringContaining('from 10 objects to 900 objects') },
  ]);
});

test('an allocation that failed is a finding where it is large, with the line that asked for it', () => {
  const failed = (size: string) => [
    at(1, 'resize failed'),
    'Traceback (most recent call last):',
    '  File "/app/resize.py", line 20, in resize',
    '    canvas = numpy.zeros((w, h, 4))',
    '  File "/usr/lib/python3.12/site-packages/numpy/core/numeric.py", line 9, in zeros',
    '    return empty(shape)',
    `numpy.core._exceptions._ArrayMemoryError: Unable to allocate ${size} for an array with shape (9000, 9000, 4) and data type float64`,
  ];
  expect(loggedAllocation.detect(logOf(...failed('2.41 GiB')))).toMatchObject([
    {
      summary: 'One allocation of 2.4 GiB (an array of shape 9000 × 9000 × 4, float64) failed.',
      places: [{ role: 'creates', file: '/app/resize.py', line: 20, code: 'canvas = numpy.zeros((w, h, 4))' }],
    },
  ]);
  expect(loggedAllocation.detect(logOf(...failed('1.20 MiB')))).toEqual([]);
  const card = at(1, 'CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; 14.76 GiB total capacity)');
  expect(loggedAllocation.detect(logOf(card))).toEqual([]);
});

test('memory that psutil printed is what a number is judged by, and types that objgraph counts speak for it', () => {
  const lines = Array.from({ length: 40 }, (_, step) => step).flatMap((step) => [
    `2026-11-22 19:${String(step).padStart(2, '0')}:00 INFO app: session store has ${step * step} sessions`,
    `2026-11-22 19:${String(step).padStart(2, '0')}:00 INFO app: pmem(rss=${4e7 + 20_000 * step * step + 999 * (step % 3)}, vms=${9e8})`,
    ...(step % 10 === 0
      ? [`function     ${2000 + step}`, 'dict         1500', `Session      ${10 + step * step}`]
      : []),
  ]);
  const [finding] = loggedCollection.detect(logOf(...lines));
  expect(finding).toMatchObject({ confidence: { level: 'high' }, summary: expect.stringContaining('19.5 KiB each') });
  expect(finding!.evidence.at(-1)!.says).toBe('Objects of type Session went from 10 to 910 in 4 tables of objgraph.');
});
