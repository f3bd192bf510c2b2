import type { MemoryLimit, Processes } from '../../core/artifacts.ts';
import type { CountReading, HeapSession, MemorySample } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import { defineProcessStep, type ProcessContext } from '../../core/step.ts';
import { endOf, type WatchEnd } from '../../core/watch.ts';
import { watchedPid } from './processes.ts';

const EVERY_MS = 500;
/** The evidence decides no earlier: a burst of a few seconds is no trend. */
const LEAST_SECONDS = 6;
const LEAST_READINGS = 10;
/** How many readings in a row must agree on how many containers grow. */
const AGREEING = 3;
/** The second look must come before the kill: this much growth is left for it. */
const ROOM_SECONDS = 2;
const LEAST_MARGIN_BYTES = 2 * 2 ** 20;
/** A younger process may be loading what it then keeps: the evidence waits for it, unless the limit does not. */
const LOADED_SECONDS = 15;
const NEAR_SECONDS = 60;

/** What grows between the first look and the last, by reading the containers' item counts all the while. */
export const heapGrowth = defineProcessStep({
  makes: 'heap-growth',
  title: 'Watching what grows',
  needs: ['processes', 'memory-limit', 'heap'],
  rung: 'attach',
  async run(context, { processes, 'memory-limit': limit }) {
    const { session } = context.heap;
    if (!session) throw new ProblemError('broken', 'The heap was read, but its session is not open.');
    let end: WatchEnd = 'time-up';
    try {
      end = await watch(session, context, processes, limit);
      // Whoever asks for the end wants it now, and not another stop of the target.
      return end === 'interrupted' ? await session.grownByCounts() : await session.growth();
    } finally {
      context.watch.end(end);
    }
  },
  summary: ({ seconds, holders, second, secondMissing, watched }) => {
    const missing = `no second look${secondMissing ? ` (${secondMissing.replace(/\.$/, '')})` : ''}`;
    const paused = second ? `paused ${Math.round(second.pauseMs)} ms` : missing;
    const grew = `${holders.length.toLocaleString('en-GB')} of ${watched.toLocaleString('en-GB')}`;
    return `${grew} containers grew in ${Math.round(seconds)} s, ${paused}`;
  },
});

/** Reads counts until the evidence decides, the process is about to be killed or gone, or the watch is over. */
async function watch(
  session: HeapSession,
  context: ProcessContext,
  processes: Processes,
  limit: MemoryLimit,
): Promise<WatchEnd> {
  const pid = watchedPid(processes);
  const bornUnixSeconds = processes.tree.find((each) => each.pid === pid)?.startedAtUnixSeconds ?? 0;
  const started = context.processes.nowUnixSeconds();
  const readings: CountReading[] = [];
  const samples: MemorySample[] = [];
  while (!context.watch.over.aborted) {
    await context.processes.sleep(EVERY_MS, context.watch.over);
    const reading = await session.counts();
    if (!reading.alive) return 'process-exited';
    readings.push(reading);
    samples.push(...(await sampled(context, pid, limit)));
    if (isNearKill(samples, limit)) return 'decided';
    const mayLoad = reading.atUnixSeconds - bornUnixSeconds < LOADED_SECONDS && !isLimitNear(samples, limit);
    if (!mayLoad && isDecided(readings, samples, reading.atUnixSeconds - started)) return 'decided';
  }
  return endOf(context.watch);
}

/** What grows must be worth this part of what the process gained, or something else may be the cause. */
const EXPLAINED_SHARE = 0.3;

/**
 * Whether the readings are enough: some containers grow steadily, the last few readings agree on how many, and what
 * they gained accounts for a good part of what the process did.
 */
export function isDecided(
  readings: readonly CountReading[],
  samples: readonly Pick<MemorySample, 'bytes'>[],
  seconds: number,
): boolean {
  if (seconds < LEAST_SECONDS || readings.length < LEAST_READINGS) return false;
  const [first, ...others] = readings.slice(-AGREEING).map((reading) => reading.growing);
  const agree = first! > 0 && others.every((growing) => growing === first);
  const gained = (samples.at(-1)?.bytes ?? 0) - (samples[0]?.bytes ?? 0);
  return agree && gained > 0 && readings.at(-1)!.bytesGained > gained * EXPLAINED_SHARE;
}

/** Whether the limit will be met before a second look could be taken, going by the last few samples. */
export function isNearKill(samples: readonly MemorySample[], { limit }: MemoryLimit): boolean {
  const recent = samples.slice(-6);
  const [first, last] = [recent[0], recent.at(-1)];
  if (!limit || !first || !last || recent.length < 3) return false;
  const bytesPerSecond = (last.bytes - first.bytes) / (last.atUnixSeconds - first.atUnixSeconds);
  if (!(bytesPerSecond > limit.bytes / 1000)) return false;
  const marginBytes = Math.max(LEAST_MARGIN_BYTES, limit.bytes / 50);
  return limit.bytes - last.bytes < ROOM_SECONDS * bytesPerSecond + marginBytes;
}

/** Whether the limit will be met within a minute, going on as since the first sample. */
export function isLimitNear(samples: readonly MemorySample[], { limit }: MemoryLimit): boolean {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!limit || !first || !last) return false;
  const bytesPerSecond = (last.bytes - first.bytes) / (last.atUnixSeconds - first.atUnixSeconds);
  return bytesPerSecond > 0 && limit.bytes - last.bytes < NEAR_SECONDS * bytesPerSecond;
}

/** A sample that fails is the business of the step that watches memory; here it only tells less. */
async function sampled(context: ProcessContext, pid: number, limit: MemoryLimit): Promise<MemorySample[]> {
  try {
    return [await context.processes.sample(pid, limit)];
  } catch {
    return [];
  }
}
