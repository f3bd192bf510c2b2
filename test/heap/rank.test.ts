import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { HeapLook } from '../../src/heap/answer.ts';
import { takeLook } from '../../src/heap/look.ts';
import { describeLook } from '../../src/heap/rank.ts';
import { interpreters } from '../python/programs.ts';
import { endPrograms, start } from '../sources/process/programs.ts';
import { atOnce, readerOf, record, targetOf } from './recorded.ts';

afterEach(endPrograms);

/** The holders of a program that has written a line. */
async function holdersOf(body: string): Promise<HeapLook['holders']> {
  const code = `class Conn:\n    def __init__(self): self.rows = [bytes(5000) for _ in range(4)]\n${body}`;
  const wait = '\nimport time\nprint("ready", flush=True)\ntime.sleep(1000)\n';
  const { pid } = await start(interpreters().at(-1)!.path, ['-S', '-E', '-c', code + wait]);
  process.kill(pid, 'SIGSTOP');
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  const reader = readerOf(record(pid));
  return describeLook(
    takeLook(
      targetOf(() => reader),
      atOnce,
      1000,
    ),
  ).holders;
}

test('small containers that go by one name count together, all of them', async () => {
  const holders = await holdersOf('for i in range(2000): globals()[f"conn{i}"] = Conn()');
  expect(holders[0]).toMatchObject({ name: '__main__.Conn.rows', instances: 2000, items: 8000 });
  expect(holders[0]!.retainedBytes).toBeGreaterThan(2000 * 20_000);
  expect(holders[0]!.truncated).toBe(undefined);
});

test('where there are more than are examined, the row says so', async () => {
  const holders = await holdersOf('for i in range(5000): globals()[f"conn{i}"] = Conn()');
  expect(holders[0]).toMatchObject({ name: '__main__.Conn.rows', truncated: true });
  expect(holders[0]!.instances).toBeGreaterThan(3900);
  expect(holders.slice(1).filter(({ truncated }) => truncated)).toEqual([]);
});

test('a tuple that keeps much is a holder', async () => {
  const holders = await holdersOf('pool = tuple(Conn() for _ in range(500))');
  expect(holders[0]).toMatchObject({ name: '__main__.pool', type: 'tuple', items: 500, instances: 1 });
  expect(holders[0]!.retainedBytes).toBeGreaterThan(500 * 20_000);
});
