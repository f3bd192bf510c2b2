import type { LogLine } from '../log-line.ts';
import { AllocationLines } from './allocations.ts';
import { CollectorLines } from './collector.ts';
import { MemoryProfilerTables } from './memory-profiler.ts';
import { ObjectTables } from './object-tables.ts';
import { ProcessMemoryLines } from './process-memory.ts';
import type { LogRow, Recogniser, RowAt } from './row.ts';
import { TracemallocTables } from './tracemalloc.ts';

/** Tables of so many writers are followed at once; of more, the one that was silent longest is forgotten. */
const MOST_WRITERS = 64;
/** Beyond it a line is no row of a table. */
const MOST_CHARACTERS = 64 * 1024;
const MOST_LINES_IN_ONE = 2000;

const recognisers = (): Recogniser[] => [
  new TracemallocTables(),
  new CollectorLines(),
  new MemoryProfilerTables(),
  new ObjectTables(),
  new ProcessMemoryLines(),
  new AllocationLines(),
];

/**
 * Rows of what memory tools print into logs: tracemalloc, the collector, memory_profiler, psutil, `resource`, objgraph, pympler, guppy; and of
 * allocations and objects that are said to have been made. Lines of several writers may come mixed.
 */
export class TableReader {
  readonly #byWriter = new Map<string, Recogniser[]>();
  /** Writers with an open table: most often none, which is asked for each line of the log. */
  readonly #open = new Map<string, 'yes' | 'perhaps'>();

  /** Whether a table of this writer's is open. */
  isWithin(writer = ''): Recogniser['isWithin'] {
    return this.#open.size === 0 ? 'no' : (this.#open.get(writer) ?? 'no');
  }

  /** The rows that a line gives, most often none. A row that later lines may add to comes with those, or at the end. */
  take(line: LogLine, life = 0): LogRow[] {
    const at = placeOf(line, life);
    const followed = this.#followedBy(line.writer ?? '');
    const rows = followed.dropped;
    for (const text of linesOf(line)) {
      for (const recogniser of followed.recognisers) {
        const taken = recogniser.take(text, at);
        if (taken.length === 0) continue;
        rows.push(...taken);
        // What one of them knows is not for the others; but rows of earlier lines may have come.
        if (taken.at(-1)!.lineNumber === at.lineNumber) break;
      }
    }
    this.#setOpen(line.writer ?? '', followed.recognisers);
    return rows;
  }

  #setOpen(writer: string, recognisers: readonly Recogniser[]): void {
    const open =
      recognisers.find(({ isWithin }) => isWithin === 'yes') ??
      recognisers.find(({ isWithin }) => isWithin === 'perhaps');
    if (open && open.isWithin !== 'no') this.#open.set(writer, open.isWithin);
    else this.#open.delete(writer);
  }

  /** The rows that waited for lines to come. */
  end(): LogRow[] {
    const rows = [...this.#byWriter.values()].flatMap((each) => each.flatMap((recogniser) => recogniser.end()));
    this.#byWriter.clear();
    this.#open.clear();
    return rows;
  }

  #followedBy(writer: string): { recognisers: Recogniser[]; dropped: LogRow[] } {
    const known = this.#byWriter.get(writer);
    if (known) {
      if (this.#byWriter.size === 1) return { recognisers: known, dropped: [] };
      // The order of the map is that of last use.
      this.#byWriter.delete(writer);
      this.#byWriter.set(writer, known);
      return { recognisers: known, dropped: [] };
    }
    const dropped = this.#byWriter.size >= MOST_WRITERS ? this.#dropOldest() : [];
    const made = recognisers();
    this.#byWriter.set(writer, made);
    return { recognisers: made, dropped };
  }

  #dropOldest(): LogRow[] {
    const [writer, oldest] = this.#byWriter.entries().next().value!;
    this.#byWriter.delete(writer);
    this.#open.delete(writer);
    return oldest.flatMap((recogniser) => recogniser.end());
  }
}

function placeOf({ number, atUnixSeconds, writer }: LogLine, life: number): RowAt {
  return {
    lineNumber: number,
    life,
    ...(atUnixSeconds === undefined ? {} : { atUnixSeconds }),
    ...(writer === undefined ? {} : { writer }),
  };
}

/** A message may hold a whole table, its lines apart; and the exception that ends a traceback says what could not be had. */
function linesOf(line: LogLine): string[] {
  const { traceback } = line;
  const message = wordsOf(line);
  const text = message.length > MOST_CHARACTERS ? message.slice(0, MOST_CHARACTERS) : message;
  const lines = text.includes('\n') ? text.split('\n', MOST_LINES_IN_ONE) : [text];
  const exception = traceback?.at(-1);
  return exception === undefined || exception === message ? lines : [...lines, exception];
}

/** `[ Top 10 ]`, `/app/x.py:34:` and `gc.garbage:` at a message's beginning look like a name of a logger or a place in the code. */
const TAKEN_FOR_HEAD =
  /(?:^|\s)(\[ ?Top \d{1,6}[^\]]{0,60}\]|\S{1,1024}:\d{1,9}: ?|(?:len\()?gc\.[\w()]{1,30}\W{0,4})$/;
const LONGEST_HEAD = 1200;

/** The message, with that before it which is a part of it here: blanks that set a source line in, and what was taken for the line's head. */
function wordsOf({ message, text = message }: LogLine): string {
  const end = text.length - message.length;
  if (end <= 0 || !text.endsWith(message)) return message;
  if (text.startsWith('   ', end - 3)) return `    ${message}`;
  if (message !== '' && !message.startsWith('size=') && text.lastIndexOf('gc.', end) < 0) return message;
  const head = TAKEN_FOR_HEAD.exec(text.slice(Math.max(0, end - LONGEST_HEAD), end));
  return head ? `${head[1]}${message}` : message;
}
