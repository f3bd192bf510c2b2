import { expect, test } from 'vitest';
import { launch } from '../../../src/sources/launch/command.ts';
import { createOwnOutput } from '../../../src/sources/launch/own-output.ts';

const NOW = Date.UTC(2026, 10, 23) / 1000;

test('what a program prints to both streams is one log, whole lines only, wherever the bytes are parted', () => {
  const output = createOwnOutput(NOW);
  output.take('stdout', Buffer.from('cache holds 1 it'));
  output.take('stderr', Buffer.from('2026-11-23 10:00:00 ERROR job failed\n'));
  output.take('stdout', Buffer.from('ems\ncache holds 2 items\nthe last li'));
  output.take('stdout', Buffer.from('ne'));
  const [program] = output.digest().programs;
  expect(program!.digest.templates.map(({ template, count }) => [template, count]).sort()).toEqual([
    ['cache holds <*> items', 2],
    ['job failed', 1],
    ['the last line', 1],
  ]);
});

test('what is printed when its log was asked for already is in none, and unfinished lines of both streams stay apart', () => {
  const output = createOwnOutput(NOW);
  output.take('stdout', Buffer.from('one half'));
  output.take('stderr', Buffer.from('another'));
  const { digest } = output.digest().programs[0]!;
  output.take('stdout', Buffer.from('more\n'));
  expect(digest.templates.map(({ template }) => template).sort()).toEqual(['another', 'one half']);
});

test('a line without an end is cut, and takes no more than its room', () => {
  const output = createOwnOutput(NOW);
  for (let i = 0; i < 100; i++) output.take('stdout', Buffer.alloc(50_000, 120));
  expect(output.digest().programs[0]!.sources).toEqual([{ name: '-', bytes: 5_000_000 }]);
});

test('what a started program prints is read while it runs', async () => {
  const output = createOwnOutput(NOW);
  let heard = () => {};
  const both = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const seen = new Set<string>();
  const program = await launch(
    ['sh', '-c', 'echo held 12 items; echo held 13 items >&2; sleep 100'],
    undefined,
    (from, chunk) => {
      output.take(from, chunk);
      if (seen.add(from).size === 2) heard();
    },
  );
  await both;
  expect(program.ended()).toBeUndefined();
  expect(await program.stop()).toBe('ended it with SIGTERM');
  const points = output.digest().programs[0]!.digest.series[0]!.points.map(({ value }) => value);
  expect(points.sort()).toEqual([12, 13]);
});
