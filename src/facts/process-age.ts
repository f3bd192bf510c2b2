import type { Evidence } from '../core/report.ts';
import { secondsText } from '../util/duration.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { memoryTrend } from './memory-trend.ts';
import { runThere } from './process-place.ts';
import { timeToLimit } from './time-to-limit.ts';

/** A process younger than this may still load what it then keeps for good. */
const YOUNG_SECONDS = 60;
/** One that was watched for more of its life than this part was seen to do what it mostly does. */
const LIVES_WATCHED = 5;
/** A limit that is met sooner than this is met whatever the growth is for. */
const SOON_SECONDS = 120;

/**
 * The age in seconds, at the end of the watch, of a process that may only be starting up; undefined where it is old
 * enough, where its age is not known, and where it will soon meet its limit, so that it matters no more.
 */
export function loadingAge(got: HolderGot): number | undefined {
  const age = ageSeconds(got);
  if (age === undefined || age >= YOUNG_SECONDS || age >= watchedSeconds(got) * LIVES_WATCHED) return undefined;
  return isMetSoon(got) ? undefined : age;
}

/** That the process is young, where it matters. */
export function ageEvidence(got: HolderGot): Evidence[] {
  const age = loadingAge(got);
  if (age === undefined) return [];
  const hasEnded = got['memory-series']?.ended === 'process-exited';
  const says = hasEnded
    ? `The process was ${secondsText(age)} old when it was last seen: it may still have been loading.`
    : `The process is ${secondsText(age)} old: it may still be loading.`;
  return [{ says, from: 'processes', reproduce: ageCommand(got) }];
}

/** Images are made without `ps`; in proc_pid_stat(5) field 22 is the start, in clock ticks since boot. */
function ageCommand(got: HolderGot): string {
  const pid = got.processes!.chosenPid;
  return got.inside ? runThere(got, `cat /proc/${pid}/stat /proc/uptime`) : `ps -o etimes= -p ${pid}`;
}

function ageSeconds({ processes, 'memory-series': series, 'heap-growth': growth }: HolderGot): number | undefined {
  const chosen = processes?.tree.find(({ pid }) => pid === processes.chosenPid);
  const end = series?.samples.at(-1)?.[0] ?? growth?.second?.atUnixSeconds;
  return chosen === undefined || end === undefined ? undefined : Math.max(0, end - chosen.startedAtUnixSeconds);
}

const watchedSeconds = ({ 'memory-series': series, 'heap-growth': growth }: HolderGot): number =>
  Math.max(growth?.seconds ?? 0, series ? memoryTrend(series).seconds : 0);

function isMetSoon({ 'memory-series': series, 'memory-limit': limit }: HolderGot): boolean {
  if (series === undefined || limit === undefined) return false;
  const { seconds } = timeToLimit(series, limit, memoryTrend(series));
  return seconds !== undefined && seconds.high < SOON_SECONDS;
}
