import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogDigester } from '../../src/logs/digest.ts';
import type { LogDigest } from '../../src/logs/log-digest.ts';
import { LogFeed } from '../../src/logs/log-feed.ts';
import { LogReader } from '../../src/logs/log-reader.ts';
import { LINE_FORMATS } from './line-formats.ts';

/** What whoever reads each line makes of a log. */
function read(text: string): LogDigest {
  const digester = new LogDigester();
  const reader = new LogReader((line) => digester.add(line));
  reader.push(Buffer.from(text));
  reader.end();
  return digester.finish();
}

/** The same by recipes, the bytes parted at some places. */
function fed(text: string, cuts: readonly number[] = []): { digest: LogDigest; tally: unknown } {
  const digester = new LogDigester();
  const feed = new LogFeed(digester);
  const bytes = Buffer.from(text);
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  for (const [at, from] of places.slice(0, -1).entries()) feed.push(Buffer.from(bytes.subarray(from, places[at + 1])));
  const tally = feed.end();
  return { digest: digester.finish(), tally };
}

const plain = (digest: LogDigest): unknown => JSON.parse(JSON.stringify(digest));
const stamp = (at: number) => new Date(Date.UTC(2026, 10, 23, 21, 59) + at).toISOString();
const clock = (at: number) => stamp(at).replace('T', ' ').replace('.', ',').replace('Z', '');

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, 'a1').slice(0, digits);
const uuid = (a: number, b: number) =>
  `${hex(a * 8191, 8)}-${hex(b, 4)}-${hex(a, 4)}-${hex(a + b, 4)}-${hex(b * 8191, 12)}`;

/** Ways to write a line, from a time in milliseconds and two numbers. */
const FORMS: readonly ((at: number, a: number, b: number) => string)[] = [
  (at, a) => `${clock(at)} INFO app.cache: Cache size: ${a} thumbnails`,
  (at, a, b) => `${clock(at)} WARNING [pid ${4000 + (a % 2)}] pool: ${a} of ${b} in use, ${(b / 7).toFixed(2)} MB`,
  (at, a, b) =>
    `{"time": "${stamp(at)}", "level": "info", "message": "batch ${a} done", "items": ${b}, "took": "${a}ms"}`,
  (at, a, b) => `time=${stamp(at)} level=error msg="job ${a} failed" retries=${b % 5}`,
  (at, a, b) =>
    `10.0.${a % 256}.${b % 256} - - [23/Nov/2026:${stamp(at).slice(11, 19)} +0000] "GET /i/${a} HTTP/1.1" ${200 + (b % 3)} ${b}`,
  (at, a) => `${stamp(at).slice(0, 23)}456Z Processed ${a.toLocaleString('en-US')} images in ${a % 60}m${a % 50}s`,
  (_, a, b) => `[INFO] delta -${a} at ${b}.${a % 10} %`,
  (_, a) => `ratio ${a / 8}`,
  (at, a) => `${1.79e9 + at / 1000} queue depth ${a}`,
  (at, a) =>
    `${clock(at)} ERROR app: Unable to allocate ${a} MiB\nTraceback (most recent call last):\n  File "a.py", line ${a}\nMemoryError`,
  () => 'Traceback (most recent call last):\n  File "b.py", line 1, in f\nValueError: no',
  (at, a) => `${clock(at)} DEBUG gruß ${a}`,
  (_, a) => `a\\${a}\tb\x1b[0m`,
  () => '',
  (at) => `${clock(at)} INFO Started server process [7]`,
  (at, a, b) => `${clock(at)} ERROR app: lost 10.${a % 256}.${b % 256}.7:${a} after ${b}, key ${hex(a * 7919, 12)}`,
  (at, a, b) =>
    `${clock(at)} WARNING app: job ${uuid(a, b)} is late by ${b} ms, see v${a % 12}.${b % 300}.${a % 7}.${b % 9}.1`,
  (at, a) => `${clock(at)} INFO app: key ${hex(a, 7)} from http://10.0.0.${a % 300}/x`,
];
const entry = fc.tuple(fc.nat(FORMS.length - 1), fc.nat(100_000), fc.nat(100_000));
/** Few forms again and again, so that recipes are found and used; with others in between. */
const log = fc
  .tuple(
    fc.array(fc.nat(FORMS.length - 1), { minLength: 1, maxLength: 4 }),
    fc.array(entry, { minLength: 20, maxLength: 120 }),
  )
  .map(([forms, entries]) =>
    entries
      .map(([form, a, b], at) =>
        FORMS[at % 11 === 10 ? form : forms[at % forms.length]!]!(at * 731, a % (form === 0 ? 10 : 1e6), b),
      )
      .join('\n'),
  );

