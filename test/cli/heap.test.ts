import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { askProcess, openHeapFile } from '../../src/app.ts';
import { type HeapReport, heapReportSchema } from '../../src/core/heap-report.ts';
import type { LiveHeap } from '../../src/core/ports.ts';
import { Chunks } from '../../src/heap/saved/chunks.ts';
import { SECTIONS, type Section } from '../../src/heap/saved/layout.ts';
import { counted } from '../counted.ts';
import { interpreters } from '../python/programs.ts';
import { temporaryFolder } from '../temporary.ts';
import { CLI, running, whyoom } from './whyoom.ts';

/** What a developer would type for what `heap_program.py` knows the address of. */
const PATHS: Record<string, string> = {
  user: "__main__.CACHE[str]['user']",
  slotted: '__main__.REGISTRY.slotted[int].first',
  marker: '__main__.QUEUE[int]',
  class: "__main__.Registry.everyone['marker']",
  cached: '__main__.cached<cache>[int][1]',
  closure: '__main__.closure.<closure>.hidden[int]',
  default: '__main__.default.<default>.argument[int]',
  cycle: '__main__.cycle[int]',
  'dict subclass': '__main__.STORE.label',
  'dict subclass with slots': '__main__.SLOTTED_STORE.label',
  key: '__main__.KEYED<key>',
  'in a key': '__main__.KEYED<key>[0]',
  generator: '__main__.generator.<local>.inside[int]',
  thread: '__main__.work().<local>.local_list[int]',
};

const saidSchema = z.object({
  known: z.record(z.string(), z.number()),
  counts: z.record(z.string(), z.number()),
  secret: z.string(),
});

/** Starts the program that knows what it holds; it stands still once it has written that down. */
async function started(python: string) {
  const file = join(temporaryFolder(), 'said');
  const pid = await running([python, '-B', join(import.meta.dirname, 'heap_program.py'), file]);
  while (!existsSync(file)) await sleep(20);
  return { pid: String(pid), ...saidSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
}

async function heapOf(...argv: string[]): Promise<HeapReport> {
  const { code, out, err } = await whyoom('heap', ...argv, '-o', 'json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return heapReportSchema.parse(JSON.parse(out));
}

describe.each(interpreters())('CPython $version', ({ path, version }) => {
  test('types are counted as the program counts them, holders are named, and paths are exact', async () => {
    counted('programs', `heap command ${version}`);
    const { pid, known, counts, secret } = await started(path);
    const { types = [], holders = [], python } = await heapOf('--pid', pid, '--types', '100000', '--holders', '30');
    expect(python).toBe(version);
    const own = Object.entries(counts).filter(([name]) => name.startsWith('__main__.'));
    expect(own.length).toBeGreaterThan(4);
    const found = new Map(types.map((row) => [row.type, row.count]));
    expect(own.map(([name]) => [name, found.get(name)])).toEqual(own);
    const cache = holders.find(({ name }) => name === '__main__.CACHE');
    expect(cache).toMatchObject({ kind: 'module-variable', type: 'dict', items: 1000, elementType: 'dict' });
    expect(cache!.retainedBytes).toBeGreaterThan(500_000);
    expect(holders.map(({ name }) => name)).toContain('__main__.Registry.slotted');

    const asked = await askProcess(Number(pid), { maxPauseMs: 5000 });
    onTestFinished(() => asked.close());
    for (const [what, address] of Object.entries(known)) {
      const { target, paths } = await asked.pathsTo(what === 'user' ? `${address}` : `0x${address.toString(16)}`, 9);
      expect([what, paths.map(({ text, count }) => [text, count])]).toEqual([what, [[PATHS[what], 1]]]);
      expect(target).toMatchObject({ of: 'object', address: `0x${address.toString(16)}` });
      expect(paths[0]!.hops.at(-1)!.address).toBe(`0x${address.toString(16)}`);
    }
    const { target, paths } = await asked.pathsTo('Leaf', 9);
    const count = counts['__main__.Leaf'];
    expect(target).toMatchObject({ of: 'type', type: '__main__.Leaf', count, examined: count });
    expect(Object.fromEntries(paths.map((each) => [each.text, each.count]))).toEqual({
      [PATHS.slotted!]: 300,
      [PATHS.cached!]: 20,
      [PATHS.closure!]: 1,
      [PATHS.default!]: 1,
      [PATHS.generator!]: 1,
      [PATHS.thread!]: 1,
    });
    await expectSavedAlike(asked, known, secret);
  });
});

/** Saves a look, and asks the file what the look was asked. */
async function expectSavedAlike(live: LiveHeap, known: Record<string, number>, secret: string): Promise<void> {
  const file = join(temporaryFolder(), 'heap.whyoom');
  const bytes = await live.save(file, { tool: '0', target: 'it' });
  expect([bytes, statSync(file).mode & 0o777]).toEqual([statSync(file).size, 0o600]);
  expect(readdirSync(dirname(file))).toEqual(['heap.whyoom']);
  const saved = openHeapFile(file);
  const rows = { types: 100_000, holders: 50 };
  expect(await saved.overview(rows)).toEqual(await live.overview(rows));
  const asked = ['Leaf', 'User', 'dict', 'tuple', 'str', 'type', 'code', ...Object.values(known).map(String)];
  for (const each of asked) expect(await saved.pathsTo(each, 500)).toEqual(await live.pathsTo(each, 500));
  for (const content of contentsOf(file)) expect(content.includes(secret)).toBe(false);
}

/** The file as it is, and all that is in it unpacked. */
function contentsOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const source = { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) };
  const chunks = new Chunks(source);
  const sections = (Object.keys(SECTIONS) as Section[]).map((section) => Buffer.concat([...chunks.contents(section)]));
  expect(sections.filter((content) => content.length > 0).length).toBe(sections.length - 1);
  return [bytes, ...sections];
}

