import { expect, onTestFinished, test } from 'vitest';
import { processPort } from '../../../src/app.ts';
import { artifactSchemas } from '../../../src/core/artifacts.ts';
import type { StackFrame } from '../../../src/heap/stacks/answer.ts';
import { enterBy } from '../../../src/sources/pod/index.ts';
import { visible } from '../../../src/util/text-escape.ts';
import { counted } from '../../counted.ts';
import { buildsToRead } from '../../interpreters/builds.ts';
import { childStream } from '../../sources/pod/child-stream.ts';
import { INTERPRETERS, PYTHON } from '../../sources/process/programs.ts';
import { type Said, startWaiting, type Waiting } from './waiting-program.ts';

/** A function's own name: before 3.11 a code object knows no other. */
const plain = (name: string) => name.replace(/^.*\.(?=[^.]+$)/, '');
type Frame = readonly [string, string, number];
const told = (frames: readonly StackFrame[]): Frame[] =>
  frames.map(({ function: name, file, line }) => [plain(name), file, line ?? -1]);

async function stacksOf(pid: number, processes = processPort()) {
  const session = await processes.openHeap(pid, { maxPauseMs: 10_000 });
  try {
    return await session.stacks();
  } finally {
    await session.close();
  }
}
type Found = Awaited<ReturnType<typeof stacksOf>>;

function expectThreads({ threads }: Found, said: Said): void {
  const found = threads.listed
    .filter(({ name }) => name !== 'teller')
    .map(({ id, name, frames }) => ({ id, name, frames: told(frames) }));
  const byId = (a: { id?: number | undefined }, b: { id?: number | undefined }) => (a.id ?? 0) - (b.id ?? 0);
  expect(found.sort(byId)).toEqual([...said.threads].sort(byId));
  expect(threads.count).toBe(said.threads.length + 1);
  expect(threads.listed.filter(({ state }) => state !== 'idle')).toEqual([]);
  expect(threads.listed.filter(({ holdsGil }) => holdsGil)).toEqual([]);
}

function expectTasks({ tasks }: Found, said: Said): void {
  const sorted = (rows: { name: string; frames: unknown }[]) => rows.map((row) => JSON.stringify(row)).sort();
  const others = tasks!.listed.filter(({ frames }) => frames.at(-1)?.function !== 'main');
  const found = others.map(({ name, frames }) => ({ name, frames: told(frames) }));
  expect(sorted(found)).toEqual(sorted(said.tasks.map(({ name, frames }) => ({ name: visible(name), frames }))));
  expect(tasks!.count).toBe(said.tasks.length + 1);
  expect(others.filter(({ state }) => state !== 'waiting')).toEqual([]);
  // asyncio itself tells the outermost alone of a task that is suspended.
  for (const { frames, own } of said.tasks) expect(own).toEqual(frames.slice(-1));
  const waitsFor = tasks!.listed.map((task) => task.waitsFor);
  expect(waitsFor).toContain(`task ${visible('named \x1b[31m task')}`);
  expect(waitsFor.some((each) => each?.endsWith('_GatheringFuture'))).toBe(true);
  expect(tasks!.groups.reduce((sum, { count }) => sum + count, 0)).toBe(tasks!.count);
}

async function expectCollector({ collector }: Found, { said, counts }: Waiting): Promise<void> {
  const { frozen: _, ...asSaid } = said.collector;
  expect(collector).toMatchObject(asSaid);
  const [now, ...older] = await counts();
  expect(collector!.counts.slice(1)).toEqual(older);
  // To read the line takes and gives back a few objects.
  expect(Math.abs(now! - collector!.counts[0]!)).toBeLessThan(20);
  expect(now).toBeGreaterThan(200);
}

const BUILDS = buildsToRead().builds;

test.each(BUILDS)(
  'threads, tasks and the collector are told as the program itself tells them, by $name',
  async ({ name, path }) => {
    const waiting = await startWaiting(path);
    const found = await stacksOf(waiting.pid);
    expect(found.partial).toBeUndefined();
    expectThreads(found, waiting.said);
    expectTasks(found, waiting.said);
    await expectCollector(found, waiting);
    counted('interpreters', `${name} stacks`);
  },
  60_000,
);

test('a look at the heap tells the same, and counts what is frozen', async () => {
  const { pid, said } = await startWaiting(PYTHON);
  const session = await processPort().openHeap(pid, { maxPauseMs: 10_000 });
  onTestFinished(() => session.close());
  const stacks = await session.stacks();
  const look = await session.first();
  expect(look.threads).toEqual(stacks.threads);
  expect(look.tasks).toEqual(stacks.tasks);
  expect(look.collector).toEqual({ ...stacks.collector, frozen: said.collector.frozen });
  expect(said.collector.frozen).toBeGreaterThan(1000);
  expect(artifactSchemas.heap.parse(JSON.parse(JSON.stringify(look)))).toMatchObject({ threads: look.threads });
});

/** Goes into this machine as if it were a container: the reader is a child of the test. */
const enterHere = () =>
  enterBy(
    async ([, ...args]) => childStream([PYTHON, ...args], {}),
    { way: 'exec', container: 'app' },
    { workerUrl: new URL('../../../src/heap-worker.ts', import.meta.url) },
  );

/** Debian's, which run in a root of their own below this one, have no file that a reader out here finds by its path. */
const IN_THIS_ROOT = INTERPRETERS.filter(({ version }) => !/^(2|3\.[67])\./.test(version));

test.each(IN_THIS_ROOT)(
  'stacks are the same through a reader in a container, on CPython $version',
  async ({ path, version }) => {
    const waiting = await startWaiting(path);
    const { processes, close } = await enterHere();
    onTestFinished(close);
    const found = await stacksOf(waiting.pid, processes);
    expect([found.python, found.partial]).toEqual([version, undefined]);
    expectThreads(found, waiting.said);
    expectTasks(found, waiting.said);
    await expectCollector(found, waiting);
    counted('interpreters', `${version} stacks over a link`);
  },
  60_000,
);

test('so they are in a look at the heap through that reader', async () => {
  const { pid, said } = await startWaiting(PYTHON);
  const { processes, close } = await enterHere();
  onTestFinished(close);
  const session = await processes.openHeap(pid, { maxPauseMs: 10_000 });
  const look = await session.first().finally(() => session.close());
  expect(look.threads).toEqual((await stacksOf(pid)).threads);
  expect(look.tasks!.count).toBe(said.tasks.length + 1);
  expect(look.collector!.frozen).toBe(said.collector.frozen);
}, 60_000);