test('a digest by recipes is that of reading each line, wherever the stream is parted', () => {
  fc.assert(
    fc.property(log, fc.array(fc.nat(20_000), { maxLength: 4 }), (text, cuts) => {
      const { digest } = fed(text, cuts);
      expect(plain(digest)).toEqual(plain(read(text)));
    }),
    { numRuns: 60 },
  );
});

test('lines are counted as they are by who reads them all', () => {
  const text = Array.from({ length: 200 }, (_, at) => FORMS[at % 3]!(at * 1000, at, at * 3)).join('\n');
  const reader = new LogReader(() => {});
  reader.push(Buffer.from(text));
  expect(fed(text).tally).toEqual(reader.end());
});

test('a day, a month and a year that change are told', () => {
  const start = Date.UTC(2026, 11, 31, 23, 50);
  const lines = Array.from(
    { length: 40 },
    (_, at) => `${new Date(start + at * 60_000).toISOString()} INFO size: ${at}`,
  );
  const { digest } = fed(lines.join('\n'));
  expect(digest.series[0]!.points.map(({ atUnixSeconds }) => atUnixSeconds)).toEqual(
    lines.map((_, at) => start / 1000 + at * 60),
  );
});

test('times without a year or a day are told as they are by who reads each line', () => {
  const near = { nearUnixSeconds: Date.UTC(2027, 0, 1, 2) / 1000 };
  const start = Date.UTC(2026, 11, 31, 23, 20);
  for (const format of ['syslog RFC 3164', 'glog', 'time of day only']) {
    const lines = Array.from({ length: 200 }, (_, at) =>
      LINE_FORMATS[format]!({
        at: start / 1000 + at * 20,
        level: 'INFO',
        logger: 'app',
        message: `cache holds ${at * 3} items`,
      }),
    );
    const digests = [LogReader, LogFeed].map((Reading) => {
      const digester = new LogDigester();
      const reader =
        Reading === LogFeed
          ? new LogFeed(digester, near)
          : new LogReader((line) => {
              digester.add(line);
            }, near);
      reader.push(Buffer.from(`${lines.join('\n')}\n`));
      reader.end();
      return digester.finish();
    });
    expect(plain(digests[1]!)).toEqual(plain(digests[0]!));
    expect(digests[1]!.series[0]!.points.map(({ atUnixSeconds }) => atUnixSeconds)).toEqual(
      lines.map((_, at) => start / 1000 + at * 20),
    );
  }
});

test('what the bytes were is not asked for later', () => {
  const digester = new LogDigester();
  const feed = new LogFeed(digester);
  const line = (at: number) => `${clock(at * 1000)} ERROR app: job ${at} failed\n`;
  for (let from = 0; from < 100; from += 10) {
    const chunk = Buffer.from(Array.from({ length: 10 }, (_, at) => line(from + at)).join(''));
    feed.push(chunk);
    chunk.fill(120);
  }
  feed.end();
  const digest = digester.finish();
  expect(digest.lives[0]!.lastMessages.at(-1)).toBe('app: job 99 failed');
  expect(digest.lives[0]!.lastMessages.at(-10)).toBe('app: job 90 failed');
  expect(digest.events.groups[0]).toMatchObject({ count: 100, example: 'app: job 99 failed' });
});

test('a traceback finds its line after megabytes that were read in both ways', () => {
  const letters = (n: number) => [...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const long = (at: number) => `${clock(at * 10)} INFO app: ${letters(at)} ${'word '.repeat(700)}`;
  const short = (at: number) => `${clock(at * 10)} INFO app: size ${at}`;
  const lines = Array.from({ length: 3000 }, (_, at) => (at % 2 === 0 ? long(at) : short(at)));
  const { digest } = fed([...lines, FORMS[9]!(40_000, 5, 5), short(5000)].join('\n'));
  expect(digest.lines).toBe(3002);
  expect(digest.templates.find(({ example }) => example.includes('Unable'))?.traceback?.at(-1)).toBe('MemoryError');
});
