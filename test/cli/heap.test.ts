import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { askProcess } from '../../src/app.ts';
import { type HeapReport, heapReportSchema } from '../../src/core/heap-report.ts';
import { counted } from '../counted.ts';
import { interpreters } from '../python/programs.ts';
import { temporaryFolder } from '../temporary.ts';
import { running, whyoom } from './whyoom.ts';

/** What a developer would type for what `heap_program.py` knows the address of. */
const PATHS: Record<string, string> = {
  user: "__main__.CACHE[str]['user']",
  slotted: '__main__.REGISTRY.slotted[int].first',
  marker: '__main__.QUEUE[int]',
  class: "__main__.Registry.everyone['marker']",
  cached: '__main__.cached<cache>[int][int]',
  closure: '__main__.closure.<closure>.hidden[int]',
  default: '__main__.default.<default>.argument[int]',
  cycle: '__main__.cycle[int]',
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
    const { pid, known, counts } = await started(path);
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
  });
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
