import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { locatePython } from '../../src/heap/cpython/locate.ts';
import { liveTarget } from '../../src/sources/process/live-target.ts';
import { whyoom } from '../cli/whyoom.ts';
import { counted } from '../counted.ts';
import { type Build, buildsToRead, buildsToRefuse, kindOf } from '../interpreters/builds.ts';
import { temporaryFolder } from '../temporary.ts';
import { reportOf } from '../whyoom.ts';

/**
 * The matrix: every build of CPython that this machine has or can get, each read exactly as its own `gc` and `sys.getsizeof`
 * say, or refused by name. What came out is printed as a table.
 */
const fixtures = join(import.meta.dirname, 'exact');
const run = promisify(execFile);

const lookSchema = z.object({
  version: z.string(),
  partial: z.string().optional(),
  lost: z.number(),
  objects: z.number(),
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

/** Starts a build on a program and waits for its first line. It ends with the test. */
async function start(path: string, argv: readonly string[]): Promise<number> {
  const child = spawn(path, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid!;
}

/** What the program said of itself, and what one look from outside, through the real tracer, says of it. */
async function lookAt({ path }: Build) {
  const said = join(temporaryFolder(), 'said');
  const pid = await start(path, ['-B', '-W', 'ignore', join(fixtures, 'rich_content.py'), said]);
  const fixture = [join(fixtures, 'look-fixture.ts'), String(pid), said];
  const { stdout } = await run(process.execPath, fixture, { maxBuffer: 1 << 28 });
  return { said: readFileSync(said, 'utf8'), kind: kindOf(pid), look: lookSchema.parse(JSON.parse(stdout)) };
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

const CONTAINERS = /^(list|dict|frozendict|set|frozenset|bytearray|array\.array|collections\..*)$/;

/** Kinds whose `sys.getsizeof` is not what they take (docs/heap-reader.md), and by how much they may differ. */
const DIFFERS: Readonly<Record<string, (bytes: number, getsizeof: number) => boolean>> = {
  // getsizeof leaves attribute values out that are not in a dict (3.11 and later).
  instance: (bytes, getsizeof) => bytes >= getsizeof && bytes <= getsizeof + 400,
};

const byAddress = (rows: { address: number; name: string; count: number }[]) =>
  rows.filter(({ count }) => count > 0).sort((a, b) => a.address - b.address);

type Looked = Awaited<ReturnType<typeof lookAt>>;

/** The collector tracks as many objects of each type as `gc.get_objects()` counts, under the same names. */
function expectTracked({ said, look }: Looked): void {
  expect(look.partial).toBeUndefined();
  expect(typesIn(said).length).toBeGreaterThan(150);
  expect(byAddress(look.tracked)).toEqual(byAddress(typesIn(said)));
  expect(look.lost).toBe(0);
}

/** Every known object is found, with its size and its items. */
function expectKnown({ said, look }: Looked): void {
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
}

const table: string[][] = [];
const toRead = buildsToRead();
const toRefuse = buildsToRefuse();
for (const missing of [...toRead.missing, ...toRefuse.missing]) console.warn(`\n!!! NOT TESTED: ${missing} !!!\n`);

afterAll(() => {
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (row: string[]) => row.map((text, column) => text.padEnd(widths[column]!)).join('  ');
  console.log([['build', 'version', 'kind', 'objects', ''], ...table].map(line).join('\n'));
});

describe('is read exactly:', () => {
  test.each(toRead.builds)('$name', async (build) => {
    const looked = await lookAt(build);
    const { look, kind } = looked;
    const row = [build.name, look.version, kind, look.objects.toLocaleString('en'), 'NOT exact'];
    table.push(row);
    expectTracked(looked);
    expectKnown(looked);
    row[4] = 'exact';
    counted('interpreters', `${build.name} ${kind} counted exactly`);
  });
});

describe('is refused by name:', () => {
  const REASONS: Readonly<Record<string, RegExp>> = {
    'Debian refused /usr/bin/pypy3': /PyPy keeps its objects in another way; whyoom reads CPython/,
    'Debian refused /usr/bin/python3.11-dbg': /a debug build of CPython 3\.11; whyoom reads release builds/,
    'Debian refused-i386 /usr/bin/python3.11': /a 32-bit CPython; whyoom reads 64-bit ones/,
  };

  test.each(toRefuse.builds)('$name', async ({ name, path }) => {
    const pid = await start(path, ['-c', "import time\nprint('READY', flush=True)\ntime.sleep(600)"]);
    const { code, out, err } = await whyoom('--pid', String(pid), '--for', '10m');
    expect([code, out]).toEqual([3, '']);
    const reason = REASONS[name]!.exec(err)?.[0];
    expect(reason, err).toBeDefined();
    // Its name says it; the heap reader itself goes by what the files hold.
    const target = liveTarget(pid);
    expect(() => locatePython(target.reader(), target.readImage)).toThrow(/PyPy|debug build of CPython|32-bit/);
    expect(err).toContain(`whyoom --pid ${pid} --max-pause 0\n`);
    const report = await reportOf('--pid', String(pid), '--for', '1s', '--max-pause', '0');
    const steps = report.steps.filter(({ ok }) => ok).map(({ key }) => key);
    expect(steps).toEqual(expect.arrayContaining(['processes', 'memory-limit', 'memory-series']));
    table.push([name, '', '', '', `refused: ${reason}`]);
    counted('interpreters', `${name} refused`);
  });
});
