import { judgeLog } from '../../src/facts/logs/judged-log.ts';
import type { JudgedNumber } from '../../src/facts/logs/judged-number.ts';
import { LogDigester } from '../../src/logs/digest.ts';
import { LogReader } from '../../src/logs/log-reader.ts';
import { TableReader } from '../../src/logs/tables/reader.ts';
import { TableDigest } from '../../src/logs/tables/tables.ts';

/** A log of which is known what its numbers are. */
export interface KnownLog {
  readonly name: string;
  /** The logs of its lives one after the other, as of a container that was restarted; most often one, which may tell of several lives. */
  readonly texts: readonly string[];
  /** Unix seconds and bytes, measured from outside; empty: nothing is known. */
  readonly memory: readonly (readonly [number, number])[];
  readonly healthy: boolean;
  readonly misleading: boolean;
  /** The values of the number that tells what is kept, in the log's order; absent: there is none. */
  readonly kept?: readonly number[];
  /** Of the number that counts the work. */
  readonly work: readonly number[];
  /** What an item of `kept` takes. */
  readonly itemBytes?: number;
  /** Processes and threads that tell these numbers, each on its own. */
  readonly writers: number;
}

/** What the chain from bytes to a judgement makes of a log. */
export function judged({ texts, memory }: Pick<KnownLog, 'texts' | 'memory'>) {
  const digester = new LogDigester();
  const tables = new TableReader();
  const rows = new TableDigest();
  const options = memory.length > 0 ? { nearUnixSeconds: memory.at(-1)![0] } : {};
  texts.forEach((text, life) => {
    if (life > 0) digester.nextLog();
    const reader = new LogReader((line) => {
      digester.add(line);
      for (const row of tables.take(line, life)) rows.add(row);
    }, options);
    reader.push(Buffer.from(text));
    reader.end();
  });
  for (const row of tables.end()) rows.add(row);
  const digest = digester.finish();
  const course = { from: 'memory-series', meaning: 'resident memory', axis: 'time' as const, lives: livesOf(memory) };
  const log = judgeLog(digest.series, { measured: memory.length > 0 ? [course] : [] });
  return { digest, log, tables: rows.result() };
}

/** Where nothing was measured for long, the process started anew. */
function livesOf(memory: KnownLog['memory']): KnownLog['memory'][] {
  const starts = memory.flatMap(([at], index) => (at - (memory[index - 1]?.[0] ?? at) > LONGEST_GAP ? [index] : []));
  return [0, ...starts].map((start, index) => memory.slice(start, starts[index]));
}
/** Between two lives of generated logs nothing is measured for half a minute. */
const LONGEST_GAP = 25;
export type Judged = ReturnType<typeof judged>;

/** Whether a series tells these values: nearly all of its own are among them, and its last is one of the last. */
function tells({ series }: JudgedNumber, values: readonly number[], writers: number): boolean {
  const known = new Set(values);
  const own = series.points.map(({ value }) => value);
  const ends = values.slice(-4 * writers);
  return (
    own.length > 2 && own.filter((value) => known.has(value)).length >= 0.9 * own.length && ends.includes(own.at(-1)!)
  );
}

/** How well a log was judged, by what is known of it. */
export interface Hit {
  readonly name: string;
  readonly healthy: boolean;
  readonly misleading: boolean;
  /** The kept number is a series of the digest; so is the work. */
  readonly keptRead: boolean;
  readonly workRead: boolean;
  /** It is the first of those that may hold memory. Of a healthy log: none is named. */
  readonly holder: boolean;
  /** Named though it is none. */
  readonly wrong: readonly string[];
  /** The work is told as work. */
  readonly work: boolean;
  /** Estimated over known; absent: not estimated, or not known. */
  readonly itemBytesRatio?: number;
  readonly confidence?: string;
}

export function hitOf(known: KnownLog, { log }: Judged): Hit {
  const { kept = [], work, writers, itemBytes } = known;
  const isKept = (number: JudgedNumber) => tells(number, kept, writers);
  const isWork = (number: JudgedNumber) => tells(number, work, writers);
  const [first] = log.suspects;
  const holder = known.healthy ? first === undefined : first !== undefined && isKept(first.number);
  const bytes = holder && !known.healthy ? first?.number.fit?.byNumber.slope.value : undefined;
  const named = log.suspects.filter(
    ({ number, confidence }) => confidence !== 'low' && (known.healthy || !isKept(number)),
  );
  return {
    name: known.name,
    healthy: known.healthy,
    misleading: known.misleading,
    keptRead: known.kept === undefined || log.numbers.some(isKept),
    workRead: log.numbers.some(isWork),
    holder,
    wrong: named.map(({ number, confidence }) => `${confidence}: ${number.series.name} (${number.series.template})`),
    work: log.numbers.some((number) => isWork(number) && (number.role === 'work' || number.role === 'outside')),
    ...(bytes !== undefined && itemBytes !== undefined ? { itemBytesRatio: bytes / itemBytes } : {}),
    ...(first ? { confidence: first.confidence } : {}),
  };
}

const mark = (is: boolean): string => (is ? 'yes' : 'NO');

/** The hits as a table for people. */
export function hitTable(hits: readonly Hit[]): string {
  const rows = hits.map((hit) => [
    hit.name,
    hit.healthy ? 'healthy' : hit.misleading ? 'leaks, words mislead' : 'leaks',
    mark(hit.keptRead && hit.workRead),
    mark(hit.holder),
    mark(hit.work),
    hit.itemBytesRatio?.toFixed(2) ?? '-',
    hit.confidence ?? '-',
    hit.wrong.join('; '),
  ]);
  const head = ['log', 'is', 'read', 'holder right', 'work right', 'bytes/item', 'confidence', 'named in vain'];
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(at === head.length - 1 ? 0 : widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
