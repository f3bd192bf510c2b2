import { findInterpreter } from '../cpython/interpreter.ts';
import { layouts } from '../cpython/layouts/index.ts';
import { locatePython } from '../cpython/locate.ts';
import { HeapError } from '../heap-error.ts';
import type { LiveTarget, Stopper } from '../live-target.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import type { Stacks } from './answer.ts';
import { PagesOnDemand } from './pages-on-demand.ts';
import { knownModules, readStacks } from './read-stacks.ts';

/** Part of `--max-pause` after which nothing more is read: the dead-man timer goes off at the whole of it. */
const READ_SHARE = 0.8;
/** Addresses, not memory: pages are taken as they come. */
const CAPACITY_BYTES = 2 ** 30;
const ROOM_SHARE = 0.5;
/** Frozen objects are not counted: to follow their list is to read all of them. */
const MOST_FROZEN = 0;
/** Stops that a process which runs on may take until none of the pages that tell its stacks is new. */
const TRIES = 4;

/**
 * The stacks and nothing else. They are read from the running process first, which tells the pages that they take; then the
 * process is stopped, those pages are read again, and it runs on. Where the stacks of that moment lead to another page,
 * once more; all stops together keep within `--max-pause`. Throws HeapError.
 */
export function takeStacks(target: LiveTarget, stop: Stopper, maxPauseMs: number): Stacks {
  const reader = target.reader();
  const { runtime } = locatePython(reader, (map) => target.readImage(map));
  const capacityBytes = Math.min(CAPACITY_BYTES, target.availableBytes() * ROOM_SHARE);
  const snapshot = new PagesOnDemand(capacityBytes, reader, (map, offset, into) => target.readFile(map, offset, into));
  rehearse(snapshot, runtime);
  let pausedMs = 0;
  for (let attempt = 1; ; attempt += 1) {
    const before = target.threads?.();
    const { value, pauseMs } = stop((spentMs) => {
      const mustEndMs = target.nowMs() + maxPauseMs * READ_SHARE - pausedMs - spentMs;
      const atUnixSeconds = target.nowUnixSeconds();
      const states = before && (target.threadsStopped?.(before) ?? before);
      return { atUnixSeconds, states, isWhole: snapshot.refresh(() => target.nowMs() > mustEndMs) };
    });
    pausedMs += pauseMs;
    const found = read(snapshot, runtime, value.states);
    const isTorn = snapshot.late > 0 || !value.isWhole;
    if (isTorn && attempt < TRIES && pausedMs + 2 * pauseMs < maxPauseMs) continue;
    if (found.threads.count === 0) throw new HeapError('absent', 'The process has no thread that Python knows.');
    const partial = whyPartial(snapshot, isTorn);
    const { atUnixSeconds } = value;
    return { atUnixSeconds, ...found, ...partial, pauseMs: pausedMs, copiedBytes: snapshot.copiedBytes };
  }
}

function read(snapshot: Snapshot, runtime: number, states: Parameters<typeof readStacks>[3]) {
  const interpreter = findInterpreter(snapshot, runtime, layouts);
  const modules = knownModules(snapshot, interpreter);
  return { python: interpreter.version, ...readStacks(snapshot, interpreter, modules, states, MOST_FROZEN) };
}

/** While the process runs nothing holds together: what goes wrong then is no matter. */
function rehearse(snapshot: Snapshot, runtime: number): void {
  try {
    read(snapshot, runtime, undefined);
  } catch (thrown) {
    if (!(thrown instanceof HeapError)) throw thrown;
  }
}

function whyPartial({ missed, late }: PagesOnDemand, isTorn: boolean): Pick<Stacks, 'partial'> {
  if (missed > 0) return { partial: `${missed} pages could not be read for want of memory here` };
  if (!isTorn) return {};
  return {
    partial: `its stacks changed faster than they could be read: ${late} pages are of another moment than the rest`,
  };
}
