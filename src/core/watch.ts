import type { MemorySeries } from './artifacts.ts';

/** Why the watching ended. */
export type WatchEnd = MemorySeries['ended'];

/** The time in which the target is watched, shared by all steps that watch. */
export interface Watch {
  /** Aborted when the watching is over; its reason is a {@link WatchEnd}. */
  readonly over: AbortSignal;
  end(why: WatchEnd): void;
  /** Stops the clock: growth is counted from the first look at the heap, and that look may take long. */
  hold(): void;
  /** Gives the whole time anew, from now. */
  start(): void;
}

/** A watch that runs from now, ends by itself after `watchMs` and at once when `interrupted` is aborted. */
export function createWatch(watchMs: number, interrupted: AbortSignal): Watch {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const hold = () => clearTimeout(timer);
  const onInterrupt = () => end('interrupted');
  const end = (why: WatchEnd) => {
    hold();
    interrupted.removeEventListener('abort', onInterrupt);
    if (!controller.signal.aborted) controller.abort(why);
  };
  const start = () => {
    hold();
    if (!controller.signal.aborted) timer = setTimeout(() => end('time-up'), watchMs);
  };
  interrupted.addEventListener('abort', onInterrupt);
  if (interrupted.aborted) end('interrupted');
  else start();
  return { over: controller.signal, end, hold, start };
}

/** Why the watch ended; `time-up` while it has not. */
export const endOf = (watch: Watch): WatchEnd => (watch.over.aborted ? (watch.over.reason as WatchEnd) : 'time-up');
