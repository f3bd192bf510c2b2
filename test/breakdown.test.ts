import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type Artifacts, artifactSchemas } from '../src/core/artifacts.ts';
import type { Measure, Report } from '../src/core/report.ts';
import { breakdownOf } from '../src/facts/breakdown.ts';
import { limited } from '../src/sources/launch/memory-limit.ts';
import { counted } from './counted.ts';
import { type Minor, makeRoot, pythonIn, RELEASES, whyNoRoots } from './interpreters/debian.ts';
import { type Interpreter, interpreters } from './python/programs.ts';
import { withPackages } from './python/venv.ts';

/**
 * Programs that do one thing with memory and say what: the breakdown must sum to the kernel's number, its largest part be that
 * thing, and both allocators' own figures be what whyoom reads from outside. `WHYOOM_TEST_PYTHONS=3.9,3.13` chooses interpreters.
 */
const programs = join(import.meta.dirname, 'python', 'memory');
const fixture = join(import.meta.dirname, 'heap', 'native', 'look-memory-fixture.ts');
const run = promisify(execFile);
const MIB = 2 ** 20;

const wanted = (process.env.WHYOOM_TEST_PYTHONS ?? '3.9,3.11,3.13').split(',');
const chosen = wanted.flatMap(
  (minor) => interpreters().findLast(({ version }) => version.startsWith(`${minor}.`)) ?? [],
);

const PROGRAMS = [
  'small_objects',
  'big_bytes',
  'numpy_arrays',
  'many_threads',
  'freed_arenas',
  'holes',
  'c_heap_holes',
  'ctypes_malloc',
  'thread_arenas',
  'shared_mapping',
  'tmpfs_file',
  'mapped_file',
  'mix',
];

const saidSchema = z.object({
  part: z.string(),
  bytes: z.number(),
  pid: z.number(),
  malloc: z.object({ used: z.number(), free: z.number(), mmapped: z.number() }),
});

interface Told extends z.infer<typeof saidSchema> {
  /** From `sys._debugmallocstats()`. */
  readonly allocatedBytes: number;
  readonly arenas: number;
}

describe.each(chosen)('on $version', (interpreter) => {
  test.for(PROGRAMS)('where the memory of %s is, in parts that sum to the RSS', async (name, { skip }) => {
    const python = name === 'numpy_arrays' ? withPackages(interpreter, ['numpy']) : interpreter;
    if (python === undefined) return skip('no numpy to be had');
    const told = await started([python.path, '-B', join(programs, `${name}.py`), tmpdir()]);
    const { look, parts, whole } = await brokenDown(told.pid, 'rss');
    expectSum(parts, whole, rssOf(told.pid));
    expectLargest(parts, told);
    if (told.part !== 'anonymous-other') expectLittleElse(parts, whole);
    expectAllocators(look, told);
    counted('programs', `${name} broken down on ${interpreter.version}`);
  });

  test('where the memory of a container is: file pages that the kernel takes back do not count', async ({ skip }) => {
    const { parts, whole, group, told } = await inGroup(interpreter, 'file_cache', skip);
    expectSum(parts, whole, unreclaimable(group));
    const cache = parts.find(({ part }) => part === 'page-cache');
    expect(cache).toMatchObject({ counted: false });
    expect(Math.abs(cache!.bytes - told.bytes)).toBeLessThan(4 * MIB);
    counted('programs', `file_cache broken down on ${interpreter.version}`);
  });

  test('where the memory of a container is: files in a tmpfs count, and are the largest part', async ({ skip }) => {
    const { parts, whole, group, told } = await inGroup(interpreter, 'tmpfs_file', skip);
    expectSum(parts, whole, unreclaimable(group));
    expectLargest(parts, told);
    counted('programs', `tmpfs_file in a group broken down on ${interpreter.version}`);
  });

  test('the address space that nothing was put in is a part, where it counts against the limit', async () => {
    const told = await started([interpreter.path, '-B', join(programs, 'many_threads.py')]);
    const { parts, whole } = await brokenDown(told.pid, 'virtual');
    expectSum(parts, whole, numberIn(`/proc/${told.pid}/status`, /^VmSize:\s+(\d+) kB$/m) * 1024);
    expect(largest(parts).part).toBe('reserved');
  });
});

const noRoots = whyNoRoots();
if (noRoots) console.warn(`!!! The C heaps of other releases of Debian are not read: ${noRoots} !!!`);

describe.skipIf(noRoots)('with the C library of another release', () => {
  const minors = Object.keys(RELEASES).map(Number) as Minor[];
  beforeAll(() => {
    for (const minor of minors) makeRoot(RELEASES[minor]);
  }, 600_000);

  test.each(minors)("the C heap of Debian's 3.%i is what mallinfo says", async (minor) => {
    const told = await started([pythonIn(minor)!, '-B', join(programs, 'thread_arenas.py')]);
    const { look, parts, whole } = await brokenDown(told.pid, 'rss');
    expectSum(parts, whole, rssOf(told.pid));
    expectLargest(parts, told);
    expectAllocators(look, told);
    counted('programs', `thread_arenas broken down on Debian ${RELEASES[minor]} 3.${minor}`);
  });
});

type Parts = NonNullable<Report['breakdown']>;

