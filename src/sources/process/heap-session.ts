import type { HeapOptions, HeapSession, LiveHeap } from '../../core/ports.ts';
import { problemOf } from '../../core/problem.ts';
import type { HeapGrowth } from '../../heap/answer.ts';
import { putInPlace } from '../heap-file/write.ts';
import { HeapProcess, type HeapTarget, type ReaderLink } from './heap-process.ts';

/**
 * Starts the helper process that stops and reads the target, in a session of its own so that no key reaches it.
 * Resolves when it is ready to look; nothing has been stopped by then. `workerUrl` is the helper's program.
 * Rejects with a ProblemError; so do the calls of the session.
 */
export const openHeap = (workerUrl: URL, pid: number, options: HeapOptions): Promise<HeapSession> =>
  openTarget(workerUrl, { pid }, options);

/**
 * The same of a process in a container, through the reader in there: `pid` is how the container numbers it. Needs no right
 * on this machine, and runs on any system. The link is not closed with the session.
 */
export const openRemoteHeap = (
  workerUrl: URL,
  link: ReaderLink,
  pid: number,
  options: HeapOptions,
): Promise<HeapSession> => openTarget(workerUrl, { pid, link }, options);

async function openTarget(workerUrl: URL, target: HeapTarget, options: HeapOptions): Promise<HeapSession> {
  const helper = await startHelper(workerUrl, target, options);
  return {
    first: () => helper.ask('first'),
    counts: () => helper.ask('counts'),
    grownByCounts: () => helper.ask('grownByCounts'),
    growth: () => lookAgain(helper),
    stacks: () => helper.ask('stacks'),
    close: () => helper.close(),
  };
}

/** The same helper for `whyoom heap`: it takes one look, at the first question, and answers from it. */
export const askHeap = (workerUrl: URL, pid: number, options: HeapOptions): Promise<LiveHeap> =>
  askTarget(workerUrl, { pid }, options);

/** The same of a process in a container. */
export const askRemoteHeap = (workerUrl: URL, link: ReaderLink, pid: number, options: HeapOptions): Promise<LiveHeap> =>
  askTarget(workerUrl, { pid, link }, options);

async function askTarget(workerUrl: URL, target: HeapTarget, options: HeapOptions): Promise<LiveHeap> {
  const helper = await startHelper(workerUrl, target, options);
  return {
    overview: (rows) => helper.ask('overview', rows),
    pathsTo: (wanted, most) => helper.ask('pathsTo', wanted, most),
    // The helper writes the file itself: a heap of gigabytes does not go through a pipe.
    save: (file, about) => putInPlace(file, (beside) => helper.ask<number>('save', beside, about)),
    close: () => helper.close(),
  };
}

async function startHelper(workerUrl: URL, target: HeapTarget, options: HeapOptions): Promise<HeapProcess> {
  const helper = new HeapProcess(workerUrl, target, options);
  try {
    await helper.ready;
    return helper;
  } catch (thrown) {
    await helper.close();
    throw thrown;
  }
}

/** A second look may fail in many ways, the end of the helper among them: what the counts told is asked for before. */
async function lookAgain(helper: HeapProcess): Promise<HeapGrowth> {
  const known = await helper.ask<HeapGrowth>('grownByCounts');
  try {
    return await helper.ask<HeapGrowth>('growth');
  } catch (thrown) {
    return { ...known, secondMissing: problemOf(thrown).message };
  }
}
