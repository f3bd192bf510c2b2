import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary.ts';
import { CLI, whyoom } from './whyoom.ts';

const lineOf = (at: number, text: string) =>
  `2026-11-23 09:00:${String(at % 60).padStart(2, '0')},000 INFO app: ${text}\n`;
const logOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => lineOf(at, `Cache size: ${from + at} thumbnails`)).join('');

/** Two lives of one program, in two files. */
function files(): { folder: string; before: string; now: string } {
  const folder = temporaryFolder();
  const before = join(folder, 'before.log');
  const now = join(folder, 'now.log');
  writeFileSync(before, `${logOf(0, 40)}${lineOf(0, 'user bob, password=hunter2 logged in')}`);
  writeFileSync(now, logOf(0, 30));
  return { folder, before, now };
}

test('the logs of two lives are one program, and a saved case of them keeps no text and gives the same report', async () => {
  const { folder, before, now } = files();
  const saved = join(folder, 'case');
  const live = await whyoom('--logs', before, now, '-o', 'json', '--save', saved);
  expect(live.code).toBe(0);
  expect(JSON.parse(live.out).target).toEqual({ kind: 'logs', name: 'before.log, now.log' });
  expect((await whyoom('open', saved, '-o', 'json')).out).toBe(live.out);
  const texts = readdirSync(saved).map((file) => readFileSync(join(saved, file), 'utf8'));
  expect(texts.join('')).not.toContain('hunter2');
  const { programs } = JSON.parse(readFileSync(join(saved, 'log-digest.json'), 'utf8'));
  expect(programs).toHaveLength(1);
  expect(programs[0].digest.lives.map(({ end }: { end: string }) => end)).toEqual(['next-log', 'end']);
  const size = programs[0].digest.series.find(({ name }: { name: string }) => name.includes('cache size'));
  expect([size.count, size.points.at(-1).value, size.points.at(-1).life]).toEqual([70, 29, 1]);
});

test('- is standard input', () => {
  const { status, stdout } = spawnSync(process.execPath, [CLI, '--logs', '-', '-o', 'json'], { input: logOf(0, 5) });
  expect(status).toBe(0);
  expect(JSON.parse(stdout.toString()).target.name).toBe('standard input');
});

test('where no file can be read, whyoom says why and fails; where one can, it is read', async () => {
  const { folder, now } = files();
  const absent = await whyoom('--logs', join(folder, 'no.log'));
  expect(absent.code).toBe(3);
  expect(absent.err).toContain('no.log: there is no such file.');
  expect((await whyoom('--logs', folder)).err).toContain('is a folder, not a log.');
  const one = await whyoom('--logs', join(folder, 'no.log'), now, '-o', 'json');
  expect(one.code).toBe(0);
});

test('an empty log and one of no text at all give a report', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'empty.log'), '');
  writeFileSync(join(folder, 'binary.log'), Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 256)));
  for (const file of ['empty.log', 'binary.log']) expect((await whyoom('--logs', join(folder, file))).code).toBe(0);
});
