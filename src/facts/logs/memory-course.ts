import type { NumberSeries } from '../../logs/number-series.ts';
import type { Course } from '../../stats/remembering-regression.ts';
import { livesOf } from './number-lives.ts';
import { plainWords, wordsOf } from './number-words.ts';

/** The memory of a process by time, or by the lines of the log that tell it, one list a life. */
export interface MemoryCourse {
  /** `memory-series`, `prometheus`, `logs`, … */
  readonly from: string;
  /** What it is a measure of, as part of a sentence. */
  readonly meaning: string;
  readonly axis: 'time' | 'line';
  readonly lives: readonly Course[];
  /** Of a number in the log. */
  readonly series?: NumberSeries;
}

/** What programs print of their own memory, the most telling first. */
const MEANINGS: readonly (readonly [words: RegExp, meaning: string, rank: number])[] = [
  [/\b(?:max ?rss|peak|high water|hwm|maximum)\b/, 'the most that was resident so far, which never falls', 4],
  [/\b(?:available|free|total|system|host|node|swap|gpu|cuda|vram|limit|percent)\b/, '', 9],
  [/\btracemalloc\b|\btraced\b|\bpython (?:heap|allocated)\b/, 'what Python allocated as tracemalloc counts it', 3],
  [/\b(?:vms|virtual|vsz)\b/, 'address space, used or not', 5],
  [/\b(?:rss|resident|vm rss|vmrss)\b/, 'resident memory (RSS), shared pages with it', 0],
  [/\b(?:uss|pss|private)\b/, 'memory of its own (USS or PSS)', 0],
  [/\bworking set\b/, 'the working set', 0],
  [/\bheap\b/, 'its heap, in the words of the log', 2],
  [/\b(?:memory|mem|footprint)\b/, 'memory, in the words of the log', 1],
];

/** The number in the log that says best how much memory the process has; undefined: it says none. */
export function memoryInLog(all: readonly NumberSeries[]): MemoryCourse | undefined {
  const found = all
    .filter((series) => series.count >= FEWEST && (series.unit === 'bytes' || areBytes(series)))
    .filter((series) => wordsOf(series).is === 'memory')
    .flatMap((series) => {
      const words = plainWords(series.name).join(' ');
      const [, meaning = '', rank = 9] = MEANINGS.find(([pattern]) => pattern.test(words)) ?? [];
      const told = series.unit === 'bytes' ? meaning : `${meaning}; told without a unit, taken for bytes`;
      return rank <= (series.unit === 'bytes' ? 8 : MOST_WITHOUT_UNIT) ? [{ series, meaning: told, rank }] : [];
    })
    .sort((a, b) => a.rank - b.rank || b.series.count - a.series.count)[0];
  if (found === undefined) return undefined;
  const { axis, lives } = livesOf(found.series);
  return { from: 'logs', meaning: found.meaning, axis, lives, series: found.series };
}
const FEWEST = 3;
/** Of what a log calls the peak, or address space, the unit is anyone's guess: getrusage(2) tells KiB. */
const MOST_WITHOUT_UNIT = 2;

/** `"rss": 104857600`, as psutil tells it: no CPython takes less, and what is told in KiB or MiB is seldom so much. */
const LEAST_BYTES = 8_000_000;
const areBytes = ({ unit, points }: NumberSeries): boolean =>
  unit === 'unknown' && points.every(({ value }) => Number.isInteger(value) && value >= LEAST_BYTES);

/** A number's value at each moment at which memory was measured, while both were told in one life. */
export function alignedWith(memory: MemoryCourse, lives: readonly Course[]): Course[] {
  return memory.lives
    .flatMap((samples) => lives.map((life) => within(samples, life)))
    .filter((rows) => rows.length > 1);
}

/** Between two values the number is taken to go straight. */
function within(samples: Course, life: Course): [number, number][] {
  const rows: [number, number][] = [];
  let next = 0;
  for (const [at, bytes] of samples) {
    while (next < life.length && life[next]![0] < at) next++;
    const [after, before] = [life[next], life[next - 1]];
    if (after?.[0] === at) rows.push([after[1], bytes]);
    else if (after !== undefined && before !== undefined) {
      const share = (at - before[0]) / (after[0] - before[0]);
      rows.push([before[1] + share * (after[1] - before[1]), bytes]);
    }
  }
  return rows;
}
