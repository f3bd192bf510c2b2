import type { NumberSeries } from '../../logs/number-series.ts';
import { grows, type JudgedNumber } from './judged-number.ts';
import { type MemoryCourse, memoryInLog } from './memory-course.ts';
import { growthOf, type MemoryGrowth } from './memory-growth.ts';
import { CLEAR_LEAD, fitOf } from './number-fit.ts';
import { roleByMemory, roleBySource, roleByWords } from './number-role.ts';
import { type ShapedNumber, shapeOfNumber } from './number-shape.ts';
import type { NumberSource } from './number-source.ts';
import { fedByWork, type Suspect, suspectsIn } from './suspects.ts';
import { withUnsaidRestarts } from './unsaid-restarts.ts';

export interface JudgedLog {
  readonly numbers: readonly JudgedNumber[];
  /** What is kept and grows without end, the likeliest first: each may hold memory. */
  readonly suspects: readonly Suspect[];
  /** The number that counts the work, the one that memory follows best. */
  readonly work?: JudgedNumber;
  readonly memory?: MemoryGrowth;
  /** Whether memory grows with the work or merely with time; undecided where the work goes on evenly, or is not told. */
  readonly growsWith: 'work' | 'time' | 'undecided';
}

/** What is known beside the log. */
export interface BesideLog {
  /** Memory of the same process, the best measure first. Lives are matched by their times. */
  readonly measured?: readonly MemoryCourse[];
  /** What the source says of a number. Asked for numbers that grow. */
  readonly sourceOf?: (series: NumberSeries) => NumberSource | undefined;
}

/** Of thousands of numbers only so many are judged, those that are said most. */
const MOST_JUDGED = 400;

/** What the numbers in a log say of memory: that of elsewhere, or what the log says of it itself. */
export function judgeLog(all: readonly NumberSeries[], { measured = [], sourceOf }: BesideLog = {}): JudgedLog {
  const most = all.toSorted((a, b) => b.count - a.count).slice(0, MOST_JUDGED);
  const { series, unsaid } = withUnsaidRestarts(most);
  const seen = [...measured, memoryInLog(series)].flatMap((each) => (each ? (growthOf(each) ?? []) : []))[0];
  const shaped = series.map((each) => withFit(shapeOfNumber(each), seen));
  const memory = seen && inBursts(seen, shaped);
  const told = shaped.map((each): JudgedNumber => {
    const source = grows(each) ? sourceOf?.(each.series) : undefined;
    const worded: JudgedNumber = { ...each, ...roleByWords(each), ...(source ? { source } : {}) };
    return { ...worded, ...roleBySource(worded) };
  });
  const numbers = told.map((each) => ({ ...each, ...roleByMemory(each, told, memory) }));
  const work = bestWork(numbers);
  const suspects = suspectsIn(numbers, memory, unsaid);
  return {
    numbers,
    suspects: [...suspects, ...fedByWork(numbers, memory, suspects)],
    ...(work ? { work } : {}),
    ...(memory ? { memory } : {}),
    growsWith: growsWith(work, memory),
  };
}

/** What follows a number that still grows has not settled, though it stood still for a while: so did the number. */
const inBursts = (memory: MemoryGrowth, shaped: readonly Pick<JudgedNumber, 'fit'>[]): MemoryGrowth =>
  memory.does === 'stand-still' &&
  memory.rate.slope.low > 0 &&
  shaped.some(({ fit }) => fit && fit.lead >= 2 * CLEAR_LEAD && fit.byNumber.slope.low > 0)
    ? { ...memory, does: 'grow' }
    : memory;

function withFit(shaped: ShapedNumber, memory: MemoryGrowth | undefined): ShapedNumber & Pick<JudgedNumber, 'fit'> {
  const isOther = memory && shaped.series !== memory.memory.series;
  const fit = isOther && grows(shaped) ? fitOf(memory.memory, shaped) : undefined;
  return fit ? { ...shaped, fit } : shaped;
}

/** Of several that count work, in this process before all: the one that memory follows best, else the one that is said most. */
function bestWork(numbers: readonly JudgedNumber[]): JudgedNumber | undefined {
  const counted = numbers.filter(
    (each) => grows(each) && (each.role === 'work' || (each.role === 'outside' && each.worded.is === 'work')),
  );
  const rank = ({ role, series }: JudgedNumber) => (role === 'work' ? 0 : 2) + (series.unit === 'bytes' ? 1 : 0);
  const lead = ({ fit }: JudgedNumber) => fit?.lead ?? Number.NEGATIVE_INFINITY;
  return counted.sort(
    (a, b) => rank(a) - rank(b) || (lead(a) === lead(b) ? b.series.count - a.series.count : lead(b) - lead(a)),
  )[0];
}

function growsWith(work: JudgedNumber | undefined, memory: MemoryGrowth | undefined): JudgedLog['growsWith'] {
  if (memory?.does !== 'grow' || work?.fit === undefined) return 'undecided';
  const { lead } = work.fit;
  return lead >= CLEAR_LEAD ? 'work' : lead <= -CLEAR_LEAD ? 'time' : 'undecided';
}
