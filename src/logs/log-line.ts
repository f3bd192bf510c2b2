export type Level = 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** One thing that a program said: a line of its log, with the traceback that came with it. */
export interface LogLine {
  /** Its number in the stream, from 0 on: what orders lines that bear no time. */
  readonly number: number;
  /**
   * The words alone: no time, level, logger, colour. Of a line in JSON its message field, '' where it has none; of an access log the request;
   * of a traceback that nothing announced its last line. Long ones are cut.
   */
  readonly message: string;
  /**
   * As the line says, else as kubectl's `--timestamps` or the runtime does; theirs also where the line's own has no zone. One without a zone
   * and without theirs is taken for UTC.
   */
  readonly atUnixSeconds?: number;
  readonly level?: Level;
  readonly logger?: string;
  /** Which process, worker or thread wrote it, in the line's own words. With kubectl's `--prefix` pod and container before. */
  readonly writer?: string;
  /** Where in the code it was said, as the line tells: `app.py:12`, `app:run:12`. */
  readonly source?: string;
  /** What is said beside the message by name, in its order: JSON, logfmt, structlog; of an access log client, status and bytes. */
  readonly fields?: readonly (readonly [name: string, value: string | number | boolean])[];
  /** The lines of a traceback, the first one included, the last one (the exception) too. Those of chained exceptions follow each other. */
  readonly traceback?: readonly string[];
  /** What the program wrote, head and all, in one piece: what secrets are sought in, where names stand before values. Without colour. */
  readonly text?: string;
}
