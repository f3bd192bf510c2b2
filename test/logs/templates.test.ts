import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_TEMPLATES, TemplateMiner } from '../../src/logs/templates.ts';

const templatesOf = (messages: readonly string[]): string[] => {
  const miner = new TemplateMiner();
  for (const message of messages) miner.read(message);
  return [...miner.templates].map(({ tokens }) => tokens.join(' '));
};

test('messages that differ in numbers, ids, times and addresses alone are one template', () => {
  expect(
    templatesOf([
      'Processed 1 images in 2.3 s from 10.0.0.1:5000',
      'Processed 1,234 images in 250ms from 192.168.1.77:61234',
      'Processed 7 images in 1h2m from 10.9.8.7:1',
    ]),
  ).toEqual(['Processed <*> images in <*> from <*>']);
  expect(
    templatesOf([
      'job 3f2a8c1e-12ab-4cde-9012-3456789abcde began 2026-11-23T14:31:12Z',
      'job 00000000-0000-4000-8000-000000000000 began 2026-11-23 14:31:12',
    ]).length,
  ).toBeLessThanOrEqual(2);
  expect(templatesOf(['at 0x7ffe12 and deadbeef99', 'at 0xffff and 1234567f'])).toEqual(['at <*> and <*>']);
});

test('what is said in other words is another template', () => {
  expect(templatesOf(['Cache size: 12', 'Cache hits: 12', 'Queue size: 12'])).toHaveLength(3);
});

test('words that vary become a place', () => {
  const users = ['ann', 'bob', 'cleo', 'dan'];
  expect(templatesOf(users.map((user) => `session opened for user ${user} by root`))).toEqual([
    'session opened for user <*> by root',
  ]);
});

test('a long list is the same message as a longer one', () => {
  const list = (length: number) => `ids [${Array.from({ length }, (_, i) => i).join(', ')}] done`;
  expect(templatesOf([list(5), list(50), list(500)])).toHaveLength(1);
});

test('a message never seen before again and again does not grow what is kept, and is counted', () => {
  const miner = new TemplateMiner();
  const word = (n: number) => n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]!);
  let steady = 0;
  const lines = 60_000;
  for (let i = 0; i < lines; i++) {
    const length = 3 + (i % 7);
    miner.read(Array.from({ length }, (_, at) => word(i * 31 + at * 7919)).join(' '));
    if (i % 10 === 0) {
      miner.read('Cache size: 12');
      steady++;
    }
  }
  const templates = [...miner.templates];
  expect(templates.length).toBeLessThanOrEqual(MOST_TEMPLATES);
  expect(miner.merged.templates + miner.merged.forced).toBeGreaterThan(1000);
  const known = templates.flatMap(({ slots }) => slots).reduce((sum, slot) => sum + miner.countOf(slot), 0);
  expect(known + miner.merged.lines).toBe(lines + steady);
  // What is said all the time is never let go.
  const cache = templates.find(({ tokens }) => tokens.join(' ') === 'Cache size: <*>')!;
  expect(miner.countOf(cache.slots[0]!)).toBe(steady);
});

const piece = fc.oneof(
  fc.constantFrom('Cache', 'size:', "'users'", '1,234', '2.3 GiB', 'k=', '(', '[1, 2, 3, 4]', '/a/b/7', '"x y"', '<*>'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const message = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(' '));

test('any messages have templates, with as many messages as there were', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
      const miner = new TemplateMiner();
      for (const each of messages) miner.read(each);
      const counted = [...miner.templates]
        .flatMap(({ slots }) => slots)
        .reduce((sum, slot) => sum + miner.countOf(slot), 0);
      expect(counted).toBe(messages.length);
    }),
  );
});

test('the same message is always of the same template', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 30 }), (messages) => {
      const miner = new TemplateMiner();
      for (const each of messages) {
        const template = miner.templateOf(miner.read(each));
        expect(miner.templateOf(miner.read(each))).toBe(template);
      }
    }),
  );
});
