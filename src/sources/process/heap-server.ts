import { writeFileSync } from 'node:fs';
import { ProblemError } from '../../core/problem.ts';
import { HeapError } from '../../heap/heap-error.ts';
import type { LiveTarget, Stopper } from '../../heap/live-target.ts';
import type { SavedAbout } from '../../heap/saved/summary.ts';
import type { HeapReading } from '../../heap/session.ts';
import { descriptorLink } from '../../pod-reader/link.ts';
import { writePieces } from '../heap-file/write.ts';
import { remoteTarget } from '../pod/remote-target.ts';
import {
  type HeapRequest,
  type HeapResponse,
  heapProblemOf,
  LINK_ARGUMENT,
  LINK_DESCRIPTOR,
  READY_ID,
} from './heap-messages.ts';
import { liveTarget } from './live-target.ts';
import { loadLibc } from './tracer/libc.ts';
import { refuseOwnFamily } from './tracer/refusal.ts';
import { releaseStragglers, whileStopped } from './tracer/while-stopped.ts';

type CreateReading = (target: LiveTarget, stop: Stopper, maxPauseMs: number) => HeapReading;

const STRAGGLER_INTERVAL_MS = 5;

/**
 * The life of the helper process that stops and reads a target: answers the requests of the process that forked it,
 * and ends with it. Its arguments are the pid and the longest pause in milliseconds.
 */
export function serveHeap(createReading: CreateReading): void {
  process.on('disconnect', () => process.exit(0));
  sacrificeThisProcess();
  const [pid, maxPauseMs] = process.argv.slice(2).map(Number) as [number, number];
  try {
    const reading = startReading(pid, maxPauseMs, createReading);
    process.on('message', (request: HeapRequest) => answer(request.id, () => perform(reading, request)));
    reply({ id: READY_ID, ok: true, value: undefined });
  } catch (thrown) {
    reply({ id: READY_ID, ok: false, problem: heapProblemOf(thrown) });
  }
}

function startReading(pid: number, maxPauseMs: number, createReading: CreateReading): HeapReading {
  if (process.argv[4] === LINK_ARGUMENT) {
    const target = remoteTarget(descriptorLink(LINK_DESCRIPTOR, LINK_DESCRIPTOR), pid);
    return createReading(target, stoppedOverLink, maxPauseMs);
  }
  refuseOwnFamily(pid);
  // The IPC channel says so too, but not while a look is at work.
  loadLibc().dieWithParent();
  const target = liveTarget(pid);
  const stop: Stopper = (body) => whileStopped(pid, { maxPauseMs }, (spentMs) => ifStill(target, () => body(spentMs)));
  return createReading(target, stop, maxPauseMs);
}

/** What is read over a link is stopped by the reader at its other end. */
const stoppedOverLink: Stopper = () => {
  throw new HeapError('unsupported', 'This cannot be read of a process in a container.');
};

/** Asked once it stands: now the pid cannot go to another process. */
function ifStill<T>(target: LiveTarget, body: () => T): T {
  if (!target.alive())
    throw new ProblemError('absent', `Process ${target.pid} has exited, or runs another program by now.`);
  return body();
}

/** What is asked comes from the process that forked this one, which is of the same make. */
function perform(reading: HeapReading, request: HeapRequest): unknown {
  if (request.do === 'save') {
    const [file, about] = request.with as [string, SavedAbout];
    return writePieces(file, reading.encoded(about));
  }
  const work = reading[request.do] as (...given: readonly unknown[]) => unknown;
  return work(...request.with);
}

function answer(id: number, work: () => unknown): void {
  try {
    reply({ id, ok: true, value: work() });
  } catch (thrown) {
    reply({ id, ok: false, problem: heapProblemOf(thrown) });
  }
  watchStragglers();
}

const reply = (response: HeapResponse) => void process.send?.(response);

function watchStragglers(): void {
  if (releaseStragglers() > 0) setTimeout(watchStragglers, STRAGGLER_INTERVAL_MS);
}

/** When memory runs out, the kernel is to take this process and not the target. */
function sacrificeThisProcess(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not allowed here: then the kernel chooses as ever.
  }
}
