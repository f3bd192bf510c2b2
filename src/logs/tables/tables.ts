import { redact } from '../redact.ts';
import type { CollectorActivity } from './collector-activity.ts';
import { CollectorActivityOf } from './collector-activity.ts';
import type {
  AllocationRow,
  AllocationSiteRow,
  CreationRow,
  Frame,
  LogRow,
  Measure,
  ObjectCountRow,
  ProcessMemoryRow,
  ProfiledLineRow,
} from './row.ts';
import { type RowPoint, RowSeries } from './series.ts';

/** A line of code in tables of tracemalloc: bytes by time. */
export interface SiteSeries extends Frame {
  readonly frames?: readonly Frame[];
  readonly code?: string;
  readonly writer?: string;
  readonly points: readonly RowPoint[];
  readonly count: number;
  /** Blocks, where the last table tells them. */
  readonly lastBlocks?: number;
  /** What the last comparison said: against the snapshot that it was made with. */
  readonly lastBytesDiff?: number;
}
/** Objects of a type by time: their number. */
export interface TypeSeries {
  readonly by: ObjectCountRow['by'];
  readonly type: string;
  readonly writer?: string;
  readonly points: readonly RowPoint[];
  readonly count: number;
  readonly lastBytes?: number;
}
/** Memory that the program tells of itself, by time. */
export interface MemorySeries {
  readonly by: ProcessMemoryRow['by'];
  readonly measure: Measure;
  readonly writer?: string;
  readonly points: readonly RowPoint[];
  readonly count: number;
}
/** Allocations of one kind. */
export interface AllocationGroup {
  readonly failed: boolean;
  readonly by: AllocationRow['by'];
  readonly device?: 'gpu';
  readonly count: number;
  readonly largestBytes?: number;
  /** Of the largest. */
  readonly shape?: readonly number[];
  readonly type?: string;
  readonly lastLine: number;
  readonly lastAtUnixSeconds?: number;
}
/** Things of one kind that were said to be made. */
export interface CreationGroup {
  readonly verb: CreationRow['verb'];
  readonly what: string;
  /** Lines that said so. */
  readonly count: number;
  /** Things: summed, or the last number where it is told of all so far. */
  readonly made: number;
  readonly bytes: number;
  readonly largestBytes?: number;
  /** How many were made so far, each time. */
  readonly points: readonly RowPoint[];
}

export interface LogTables {
  /** The largest at the end first; so with types. */
  readonly sites: readonly SiteSeries[];
  readonly types: readonly TypeSeries[];
  readonly memory: readonly MemorySeries[];
  readonly collector: CollectorActivity;
  readonly allocations: readonly AllocationGroup[];
  readonly creations: readonly CreationGroup[];
  /** Of memory_profiler: each line's last row. */
  readonly profiled: readonly ProfiledLineRow[];
  /** Rows there were. */
  readonly rows: number;
  /** Rows and series that are not told. */
  readonly leftOut: number;
}

const MOST_SERIES = 2000;
const MOST_GROUPS = 500;
/** Of each list, in a case. */
const MOST_TOLD = 200;
const MOST_POINTS_TOLD = 256;

/** Gathers rows into series and groups, in bounded memory. */
export class TableDigest {
  #rows = 0;
  #leftOut = 0;
  readonly #sites = new Map<string, { series: RowSeries; last: AllocationSiteRow; writer: string | undefined }>();
  readonly #types = new Map<string, { series: RowSeries; last: ObjectCountRow; writer: string | undefined }>();
  readonly #memory = new Map<string, { series: RowSeries; last: ProcessMemoryRow; writer: string | undefined }>();
  readonly #allocations = new Map<string, AllocationGroup>();
  readonly #creations = new Map<string, { group: Made; series: RowSeries }>();
  readonly #profiled = new Map<string, ProfiledLineRow>();
  readonly #collector = new CollectorActivityOf();

