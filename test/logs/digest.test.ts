import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logDigestSchema } from '../../src/core/log-artifact.ts';
import { digestLog, LogDigester } from '../../src/logs/digest.ts';
import type { LogDigest } from '../../src/logs/log-digest.ts';
import type { LogLine } from '../../src/logs/log-line.ts';

const linesOf = (messages: readonly string[], more: Partial<LogLine> = {}): LogLine[] =>
  messages.map((message, number) => ({ number, message, ...more }));
const digestOf = (...messages: string[]): LogDigest => digestLog(linesOf(messages));
const numbers = ({ series }: LogDigest) =>
  series.map(({ name, unit, points }) => [name, unit, points.map(({ value }) => value)]);

test('each number of a template becomes a series with a name and a unit', () => {
  const digest = digestOf(
    'Processed 10 images so far',
    'Cache size: 3 thumbnails, memory 1.5 MiB',
    'Processed 20 images so far',
    'Cache size: 7 thumbnails, memory 900 KiB',
  );
  expect(numbers(digest)).toEqual([
    ['processed images', 'count', [10, 20]],
    ['cache size', 'count', [3, 7]],
    ['memory', 'bytes', [1.5 * 2 ** 20, 900 * 2 ** 10]],
  ]);
  // The unit differs, so it is none of the template's.
  expect(digest.templates.map(({ template }) => template)).toEqual([
    'Processed <*> images so far',
    'Cache size: <*> thumbnails, memory <*>',
  ]);
  expect(digest.series.map(({ place }) => place)).toEqual([0, 0, 1]);
});

test('a unit that is always the same stays in the template', () => {
  const [template] = digestOf('took 12 ms for 3MB', 'took 5 ms for 4MB').templates;
  expect(template!.template).toBe('took <*> ms for <*>MB');
});

test('one template about several things has a series for each', () => {
  const digest = digestOf(
    "Cache 'users' has 5 items",
    "Cache 'orders' has 70 items",
    "Cache 'users' has 6 items",
    "Cache 'orders' has 80 items",
  );
  expect(digest.templates).toHaveLength(1);
  expect(digest.series.map(({ of, points }) => [of, points.map(({ value }) => value)])).toEqual([
    ['users', [5, 6]],
    ['orders', [70, 80]],
  ]);
});

test('fields are series of their own, told apart by what the other fields say', () => {
  const line = (number: number, cache: string, entries: number): LogLine => ({
    number,
    message: 'cache stats',
    fields: [
      ['cache', cache],
      ['entries', entries],
      ['rss_mb', 100 + number],
      ['took', '12ms'],
      ['lineno', 34],
    ],
  });
  const { series } = digestLog([
    line(0, 'users', 1),
    line(1, 'orders', 50),
    line(2, 'users', 2),
    line(3, 'orders', 60),
  ]);
  const told = series.map(({ place, of, unit, points }) => [place, of, unit, points.map(({ value }) => value)]);
  expect(told).toContainEqual(['entries', 'users', 'count', [1, 2]]);
  expect(told).toContainEqual(['entries', 'orders', 'count', [50, 60]]);
  expect(told).toContainEqual(['rss_mb', 'users', 'bytes', [100e6, 102e6]]);
  expect(told).toContainEqual(['took', 'orders', 'seconds', [0.012, 0.012]]);
  expect(series.some(({ place }) => place === 'lineno')).toBe(false);
});

test('each worker has its own series', () => {
  const lines = [1, 2, 3, 4].map((value, number) => ({
    number,
    message: `size ${value}`,
    writer: `worker ${number % 2}`,
  }));
  expect(digestLog(lines).series.map(({ writer, points }) => [writer, points.map(({ value }) => value)])).toEqual([
    ['worker 0', [1, 3]],
    ['worker 1', [2, 4]],
  ]);
});

test('a start that is said again and another log begin a new life, and the last words before are kept', () => {
  const life = ['Started server process [1]', 'Application startup complete.', 'items: 1', 'items: 2'];
  const digester = new LogDigester();
  for (const line of linesOf([...life, ...life])) digester.add(line);
  digester.nextLog();
  for (const line of linesOf(['items: 1'])) digester.add(line);
  const digest = digester.finish();
  expect(digest.lives.map(({ life, firstLine, lastLine, end }) => [life, firstLine, lastLine, end])).toEqual([
    [0, 0, 3, 'restart'],
    [1, 4, 7, 'next-log'],
    [2, 8, 8, 'end'],
  ]);
  expect(digest.lives[1]!.lastMessages).toEqual(life);
  const items = digest.series.find(({ name }) => name === 'items')!;
  expect(items.points.map(({ life, value }) => [life, value])).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
    [1, 2],
    [2, 1],
  ]);
});

test('a long series is thinned: its ends, extremes and order stay', () => {
  const values = Array.from({ length: 100_000 }, (_, i) => Math.round(1e6 * Math.sin(i / 900)) + i);
  const { series } = digestLog(linesOf(values.map((value) => `level ${value}`)));
  const { points, count } = series[0]!;
  expect(count).toBe(values.length);
  expect(points.length).toBeLessThanOrEqual(512);
  expect(points.length).toBeGreaterThan(100);
  expect(points[0]).toMatchObject({ line: 0, value: values[0] });
  expect(points.at(-1)).toMatchObject({ line: values.length - 1, value: values.at(-1) });
  expect(Math.max(...points.map(({ value }) => value))).toBe(Math.max(...values));
  expect(Math.min(...points.map(({ value }) => value))).toBe(Math.min(...values));
  for (const [at, { line, value }] of points.entries()) {
    expect(value).toBe(values[line]);
    if (at > 0) expect(line).toBeGreaterThan(points[at - 1]!.line);
  }
});

test('no secret is in a digest', () => {
  const digest = digestLog([
    {
      number: 0,
      message: 'login password=hunter2 attempt 3',
      traceback: ['Traceback', "KeyError: 'token=abc123secret'"],
    },
    { number: 1, message: 'key is AKIAIOSFODNN7EXAMPLE now' },
    { number: 2, message: 'mail to ann.lee@example.org took 5 ms' },
    { number: 3, message: 'secret: 99887766' },
  ]);
  const text = JSON.stringify(digest);
  for (const secret of ['hunter2', 'abc123secret', 'AKIAIOSFODNN', 'ann.lee', '99887766'])
    expect(text).not.toContain(secret);
  expect(text).toContain('attempt');
});

const anyLine = fc.record(
  {
    message: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('size 1', 'size 2 MB', 'Killed', 'n=1e9 x'),
    ),
    atUnixSeconds: fc.integer({ min: 0, max: 2e9 }),
    level: fc.constantFrom('debug' as const, 'error' as const),
    writer: fc.constantFrom('a', 'b'),
    fields: fc.array(
      fc.tuple(fc.string({ maxLength: 8 }), fc.oneof(fc.double(), fc.string({ maxLength: 8 }), fc.boolean())),
    ),
  },
  { requiredKeys: ['message'] },
);

test('any lines give a digest that fits its schema and comes back from JSON', () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 50 }), (lines) => {
      const digest = digestLog(lines.map((line, number) => ({ ...line, number })));
      const whole = { programs: [{ sources: [], digest }] };
      expect(logDigestSchema.parse(JSON.parse(JSON.stringify(whole)))).toEqual(JSON.parse(JSON.stringify(whole)));
      expect(digest.lines).toBe(lines.length);
      expect(Object.values(digest.levels).reduce((sum, count) => sum + count, 0)).toBe(lines.length);
    }),
  );
});
