import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readRemotely } from '../../src/pod-reader/remote-memory.ts';
import { interpreters } from '../python/programs.ts';
import { startProgram, until } from '../start-program.ts';
import { Copied, worthCopying } from './copied.ts';
import { privateBytes, startReader } from './reader-process.ts';

const LOAD = join(import.meta.dirname, 'programs/load.py');
/** What the reader may have for itself in the container. */
const MOST_PRIVATE_BYTES = 6 << 20;
const LIMITS = { maxPauseMs: 1000, bufferBytes: 4 << 20 };
/** The newest that this machine has outside of a root, and one with small pools. */
const installed = interpreters().filter(({ path }) => path.includes('pyenv'));
const pythons = [installed.find(({ version }) => version.startsWith('3.9.')), installed.at(-1)].filter(
  (each) => each !== undefined,
);

const loads = pythons.flatMap(({ path, version }) =>
  ['images', 'dicts', 'buffers', 'new-dicts'].map((kind) => ({ path, version, kind })),
);

test.each(loads)(
  'beside $kind of $version the reader stays small through copy, rounds and three stops',
  async (load) => {
    const target = startProgram(load.path, [LOAD, load.kind]);
    onTestFinished(async () => {
      target.child.kill('SIGKILL');
      await target.ended;
    });
    await until(load.kind, () => target.lines()[0]);
    const reader = startReader(load.path);
    const { memory } = readRemotely(reader.link, target.pid);
    const copied = new Copied();
    const ranges = worthCopying(memory);
    const bytes = memory.copy(ranges, copied.take);
    let most = privateBytes(reader.pid);
    const pauses: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      memory.changes(copied.take);
      memory.changes(copied.take);
      const { pauseMs, changedPages, missedPages } = memory.stopped(LIMITS, copied.take);
      pauses.push(`${pauseMs.toFixed(1)} ms (${changedPages} pages changed, ${missedPages} missed)`);
      most = Math.max(most, privateBytes(reader.pid));
    }
    const mebibytes = (count: number) => (count / 2 ** 20).toFixed(1);
    console.log(
      `${load.version} ${load.kind}: ${mebibytes(bytes)} MiB copied; stood ${pauses.join(', ')}; reader ${mebibytes(most)} MiB of its own`,
    );
    expect(most).toBeLessThan(MOST_PRIVATE_BYTES);
  },
);

/** A page in each of so many pieces of memory, that is. */
const MOST_APART_BYTES = 1 << 20;

test.each(pythons)('of pages here and there in 2 GiB the reader of $version remembers little', async ({ path }) => {
  const target = startProgram(path, [LOAD, 'buffers']);
  onTestFinished(async () => {
    target.child.kill('SIGKILL');
    await target.ended;
  });
  await until('buffers', () => target.lines()[0]);
  const reader = startReader(path);
  const { memory } = readRemotely(reader.link, target.pid);
  const large = memory.maps().filter((map) => map.writable && map.inode === 0 && map.end - map.start > 4 << 20);
  const apart = large.flatMap(({ start, end }) =>
    Array.from({ length: Math.floor((end - start) / (4 << 20)) }, (_, at) => start + at * (4 << 20)),
  );
  expect(apart.length).toBeGreaterThan(400);
  const before = privateBytes(reader.pid);
  const copied = new Copied();
  memory.copy(
    apart.map((start) => ({ start, end: start + 4096 })),
    copied.take,
  );
  expect(memory.changes(copied.take).pages).toBe(0);
  expect(privateBytes(reader.pid) - before).toBeLessThan(MOST_APART_BYTES);
});
