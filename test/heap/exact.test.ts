import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { counted } from '../counted.ts';
import { type Interpreter, interpreters } from '../python/programs.ts';
import { temporaryFolder } from '../temporary.ts';

const fixtures = join(import.meta.dirname, 'exact');
const run = promisify(execFile);

const lookSchema = z.object({
  partial: z.string().optional(),
  lost: z.number(),
  tracked: z.array(z.object({ address: z.number(), name: z.string(), count: z.number() })),
  found: z.array(
    z.object({
      address: z.number(),
      type: z.string().optional(),
      bytes: z.number().optional(),
      items: z.number().optional(),
    }),
  ),
});

/** What the program said of itself, and what one look from outside, through the real tracer, says of it. */
async function lookAt({ path }: Interpreter) {
  const said = join(temporaryFolder(), 'said');
  const child = spawn(path, ['-B', '-W', 'ignore', join(fixtures, 'rich_content.py'), said], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const fixture = [join(fixtures, 'look-fixture.ts'), String(child.pid), said];
  const { stdout } = await run(process.execPath, fixture, { maxBuffer: 1 << 28 });
  return { said: readFileSync(said, 'utf8'), look: lookSchema.parse(JSON.parse(stdout)) };
}

const typesIn = (said: string) =>
  [...said.matchAll(/^tracked (\d+) (\d+) (.*)$/gm)].map(([, address, count, name]) => ({
    address: Number(address),
    name: name!.replace(/^builtins\./, ''),
    count: Number(count),
  }));

const objectsIn = (said: string) =>
  [...said.matchAll(/^known (\S+) (\d+) (\d+) (-?\d+)$/gm)].map(([, kind, address, bytes, items]) => ({
    kind: kind!,
    address: Number(address),
    bytes: Number(bytes),
    items: Number(items),
  }));

const CONTAINERS = /^(list|dict|set|frozenset|bytearray|array\.array|collections\..*)$/;

/** Kinds whose `sys.getsizeof` is not what they take (docs/heap-reader.md), and by how much they may differ. */
const DIFFERS: Readonly<Record<string, (bytes: number, getsizeof: number) => boolean>> = {
  // Its own nodes, of 56 bytes, and their index are not counted.
  'collections.OrderedDict': (bytes, getsizeof) => bytes < getsizeof && bytes > getsizeof / 3,
  // getsizeof leaves attribute values out that are not in a dict (3.11 and later).
  instance: (bytes, getsizeof) => bytes >= getsizeof && bytes <= getsizeof + 400,
};

const byAddress = (rows: { address: number; name: string; count: number }[]) =>
  rows.filter(({ count }) => count > 0).sort((a, b) => a.address - b.address);

describe.each(interpreters())('on $version', (interpreter) => {
  test('the collector tracks as many objects of each type as gc.get_objects() counts, under the same names', async () => {
    const { said, look } = await lookAt(interpreter);
    expect(look.partial).toBeUndefined();
    expect(typesIn(said).length).toBeGreaterThan(150);
    expect(byAddress(look.tracked)).toEqual(byAddress(typesIn(said)));
    expect(look.lost).toBe(0);
    counted('interpreters', `${interpreter.version} counted exactly`);
  });

  test('every known object is found, with its size and its items', async () => {
    const { said, look } = await lookAt(interpreter);
    const known = objectsIn(said);
    const found = new Map(look.found.map((each) => [each.address, each]));
    expect(known.length).toBeGreaterThan(1000);
    expect(known.filter(({ address }) => found.get(address)?.type === undefined)).toEqual([]);
    const wrong = known.filter(({ kind, address, bytes }) => {
      const measured = found.get(address)!.bytes!;
      return DIFFERS[kind] ? !DIFFERS[kind](measured, bytes) : measured !== bytes;
    });
    expect(wrong.map((each) => ({ ...each, measured: found.get(each.address)!.bytes }))).toEqual([]);
    const miscounted = known.filter(
      ({ kind, address, items }) => CONTAINERS.test(kind) && found.get(address)!.items !== items,
    );
    expect(miscounted).toEqual([]);
  });
});