  add(row: LogRow): void {
    this.#rows++;
    if (!this.#added(row)) this.#leftOut++;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Plain data without secrets, and no more than a case should hold. */
  result(): LogTables {
    const sites = [...this.#sites.values()].map(siteSeries).sort((a, b) => lastOf(b) - lastOf(a));
    const types = [...this.#types.values()].map(typeSeries).sort((a, b) => lastOf(b) - lastOf(a));
    const memory = [...this.#memory.values()];
    const lists = [sites, types, memory, [...this.#profiled], [...this.#creations]];
    const over = lists.reduce((sum, { length }) => sum + Math.max(0, length - MOST_TOLD), 0);
    return {
      sites: sites.slice(0, MOST_TOLD),
      types: types.slice(0, MOST_TOLD),
      memory: memory.slice(0, MOST_TOLD).map(({ series, last, writer }) => ({
        by: last.by,
        measure: last.measure,
        ...seriesOf(series, writer),
      })),
      collector: this.#collector.result(),
      allocations: [...this.#allocations.values()],
      creations: [...this.#creations.values()]
        .map(({ group, series }) => withoutSecrets({ ...group, points: series.pointsUpTo(MOST_POINTS_TOLD) }))
        .sort((a, b) => b.made - a.made)
        .slice(0, MOST_TOLD),
      profiled: [...this.#profiled.values()].slice(0, MOST_TOLD).map(withoutSecrets),
      rows: this.#rows,
      leftOut: this.#leftOut + over,
    };
  }

  /** False: there was no room. */
  #added(row: LogRow): boolean {
    const writer = row.writer ?? '';
    switch (row.kind) {
      case 'allocation-site': {
        const place = row.frames ? JSON.stringify(row.frames) : `${row.file}:${row.line}`;
        return addedTo(this.#sites, `${writer}\n${place}`, row, row.bytes);
      }
      case 'object-count':
        return addedTo(this.#types, `${writer}\n${row.by}\n${row.type}`, row, row.count);
      case 'process-memory':
        return addedTo(this.#memory, `${writer}\n${row.by}\n${row.measure}`, row, row.bytes);
      case 'allocation':
        return kept(this.#allocations, `${row.failed} ${row.by} ${row.device}`, (known) => allocationsWith(known, row));
      case 'creation':
        return kept(this.#creations, `${row.verb} ${row.what.toLowerCase()}`, (known) => madeWith(known, row));
      case 'profiled-line':
        return kept(this.#profiled, `${row.file}:${row.line}`, () => row);
      case 'allocation-total':
        return true;
      default:
        this.#collector.add(row);
        return true;
    }
  }
}

const pointOf = ({ atUnixSeconds, lineNumber: line, life }: LogRow, value: number): RowPoint => ({
  line,
  life,
  value,
  ...(atUnixSeconds === undefined ? {} : { atUnixSeconds }),
});

type Made = Omit<CreationGroup, 'points'>;
type Numbered<T> = { series: RowSeries; last: T; writer: string | undefined };

function addedTo<T>(map: Map<string, Numbered<T>>, key: string, row: T & LogRow, value: number): boolean {
  const known = map.get(key);
  if (!known && map.size >= MOST_SERIES) return false;
  const series = known?.series ?? new RowSeries();
  series.add(pointOf(row, value));
  map.set(key, { series, last: row, writer: row.writer });
  return true;
}

function kept<T>(map: Map<string, T>, key: string, make: (known: T | undefined) => T): boolean {
  const known = map.get(key);
  if (known === undefined && map.size >= MOST_GROUPS) return false;
  map.set(key, make(known));
  return true;
}

const seriesOf = (series: RowSeries, writer: string | undefined) => ({
  points: series.pointsUpTo(MOST_POINTS_TOLD),
  count: series.count,
  ...(writer === undefined ? {} : { writer }),
});
const lastOf = ({ points }: { points: readonly RowPoint[] }): number => points.at(-1)?.value ?? 0;

function siteSeries({ series, last, writer }: Numbered<AllocationSiteRow>): SiteSeries {
  const { file, line, frames, code, count, bytesDiff } = withoutSecrets(last);
  return {
    file,
    ...(line === undefined ? {} : { line }),
    ...(frames === undefined ? {} : { frames }),
    ...(code === undefined ? {} : { code }),
    ...(count === undefined ? {} : { lastBlocks: count }),
    ...(bytesDiff === undefined ? {} : { lastBytesDiff: bytesDiff }),
    ...seriesOf(series, writer),
  };
}

function typeSeries({ series, last, writer }: Numbered<ObjectCountRow>): TypeSeries {
  const { by, type, bytes } = last;
  return { by, type, ...(bytes === undefined ? {} : { lastBytes: bytes }), ...seriesOf(series, writer) };
}

function allocationsWith(known: AllocationGroup | undefined, row: AllocationRow & LogRow): AllocationGroup {
  const isLargest = known?.largestBytes === undefined || (row.bytes ?? 0) >= known.largestBytes;
  const { failed, by, device, bytes, shape, type, lineNumber, atUnixSeconds } = row;
  return {
    failed,
    by,
    ...(device === undefined ? {} : { device }),
    count: (known?.count ?? 0) + 1,
    ...(isLargest ? largestOf(bytes, shape, type) : largestOf(known.largestBytes, known.shape, known.type)),
    lastLine: lineNumber,
    ...(atUnixSeconds === undefined ? {} : { lastAtUnixSeconds: atUnixSeconds }),
  };
}

const largestOf = (bytes: number | undefined, shape: readonly number[] | undefined, type: string | undefined) => ({
  ...(bytes === undefined ? {} : { largestBytes: bytes }),
  ...(shape === undefined ? {} : { shape }),
  ...(type === undefined ? {} : { type }),
});

function madeWith(
  known: { group: Made; series: RowSeries } | undefined,
  row: CreationRow & LogRow,
): { group: Made; series: RowSeries } {
  const group = creationsWith(known?.group, row);
  const series = known?.series ?? new RowSeries();
  series.add(pointOf(row, group.made));
  return { group, series };
}

function creationsWith(known: Made | undefined, { verb, what, count, isTotal, bytes }: CreationRow): Made {
  const largest = Math.max(known?.largestBytes ?? 0, bytes ?? 0);
  return {
    verb,
    what,
    count: (known?.count ?? 0) + 1,
    made: isTotal ? count : (known?.made ?? 0) + count,
    bytes: (known?.bytes ?? 0) + (bytes ?? 0),
    ...(largest > 0 ? { largestBytes: largest } : {}),
  };
}

/** Files, names and source lines are a program's own words, and may hold what should not be kept. */
function withoutSecrets<T extends { file?: string; code?: string; what?: string }>(row: T): T {
  const clean = { ...row };
  for (const name of ['file', 'code', 'what'] as const) {
    const text = clean[name];
    if (text !== undefined) clean[name] = redact(text).text.toWellFormed();
  }
  return clean;
}