test('a heap is saved, and opened by two commands with the same answer', async () => {
  const { pid, known } = await started(interpreters().at(-1)!.path);
  const file = join(temporaryFolder(), 'heap.whyoom');
  const address = `0x${known.slotted!.toString(16)}`;
  const live = await whyoom('heap', '--pid', pid, '--save', file);
  expect(live.err).toMatch(/^Heap saved \(\d+ KiB\); open it with: whyoom heap \S+\n$/);
  const body = (out: string) => out.slice(out.indexOf('\n\n'));
  const opened = [await whyoom('heap', file), await whyoom('open', file), await whyoom(file)];
  for (const each of opened) expect(each).toEqual({ code: 0, out: opened[0]!.out, err: '' });
  expect(body(opened[0]!.out)).toBe(body(live.out));
  expect((await whyoom('heap', file, '--path-to', address)).out).toContain(`1  ${PATHS.slotted}\n`);
  expect((await whyoom('heap', file, '--path-to', 'CACHE')).err).toMatch(
    /no object of a type "CACHE".*\n.*ADDRESS column/,
  );
  for (const argv of [
    ['compare', file, file],
    ['--pid', pid, '--baseline', file],
  ])
    expect((await whyoom(...argv)).err).toBe(
      `whyoom: ${file} is a saved heap; a case is needed.\nMake one with: whyoom --pid PID --save DIR\n`,
    );
  const json = JSON.parse((await whyoom('heap', '--pid', pid, '--types', '0', '--holders', '0', '-o', 'json')).out);
  expect([json.types, json.holders]).toEqual([undefined, undefined]);
  expect(json.rssBytes).toBeGreaterThan(2 ** 22);
  expect(await whyoom('heap', '--pid', pid, '--save', file)).toMatchObject({
    code: 3,
    err: `whyoom: There is a file ${file} already.\nGive --save the name of a new file.\n`,
  });
});

test('where the disk is full nothing is left of the file, and it is said', async () => {
  // The most that a file may have, in blocks: writing more fails as on a full disk.
  const { pid } = await started(interpreters().at(-1)!.path);
  const folder = temporaryFolder();
  const command = `trap '' XFSZ; ulimit -f 8; '${process.execPath}' '${CLI}' heap --pid ${pid} --save '${folder}/heap.whyoom' 2>&1 >/dev/null; echo "exit $?"`;
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toMatch(
    /^whyoom: The heap cannot be saved: E\w+[^\n]*\n[^\n]*room for it\.\nexit 3\n$/,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('a command is looked at and ended', async () => {
  const python = interpreters()[0]!.path;
  const { code, out, err } = await whyoom(
    'heap',
    '--',
    python,
    '-c',
    'import time; kept = [[] for _ in range(9999)]; time.sleep(99)',
  );
  expect(code).toBe(0);
  expect(out).toMatch(/9,999 {3}list {3}0x[0-9a-f]+ {3}__main__\.kept\n/);
  expect(err).toMatch(/ended it with SIGTERM\n$/);
});
