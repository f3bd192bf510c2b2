import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
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

test('a rotated log is read in the order of its times, packed or not, and is one life', async () => {
  const folder = temporaryFolder();
  const hour = (at: number) => `2026-11-23 0${at}:00`;
  const part = (at: number) =>
    Array.from({ length: 30 }, (_, i) => `${hour(at)}:${String(i + 10)} INFO Cache size: ${at * 30 + i} items\n`).join(
      '',
    );
  const [now, before, oldest] = ['app.log', 'app.log.1.gz', 'app.log.2.zst'].map((name) => join(folder, name));
  writeFileSync(now!, part(3));
  writeFileSync(before!, gzipSync(part(2)));
  writeFileSync(oldest!, zstdCompressSync(part(1)));
  const { code, out } = await whyoom('--logs', now!, before!, oldest!, '-o', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(out).findings[0].evidence[0].says).toMatch(/90 times, from 30 to 119/);
});

test('a packed file that cannot be unpacked says so, and one that is cut off is read as far as it goes', async () => {
  const folder = temporaryFolder();
  const [xz, cut] = [join(folder, 'a.log.xz'), join(folder, 'b.log.gz')];
  writeFileSync(xz, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 1, 2, 3]));
  const answer = await whyoom('--logs', xz);
  expect([answer.code, answer.err]).toEqual([3, expect.stringContaining('it is packed (xz)')]);
  const packed = gzipSync(logOf(0, 5000));
  writeFileSync(cut, packed.subarray(0, packed.length >> 1));
  const { code, out } = await whyoom('--logs', cut);
  expect(code).toBe(0);
  expect(out).toMatch(/b.log.gz\s+was read in part/);
});