/** Starts a program and waits until it has done its thing. */
async function started(command: readonly string[]): Promise<Told> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [out, errors] = [collected(child.stdout), collected(child.stderr)];
  const line = await firstLine(child, out, errors);
  const stat = (name: RegExp) => Number([...errors.text.matchAll(name)].at(-1)?.[1]?.replaceAll(',', '') ?? Number.NaN);
  return {
    ...saidSchema.parse(JSON.parse(line)),
    allocatedBytes: stat(/^# bytes in allocated blocks +=\s+([\d,]+)$/gm),
    arenas: stat(/^# arenas allocated current +=\s+([\d,]+)$/gm),
  };
}

function collected(stream: NodeJS.ReadableStream): { text: string } {
  const all = { text: '' };
  stream.on('data', (data: Buffer) => {
    all.text += data.toString();
  });
  return all;
}

async function firstLine(child: ChildProcess, out: { text: string }, errors: { text: string }): Promise<string> {
  return await new Promise((resolve, reject) => {
    child.stdout!.on('data', () => out.text.includes('\n') && resolve(out.text.split('\n')[0]!));
    child.on('exit', () => reject(new Error(`${child.spawnargs.join(' ')} ended: ${errors.text.slice(-1000)}`)));
  });
}

async function brokenDown(pid: number, measure: Measure) {
  const { stdout } = await run(process.execPath, [fixture, String(pid)], { maxBuffer: 2 ** 26 });
  const look = artifactSchemas.heap.parse(JSON.parse(stdout));
  const { breakdown, breakdownOf: whole } = breakdownOf({
    look,
    growth: undefined,
    limit: { measure, machineAvailableBytes: 0 },
  });
  return { look, parts: breakdown!, whole: whole! };
}

async function inGroup(interpreter: Interpreter, name: string, skip: (why: string) => never) {
  const { command, says, remove } = await limited(
    [interpreter.path, '-B', join(programs, `${name}.py`), tmpdir()],
    512 * MIB,
  );
  onTestFinished(remove);
  const group = /\(memory cgroup (.*)\)$/.exec(says)?.[1] ?? skip('no memory cgroup can be made here');
  const told = await started(command);
  return { ...(await brokenDown(told.pid, 'unreclaimable')), told, group };
}

const sumOf = (parts: Parts): number =>
  parts.filter(({ counted: counts }) => counts !== false).reduce((sum, { bytes }) => sum + bytes, 0);
const largest = (parts: Parts) =>
  parts.filter(({ counted: counts }) => counts !== false).sort((a, b) => b.bytes - a.bytes)[0]!;

function expectSum(parts: Parts, whole: NonNullable<Report['breakdownOf']>, kernelBytes: number): void {
  expect(Math.abs(sumOf(parts) - kernelBytes) / kernelBytes, JSON.stringify(parts)).toBeLessThan(0.03);
  expect(Math.abs(sumOf(parts) - whole.bytes) / whole.bytes).toBeLessThan(0.001);
}

/** What is left over makes every sum right: where only known allocators are at work it is to be little. */
function expectLittleElse(parts: Parts, whole: NonNullable<Report['breakdownOf']>): void {
  const other = parts.find(({ part }) => part === 'anonymous-other')?.bytes ?? 0;
  expect(other, JSON.stringify(parts)).toBeLessThan(whole.bytes * 0.1 + 3 * MIB);
}

/** What an interpreter has anyway, and what an allocator puts beside each block, comes on top. */
function expectLargest(parts: Parts, { part, bytes }: Told): void {
  expect(largest(parts).part, JSON.stringify(parts)).toBe(part);
  expect(largest(parts).bytes).toBeGreaterThan(bytes * 0.93);
  expect(largest(parts).bytes).toBeLessThan(bytes * 1.07 + 14 * MIB);
}

/** The program goes on for a moment after it has asked: it prints the answer. */
const PRINTING_BYTES = 8 * 1024;

function expectAllocators({ memory }: Artifacts['heap'], { allocatedBytes, arenas, malloc }: Told): void {
  const { pymalloc, cHeap } = memory!.native;
  expect(Math.abs(pymalloc.allocatedBytes - allocatedBytes)).toBeLessThan(PRINTING_BYTES);
  expect(pymalloc.arenas).toBe(arenas);
  expect(cHeap.unwalkedBytes).toBe(0);
  expect(Math.abs(cHeap.usedBytes - malloc.used)).toBeLessThan(PRINTING_BYTES);
  expect(Math.abs(cHeap.freeBytes - malloc.free)).toBeLessThan(PRINTING_BYTES);
  // glibc 2.43 does not take away all that it has added when such a chunk goes.
  expect(Math.abs(cHeap.mmappedBytes - malloc.mmapped)).toBeLessThan(4096);
}

const numberIn = (file: string, pattern: RegExp): number => Number(pattern.exec(readFileSync(file, 'utf8'))?.[1]);

const rssOf = (pid: number): number => numberIn(`/proc/${pid}/smaps_rollup`, /^Rss:\s+(\d+) kB$/m) * 1024;

function unreclaimable(group: string): number {
  const [v1, v2] = [/^total_(?:in)?active_file (\d+)$/gm, /^(?:in)?active_file (\d+)$/gm];
  const stat = readFileSync(join(group, 'memory.stat'), 'utf8');
  const isV1 = stat.includes('total_active_file');
  const files = [...stat.matchAll(isV1 ? v1 : v2)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  return Number(readFileSync(join(group, isV1 ? 'memory.usage_in_bytes' : 'memory.current'), 'utf8')) - files;
}
