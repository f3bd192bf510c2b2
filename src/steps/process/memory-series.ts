import type { MemoryLimit, MemorySeries, Processes } from '../../core/artifacts.ts';
import type { MemorySample } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import { defineProcessStep, type ProcessContext } from '../../core/step.ts';
import { endOf } from '../../core/watch.ts';
import { watchedPid } from './processes.ts';

const EVERY_MS = 250;

/** Memory by time, from the first moment to the end of the watch or of the process. */
export const memorySeries = defineProcessStep({
  makes: 'memory-series',
  title: 'Watching memory',
  needs: ['processes', 'memory-limit'],
  rung: 'local',
  async run(context, { processes, 'memory-limit': limit }) {
    const pid = watchedPid(processes);
    const samples = await watched(context, pid, limit);
    const { measure } = limit;
    const others = await othersOf(context, processes);
    return {
      pid,
      measure,
      source: limit.cgroup && (measure === 'unreclaimable' || measure === 'working-set') ? 'cgroup' : 'process',
      samples: samples.map((sample): [number, number] => [sample.atUnixSeconds, sample.bytes]),
      rss: measure === 'rss' ? [] : samples.map((sample): [number, number] => [sample.atUnixSeconds, sample.rssBytes]),
      cpuSeconds: Math.max(0, samples.at(-1)!.cpuSeconds - samples[0]!.cpuSeconds),
      ended: endOf(context.watch),
      ...(others.length > 0 ? { others } : {}),
    };
  },
  summary: ({ samples }) => `${samples.length} samples in ${Math.round(spanSeconds(samples))} s`,
});

async function watched(context: ProcessContext, pid: number, limit: MemoryLimit): Promise<MemorySample[]> {
  const samples = [await context.processes.sample(pid, limit)];
  while (!context.watch.over.aborted) {
    await context.processes.sleep(EVERY_MS, context.watch.over);
    const sample = await sampleOrEnd(context, pid, limit);
    if (sample === 'lost') break;
    if (sample === 'gone') context.watch.end('process-exited');
    else samples.push(sample);
  }
  return samples;
}

/** What was sampled before a link to a container broke is still true. */
async function sampleOrEnd(
  context: ProcessContext,
  pid: number,
  limit: MemoryLimit,
): Promise<MemorySample | 'gone' | 'lost'> {
  try {
    return await context.processes.sample(pid, limit);
  } catch (thrown) {
    if (!(thrown instanceof ProblemError)) throw thrown;
    return thrown.problem.code === 'absent' ? 'gone' : 'lost';
  }
}

/**
 * What the Python processes that are not watched had at first and have now: one of them may be what grows. None is read
 * again where there are none; where that fails, or one has ended, nothing is told of it.
 */
async function othersOf(context: ProcessContext, first: Processes): Promise<NonNullable<MemorySeries['others']>> {
  const watched = watchedPid(first);
  const others = first.tree.filter(({ pid, python }) => pid !== watched && python !== undefined);
  if (others.length === 0) return [];
  const now = await context.processes.tree(first.rootPid).catch(() => undefined);
  return others.flatMap(({ pid, startedAtUnixSeconds, rssBytes: firstBytes }) => {
    const last = now?.tree.find((each) => each.pid === pid && each.startedAtUnixSeconds === startedAtUnixSeconds);
    return last ? [{ pid, firstBytes, lastBytes: last.rssBytes }] : [];
  });
}

const spanSeconds = (samples: MemorySeries['samples']): number => samples.at(-1)![0] - samples[0]![0];
