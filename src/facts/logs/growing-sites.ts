import type { SourcePlace } from '../../core/report.ts';
import type { LogTables, SiteSeries } from '../../logs/tables/tables.ts';
import { mannKendall } from '../../stats/mann-kendall.ts';

/** A line of code whose memory grew from table to table of tracemalloc in a log. */
export interface GrowingSite {
  readonly place: SourcePlace;
  readonly firstBytes: number;
  readonly lastBytes: number;
  /** Between the first and the last table of the life; absent where the log bears no times. */
  readonly bytesPerSecond?: number;
  /** Tables that told it. */
  readonly tables: number;
  readonly writer?: string;
}

const FEWEST_TABLES = 3;
const LEAST_BYTES = 64 * 1024;
const LEAST_SHARE = 0.1;
/** The chance that what does not grow is said to grow, for series that fall at times. */
const CHANCE = 0.01;

/**
 * Lines of code that held more memory in each later table of tracemalloc, most growth first. Only within a life: a process that starts anew
 * holds less. A line that falls out of a top 10 is not told, so what is there at the end counts.
 */
export function growingSites(tables: Pick<LogTables, 'sites'> | undefined): GrowingSite[] {
  return (tables?.sites ?? [])
    .flatMap((site) => growing(site) ?? [])
    .sort((a, b) => b.lastBytes - b.firstBytes - (a.lastBytes - a.firstBytes));
}

function growing(site: SiteSeries): GrowingSite | undefined {
  const life = site.points.at(-1)?.life;
  const points = site.points.filter((point) => point.life === life);
  const [first, last] = [points[0], points.at(-1)];
  if (site.line === undefined || !first || !last || points.length < FEWEST_TABLES) return undefined;
  const grown = last.value - first.value;
  if (grown < LEAST_BYTES || grown < LEAST_SHARE * last.value || !rises(points.map(({ value }) => value)))
    return undefined;
  const seconds = (last.atUnixSeconds ?? Number.NaN) - (first.atUnixSeconds ?? Number.NaN);
  return {
    place: placeOf(site, site.line),
    firstBytes: first.value,
    lastBytes: last.value,
    ...(seconds > 0 ? { bytesPerSecond: grown / seconds } : {}),
    tables: points.length,
    ...(site.writer === undefined ? {} : { writer: site.writer }),
  };
}

/** Never lower than before, to the digits that are printed; or higher by Mann and Kendall's test. */
function rises(values: readonly number[]): boolean {
  const falls = values.some((value, at) => at > 0 && value < values[at - 1]! * 0.995);
  if (!falls) return true;
  const { s, p } = mannKendall(values);
  return s > 0 && p < CHANCE && values.at(-1)! >= 0.9 * Math.max(...values);
}

/** Python's own library and installed packages, and code that is in no file. */
export const NOT_THE_PROGRAM = /[\\/](?:site-packages|dist-packages|lib[\\/]python3\.\d+)[\\/]|^</;

/** Of a traceback the last frame in the program's own files, as the line that somebody can change. `code` is empty where none was printed. */
function placeOf({ file, line, frames, code = '' }: SiteSeries, own: number): SourcePlace {
  const frame = frames?.findLast((each) => each.line !== undefined && !NOT_THE_PROGRAM.test(each.file));
  const isLast = frame === undefined || (frame.file === file && frame.line === line);
  const place = isLast ? { file, line: own, code } : { file: frame.file, line: frame.line ?? own, code: '' };
  return { role: 'feeds', ...place, how: 'tracemalloc' };
}
