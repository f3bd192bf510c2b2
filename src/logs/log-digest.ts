import type { LogEvents } from './log-events.ts';
import type { Level } from './log-line.ts';
import type { NumberSeries } from './number-series.ts';
import type { LogTables } from './tables/tables.ts';

/** What is kept of a log of any length: plain data, bounded, without secrets. */
export interface LogDigest {
  readonly lines: number;
  readonly firstAtUnixSeconds?: number | undefined;
  readonly lastAtUnixSeconds?: number | undefined;
  /** Lines by level; `none`: the line says none. */
  readonly levels: Readonly<Partial<Record<Level | 'none', number>>>;
  /** The most often said first. */
  readonly templates: readonly LogTemplate[];
  readonly series: readonly NumberSeries[];
  readonly events: LogEvents;
  /** In order; at least one where there are lines. */
  readonly lives: readonly LogLife[];
  /** What memory tools printed; absent: nothing. */
  readonly tables?: LogTables | undefined;
  readonly letGo: LetGo;
}

/** Messages that differ in their places alone, or nearly. */
export interface LogTemplate {
  /** Its places as `<*>`, with the unit behind where it is always the same one. */
  readonly template: string;
  readonly count: number;
  /** The message that was said first. */
  readonly example: string;
  /** Numbers of lines in the stream, from 0 on. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly firstAtUnixSeconds?: number | undefined;
  readonly lastAtUnixSeconds?: number | undefined;
  /** The gravest with which it was said. */
  readonly level?: Level | undefined;
  /** As it was first said. */
  readonly logger?: string | undefined;
  /** The last lines of the first traceback that came with it. */
  readonly traceback?: readonly string[] | undefined;
  /** Lives in which it was said, the first hundred of them. */
  readonly lives: readonly number[];
}

/** How a life ended: with a word of a kill, with the start of the next, with the log of the next, or with the log. */
export type LifeEnd = 'kill' | 'restart' | 'next-log' | 'end';

export interface LogLife {
  readonly life: number;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly firstAtUnixSeconds?: number | undefined;
  readonly lastAtUnixSeconds?: number | undefined;
  readonly end: LifeEnd;
  /** The last messages before its end. */
  readonly lastMessages: readonly string[];
}

/** What bounded memory cost: nothing of it is in the other lists. */
export interface LetGo {
  /** Templates that were said least, and the lines of them. */
  readonly templates: number;
  readonly lines: number;
  /** Messages that were put to a template that they are hardly like. */
  readonly forced: number;
  /** Series of numbers that were said least. */
  readonly series: number;
  /** Numbers in another unit than the others of their series. */
  readonly numbers: number;
  /** Lives beyond those that are listed. */
  readonly lives: number;
}
