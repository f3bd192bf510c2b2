import type { Measure } from '../../logs/tables/row.ts';
import type { LogTables, MemorySeries } from '../../logs/tables/tables.ts';
import type { MemoryCourse } from './memory-course.ts';
import { livesOf } from './number-lives.ts';

/** What a limit counts, or comes near to it; the best first. What tracemalloc counts is a part of it only. */
const MEANINGS: readonly (readonly [measure: Measure, meaning: string])[] = [
  ['rss', 'resident memory (RSS), shared pages with it'],
  ['uss', 'memory of its own (USS)'],
  ['pss', 'memory of its own, and its part of what is shared (PSS)'],
  ['traced', 'what Python allocated as tracemalloc counts it'],
  ['peak-rss', 'the most that was resident so far, which never falls'],
];
const FEWEST = 3;

/**
 * Memory that psutil, `resource` or tracemalloc printed, of the writer that told it most often; undefined: none did. In words with a size it is
 * a number of the log as others are.
 */
export function memoryInTables(tables: LogTables | undefined): MemoryCourse | undefined {
  const printed = (tables?.memory ?? []).filter(({ by, count }) => by !== 'text' && count >= FEWEST);
  for (const [measure, meaning] of MEANINGS) {
    const [most] = printed.filter((each) => each.measure === measure).sort((a, b) => b.count - a.count);
    if (most) return { from: 'logs', meaning, ...courseOf(most) };
  }
  return undefined;
}

const courseOf = (series: MemorySeries): Pick<MemoryCourse, 'axis' | 'lives'> => livesOf(series);
