import { findInterpreter } from '../cpython/interpreter.ts';
import { layouts } from '../cpython/layouts/index.ts';
import { locatePython } from '../cpython/locate.ts';
import { HeapError } from '../heap-error.ts';
import type { LiveTarget, Stopper } from '../live-target.ts';
import type { Stacks } from './answer.ts';
import { PagesOnDemand } from './pages-on-demand.ts';
import { type KnownModules, knownModules, readStacks } from './read-stacks.ts';

/** Part of `--max-pause` after which nothing more is read: the dead-man timer goes off at the whole of it. */
const READ_SHARE = 0.8;
/** Addresses, not memory: pages are taken as they come. */
const CAPACITY_BYTES = 2 ** 30;
const ROOM_SHARE = 0.5;
/** Frozen objects are not counted: to follow their list is to read all of them. */
const MOST_FROZEN = 0;
/** How long the running process is looked at before the stop. */
const REHEARSAL_MS = 2000;

/**
 * Stops the target, reads the stacks and nothing else, and lets it run. What is read first is read from the running
 * process as well: that finds the modules, and then the pause is spent on no code that runs for the first time.
 * Throws HeapError.
 */
export function takeStacks(target: LiveTarget, stop: Stopper, maxPauseMs: number): Stacks {
  const { runtime } = locatePython(target.reader(), (map) => target.readImage(map));
  const capacityBytes = Math.min(CAPACITY_BYTES, target.availableBytes() * ROOM_SHARE);
  const snapshotUntil = (endMs: number) =>
    new PagesOnDemand(capacityBytes, {
      reader: target.reader(),
      readFile: (map, offset, into) => target.readFile(map, offset, into),
      mustEnd: () => target.nowMs() > endMs,
    });
  const modules = rehearse(snapshotUntil(target.nowMs() + REHEARSAL_MS), runtime);
  const states = target.threads?.();
  const { value, pauseMs } = stop((spentMs) => {
    const snapshot = snapshotUntil(target.nowMs() + maxPauseMs * READ_SHARE - spentMs);
    const interpreter = findInterpreter(snapshot, runtime, layouts);
    return {
      atUnixSeconds: target.nowUnixSeconds(),
      python: interpreter.version,
      ...readStacks(snapshot, interpreter, modules ?? knownModules(snapshot, interpreter), states, MOST_FROZEN),
      missedPages: snapshot.missedPages,
      copiedBytes: snapshot.copiedBytes,
    };
  });
  const { missedPages, ...found } = value;
  if (found.threads.count === 0) throw new HeapError('absent', 'The process has no thread that Python knows.');
  const partial = missedPages > 0 ? { partial: `not all could be read within --max-pause (${maxPauseMs} ms)` } : {};
  return { ...found, ...partial, pauseMs };
}

/** While the process runs nothing holds together: what goes wrong then is no matter. */
function rehearse(snapshot: PagesOnDemand, runtime: number): KnownModules | undefined {
  try {
    const interpreter = findInterpreter(snapshot, runtime, layouts);
    const modules = knownModules(snapshot, interpreter);
    readStacks(snapshot, interpreter, modules, undefined, MOST_FROZEN);
    return modules;
  } catch {
    return undefined;
  } finally {
    snapshot.release();
  }
}
