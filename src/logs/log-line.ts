export type Level = 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** One thing that a program said: a line of its log, with the traceback that came with it. */
export interface LogLine {
  /** Its number in the stream, from 0 on: what orders lines that bear no time. */
  readonly number: number;
  /** The words alone: no time, level, logger, colour. Of a line in JSON its message field. Long ones are cut. */
  readonly message: string;
  /** As the line says, else as kubectl's `--timestamps` does. One without a zone is taken for UTC. */
  readonly atUnixSeconds?: number;
  readonly level?: Level;
  readonly logger?: string;
  /** Which process, worker or thread wrote it, in the line's own words. */
  readonly writer?: string;
  /** What is said beside the message by name, in its order: JSON, logfmt, structlog. */
  readonly fields?: readonly (readonly [name: string, value: string | number | boolean])[];
  /** The lines of a traceback, the first one included, the last one (the exception) too. */
  readonly traceback?: readonly string[];
}
