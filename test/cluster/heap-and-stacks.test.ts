import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HeapReport, heapReportSchema } from '../../src/core/heap-report.ts';
import { type ProcessStacks, type StacksReport, stacksReportSchema } from '../../src/core/stacks-report.ts';
import { whyoom } from '../cli/whyoom.ts';
import { counted } from '../counted.ts';
import { temporaryFolder } from '../temporary.ts';
import { KUBECONFIG, kubeconfigWith, kubectl, makeNamespace, removeNamespace, waitUntil } from './cluster.ts';
import { runPython } from './pod.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);

/** Of what it holds and does all is known. The worker that it forks off holds less than it. */
const PROGRAM = `
import asyncio, os, threading, time

class User:
    def __init__(self, number):
        self.number = number

users = [User(number) for number in range(5000)]

def works():
    kept = [User(number) for number in range(300)]
    time.sleep(1e6)

if os.fork() == 0:
    works()

ballast = [bytes(1000) for _ in range(8000)]
started = threading.Event()

async def reads(queue):
    started.set()
    await queue.get()

async def consumes():
    await reads(asyncio.Queue())

async def serves():
    await asyncio.create_task(consumes(), name='consumer')

def loops():
    asyncio.run(serves())

threading.Thread(target=loops, name='loop').start()

def waits():
    started.wait()
    print('ready', flush=True)
    time.sleep(1e6)

waits()
`;
const lineOf = (text: string) => PROGRAM.split('\n').findIndex((line) => line.includes(text)) + 1;
const POD = 'known';
let space: string;

beforeAll(async () => {
  if (whyNoCluster() !== undefined) return;
  space = await makeNamespace();
  await runPython(space, PROGRAM, { name: POD, limit: '128Mi', image: 'python:3.12-slim' });
  await waitUntil('program that stands', async () => {
    const said = await kubectl('logs', POD, '-n', space).catch(() => '');
    return said.includes('ready');
  });
});
afterAll(async () => {
  if (space) await removeNamespace(space);
});

const inCluster = (...argv: string[]) => whyoom(...argv, '-n', space, '--kubeconfig', KUBECONFIG);

/** What a frame of the program is: those of the library are left out. */
const own = (frames: readonly { function: string; file: string; line?: number | undefined }[]) =>
  frames.filter(({ file }) => file === '<string>').map(({ function: name, line }) => `${name}:${line}`);

function readOf(each: ProcessStacks | undefined) {
  if (each && 'threads' in each) return each;
  return expect.fail(JSON.stringify(each));
}

onCluster('whyoom stacks tells where every thread and task of the processes in a pod stands', async () => {
  const { code, out, err } = await inCluster('stacks', `pod/${POD}`, '-o', 'json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const report: StacksReport = stacksReportSchema.parse(JSON.parse(out));
  expect(report.target).toMatchObject({ kind: 'pod', name: `${space}/${POD}`, container: 'app' });
  expect(report.processes).toHaveLength(2);
  const [parent, worker] = report.processes.map(readOf);
  expect([parent!.pid, parent!.partial, worker!.partial]).toEqual([1, undefined, undefined]);
  const threads = parent!.threads.listed.map(({ name, frames }) => [name, own(frames)]);
  expect(Object.fromEntries(threads)).toEqual({
    MainThread: [`waits:${lineOf("print('ready'") + 1}`, `<module>:${PROGRAM.trimEnd().split('\n').length}`],
    loop: [`loops:${lineOf('asyncio.run')}`],
  });
  expect(parent!.tasks!.listed.map(({ name, state, frames }) => [name, state, own(frames)])).toContainEqual([
    'consumer',
    'waiting',
    [`reads:${lineOf('await queue.get()')}`, `consumes:${lineOf('await reads')}`],
  ]);
  expect(worker!.threads.listed.map(({ frames }) => own(frames))).toEqual([
    [`works:${lineOf('range(300)') + 1}`, `<module>:${lineOf('if os.fork') + 1}`],
  ]);
});

async function heapOf(...argv: string[]): Promise<{ report: HeapReport; err: string }> {
  const { code, out, err } = await inCluster('heap', ...argv, '-o', 'json');
  expect(code, err).toBe(0);
  return { report: heapReportSchema.parse(JSON.parse(out)), err };
}

const countIn = ({ types = [] }: HeapReport, wanted: string) => types.find(({ type }) => type === wanted)?.count;

onCluster('whyoom heap tells what the larger process in a pod holds, and keeps it in a file', async () => {
  const file = join(temporaryFolder(), 'heap.whyoom');
  const { report, err } = await heapOf('-l', `app=${POD}`, '--types', '1000', '--save', file);
  expect(err).toMatch(/^Reading python -c \(pid 1\): of 2 Python processes the largest\.\nHeap saved [^\n]+\n$/);
  expect(report.target).toMatchObject({
    kind: 'pod',
    name: `${space}/${POD}`,
    container: 'app',
    process: 'python -c (pid 1)',
  });
  expect(report.partial).toBeUndefined();
  expect(countIn(report, '__main__.User')).toBe(5000);
  expect(countIn(report, 'threading.Event')).toBeGreaterThanOrEqual(1);
  const names = report.holders!.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['__main__.users', '__main__.ballast']));
  expect(report.holders!.find(({ name }) => name === '__main__.ballast')).toMatchObject({ items: 8000 });

  const saved = (await heapOf(file, '--types', '1000')).report;
  expect(saved.target).toEqual({ kind: 'file', name: `${space}/${POD} · app · python -c (pid 1)` });
  expect([saved.types, saved.holders]).toEqual([report.types, report.holders]);
  counted('heaps', 'whyoom heap of a pod');
});

onCluster('whyoom heap --path-to tells who keeps objects in a pod', async () => {
  const { report } = await heapOf(POD, '-c', 'app', '--path-to', 'User');
  expect(report.paths!.target).toMatchObject({ of: 'type', type: '__main__.User', count: 5000 });
  expect(report.paths!.paths.map(({ text }) => text)).toEqual(['__main__.users[int]']);
});

onCluster.each(['stacks', 'heap'])('without the right to exec whyoom %s names it, and the Role', async (command) => {
  const kubeconfig = await kubeconfigWith(space, [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]);
  const { code, out, err } = await whyoom(command, POD, '-n', space, '--kubeconfig', kubeconfig);
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toContain(`No right to get pods/exec in ${space}.`);
  expect(err).toContain(`The Role that allows it: whyoom preflight ${POD} -n ${space}`);
});

onCluster('whyoom heap --dry-run says what would run in the pod, and nothing does', async () => {
  const { code, out, err } = await inCluster('heap', POD, '--dry-run');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/go into the container "app" of known,\nby exec\n {2}run: python3 -I -S -c/);
  expect(out).toContain('One Python process there would be stopped once,');
  expect(out).not.toMatch(/pods\/log|events/);
});

onCluster('a name that is no pod and no file is told as neither', async () => {
  const { code, err } = await inCluster('heap', 'knwon');
  expect(code).toBe(3);
  expect(err).toMatch(/^whyoom: pods "knwon" not found [^\n]+; there is no file "knwon" either\.\n[^\n]+\n$/);
});
