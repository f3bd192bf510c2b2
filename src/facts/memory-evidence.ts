import type { Artifacts, Got } from '../core/artifacts.ts';
import type { Evidence } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import { shellWord } from '../util/shell-word.ts';
import { memoryTrend } from './memory-trend.ts';
import { type PLACE_USES, runThere } from './process-place.ts';

type Series = Artifacts['memory-series'];
type Limit = Artifacts['memory-limit'];
type MemoryGot = Got<never, 'memory-series' | 'memory-limit' | (typeof PLACE_USES)[number]>;

/** That memory grew while it was watched; nothing where it did not. */
export function memoryEvidence(got: MemoryGot): Evidence[] {
  const series = got['memory-series'];
  if (series === undefined) return [];
  const { shape, seconds } = memoryTrend(series);
  if (shape !== 'grows') return [];
  const [first, last] = [series.samples[0]![1], series.samples.at(-1)![1]];
  const says = `Memory went from ${bytesText(first)} to ${bytesText(last)} in ${secondsText(seconds)}.`;
  return [{ says, from: 'memory-series', reproduce: memoryCommand(got) }];
}

/** The command that shows the number that was watched. */
export const memoryCommand = (got: MemoryGot): string =>
  runThere(got, commandOf(got['memory-series'], got['memory-limit']));

function commandOf(series: Series | undefined, limit: Limit | undefined): string {
  const group = limit?.cgroup;
  if (series?.source === 'cgroup' && group) return groupCommand(group, series.measure);
  return `grep ${series?.measure === 'virtual' ? 'VmSize' : 'VmRSS'} /proc/${series?.pid}/status`;
}

/** Use without the file pages that do not count: the number of bytes alone in one file, less what lines of the other say. */
function groupCommand({ path, version }: NonNullable<Limit['cgroup']>, measure: Series['measure']): string {
  const usage = shellWord(`${path}/${version === 2 ? 'memory.current' : 'memory.usage_in_bytes'}`);
  const pages = `^${version === 2 ? '' : 'total_'}${measure === 'working-set' ? 'inactive' : '(in)?active'}_file$`;
  const program = `NF == 1 { n += $1 } $1 ~ /${pages}/ { n -= $2 } END { printf "%.0f\\n", n }`;
  return `awk '${program}' ${usage} ${shellWord(`${path}/memory.stat`)}`;
}
