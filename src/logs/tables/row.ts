/** Where in a log a row stands. */
export interface RowAt {
  /** Of the line, as in `LogLine`. */
  readonly lineNumber: number;
  readonly atUnixSeconds?: number;
  readonly writer?: string;
  /** From 0 on, as in `LogPoint`. */
  readonly life: number;
}

export interface Frame {
  readonly file: string;
  /** Absent where allocations were grouped by file. */
  readonly line?: number;
}

/** Memory that tracemalloc counts for a line of code. Sizes are as exact as they were printed: `3445 KiB` is ± 512 bytes. */
export interface AllocationSiteRow extends Frame {
  readonly kind: 'allocation-site';
  /** Which way it was printed: a line of a table, a line of a comparison, blocks with their traceback. */
  readonly form: 'top' | 'difference' | 'traceback';
  /** Which table of its writer, from 0 on. */
  readonly table: number;
  readonly bytes: number;
  /** Against an earlier snapshot. */
  readonly bytesDiff?: number;
  readonly count?: number;
  readonly countDiff?: number;
  /** The source line, where it was printed. */
  readonly code?: string;
  /** The oldest first, as Python prints them. The row's own file and line are those of the last. */
  readonly frames?: readonly Frame[];
}

/** The last lines of the "pretty top" recipe of tracemalloc's documentation: what is not in the table, and all together. */
export interface AllocationTotalRow {
  readonly kind: 'allocation-total';
  readonly of: 'other' | 'all';
  readonly table: number;
  readonly bytes: number;
  readonly count?: number;
}

/** A run of the collector: `gc.DEBUG_STATS`, a print of `gc.callbacks`, or of what `gc.collect()` gave. */
export interface CollectionRow {
  readonly kind: 'collection';
  readonly by: 'debug' | 'callback' | 'call';
  readonly generation?: number;
  /** Objects of each generation before it. */
  readonly objects?: readonly number[];
  /** Objects that `gc.freeze` took away from the collector. */
  readonly permanent?: number;
  /** Objects that nothing outside of them reached: those freed, those of `uncollectable`, and all under `DEBUG_SAVEALL`. */
  readonly unreachable: number;
  readonly uncollectable?: number;
  readonly seconds?: number;
}

/** An object in a cycle, as `DEBUG_COLLECTABLE` and `DEBUG_UNCOLLECTABLE` name it. */
export interface CycleObjectRow {
  readonly kind: 'cycle-object';
  readonly collectable: boolean;
  readonly type: string;
}

/** What a print of the collector's state says; only what it says is there. */
export interface CollectorStateRow {
  readonly kind: 'collector-state';
  readonly enabled?: boolean;
  /** `gc.freeze()` was called. */
  readonly frozen?: true;
  /** `gc.get_count()` */
  readonly counts?: readonly number[];
  /** `gc.get_threshold()`; a first one of 0 switches it off. */
  readonly thresholds?: readonly number[];
  /** `gc.get_stats()`: since the process started. */
  readonly stats?: readonly { collections: number; collected: number; uncollectable: number }[];
  /** Objects in `gc.garbage`. */
  readonly garbage?: number;
}

export const MEASURES = [
  'rss',
  'peak-rss',
  'uss',
  'pss',
  'virtual',
  'shared',
  'swap',
  'traced',
  'peak-traced',
  'machine-used',
  'machine-available',
] as const;
export type Measure = (typeof MEASURES)[number];

/** Memory of the process, or the machine, that a library's words name: psutil, `resource.getrusage`, tracemalloc, mprof. */
export interface ProcessMemoryRow {
  readonly kind: 'process-memory';
  readonly by: 'psutil' | 'getrusage' | 'tracemalloc' | 'memory_profiler' | 'text';
  readonly measure: Measure;
  readonly bytes: number;
}

/** A line of a table of memory_profiler. */
export interface ProfiledLineRow {
  readonly kind: 'profiled-line';
  readonly file?: string;
  readonly line: number;
  /** Of the process, when the line was left; absent where it was never run. */
  readonly bytes?: number;
  readonly bytesDiff?: number;
  readonly occurrences?: number;
  readonly code: string;
}

/** Objects of a type: objgraph, pympler, guppy. */
export interface ObjectCountRow {
  readonly kind: 'object-count';
  readonly by: 'objgraph' | 'pympler' | 'guppy';
  readonly type: string;
  readonly table: number;
  readonly count: number;
  /** Against the time before: `objgraph.show_growth`. */
  readonly countDiff?: number;
  readonly bytes?: number;
}

/** An allocation that failed, or that was large enough to be warned of. */
export interface AllocationRow {
  readonly kind: 'allocation';
  readonly failed: boolean;
  readonly by: 'python' | 'numpy' | 'torch' | 'arrow' | 'opencv' | 'tensorflow' | 'tcmalloc' | 'native';
  /** What was asked for; absent where it is not said. */
  readonly bytes?: number;
  readonly shape?: readonly number[];
  readonly type?: string;
  /** Memory of a graphics card: not what a container's limit counts. */
  readonly device?: 'gpu';
}

/** `Created 120 sessions`, `Allocated 64 MiB buffer`, `New connection from …`. */
export interface CreationRow {
  readonly kind: 'creation';
  readonly verb: 'created' | 'allocated' | 'new';
  /** The words for it: `sessions`. */
  readonly what: string;
  /** 1 where no number is said. */
  readonly count: number;
  /** The number is of all so far: "in total". */
  readonly isTotal?: true;
  readonly bytes?: number;
}

export type LogRow = RowAt &
  (
    | AllocationSiteRow
    | AllocationTotalRow
    | CollectionRow
    | CycleObjectRow
    | CollectorStateRow
    | ProcessMemoryRow
    | ProfiledLineRow
    | ObjectCountRow
    | AllocationRow
    | CreationRow
  );

/** Follows the lines of one writer. What a later line completes comes with that line, or at the end. */
export interface Recogniser {
  /** The rows that this line, or what it ends, gives. */
  take(text: string, at: RowAt): readonly LogRow[];
  /** A table is open: the next line may belong to it, whatever it looks like. `perhaps`: what came may be a table. */
  readonly isWithin: 'yes' | 'perhaps' | 'no';
  end(): readonly LogRow[];
}

export const NO_ROWS: readonly LogRow[] = [];
