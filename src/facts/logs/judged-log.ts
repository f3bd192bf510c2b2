import type { NumberSeries } from '../../logs/number-series.ts';
import { type MemoryCourse, memoryInLog } from './memory-course.ts';
import { growthOf, type MemoryGrowth } from './memory-growth.ts';
import { CLEAR_LEAD, fitOf, followsBetter, type NumberFit } from './number-fit.ts';
import { type ShapedNumber, shapeOfNumber } from './number-shape.ts';
import { type Meaning, type Worded, wordsOf } from './number-words.ts';

/** A number of a log: what it does, what it counts, and what memory has to do with it. */
export interface JudgedNumber extends ShapedNumber {
  readonly worded: Worded;
  /** `outside`: it grows on over restarts, so the process does not hold it. `unclear`: neither words nor memory tell. */
  readonly role: Meaning | 'outside' | 'unclear';
  /** Sentences: by what the role was told. */
  readonly why: readonly string[];
  /** Where memory is known, and was told at the same time. */
  readonly fit?: NumberFit;
}

export interface JudgedLog {
  readonly numbers: readonly JudgedNumber[];
  /** What is kept and grows without end, the likeliest first: each may hold memory. */
  readonly holders: readonly Suspect[];
  /** The number that counts the work, the one that memory follows best. */
  readonly work?: JudgedNumber;
  readonly memory?: MemoryGrowth;
  /** Whether memory grows with the work or merely with time; undecided where the work goes on evenly, or is not told. */
  readonly growsWith: 'work' | 'time' | 'undecided';
}

export interface Suspect {
  readonly number: JudgedNumber;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly why: readonly string[];
}

/** A log says a number in thousands of templates: of each only so many are judged, those that are said most. */
const MOST_JUDGED = 400;

/**
 * What the numbers in a log say of memory. `measured`: the memory of the same process from elsewhere, the best first; else what the log says of it
 * itself is taken. Lives are matched by their times.
 */
export function judgeLog(all: readonly NumberSeries[], measured: readonly MemoryCourse[] = []): JudgedLog {
  const series = all.toSorted((a, b) => b.count - a.count).slice(0, MOST_JUDGED);
  const memory = [...measured, memoryInLog(series)].flatMap((each) => (each ? (growthOf(each) ?? []) : []))[0];
  const shaped = series.map((each) => withFit(shapeOfNumber(each), memory));
  const worded = shaped.map((each): JudgedNumber => ({ ...each, ...roleByWords(each) }));
  const numbers = worded.map((each) => ({ ...each, ...roleByMemory(each, worded, memory) }));
  const work = bestWork(numbers);
  return {
    numbers,
    holders: suspectsIn(numbers, memory),
    ...(work ? { work } : {}),
    ...(memory ? { memory } : {}),
    growsWith: growsWith(work, memory),
  };
}

const grows = ({ shape }: Pick<ShapedNumber, 'shape'>): boolean =>
  shape === 'only-grows' || shape === 'restarts-with-process';

function withFit(shaped: ShapedNumber, memory: MemoryGrowth | undefined): ShapedNumber & Pick<JudgedNumber, 'fit'> {
  const fit =
    memory && grows(shaped) && shaped.series !== memory.memory.series ? fitOf(memory.memory, shaped) : undefined;
  return fit ? { ...shaped, fit } : shaped;
}

function roleByWords(shaped: ShapedNumber): Pick<JudgedNumber, 'worded' | 'role' | 'why'> {
  const worded = wordsOf(shaped.series);
  const { unit } = shaped.series;
  if (unit === 'seconds' || unit === 'percent') return { worded, role: 'label', why: [`it is told in ${unit}`] };
  if (worded.is !== 'memory' && shaped.shape === 'only-grows' && shaped.lives.length > 1)
    return { worded, role: 'outside', why: ['a new life of the process goes on where the last one ended'] };
  const said = worded.words.map((word) => `"${word}"`).join(', ');
  if (worded.is === undefined)
    return {
      worded,
      role: 'unclear',
      why: [said === '' ? 'its words say nothing' : `its words say this and that: ${said}`],
    };
  return { worded, role: worded.is, why: [`its words: ${said}`] };
}

/** What memory says against the words: they may mislead, and memory follows what is kept. */
function roleByMemory(
  number: JudgedNumber,
  all: readonly JudgedNumber[],
  memory: MemoryGrowth | undefined,
): Pick<JudgedNumber, 'role' | 'why'> {
  const { role, why, fit } = number;
  if (!grows(number) || (role !== 'work' && role !== 'unclear')) return { role, why };
  if (number.series.points.length > 0 && fallsWithin(number))
    return { role: 'kept', why: [...why, 'it also falls within a life, and work that was done is never undone'] };
  if (memory?.does !== 'grow' || fit === undefined || !(fit.byNumber.slope.low > 0)) return { role, why };
  const others = all.filter((other) => other !== number && other.fit !== undefined && other.role !== 'label');
  const isBest = fit.lead >= CLEAR_LEAD && others.every((other) => followsBetter(fit, other.fit!));
  if (others.length === 0 || !isBest) return { role, why };
  return { role: 'kept', why: [...why, 'memory follows it far better than any other number, and than time'] };
}

const fallsWithin = ({ lives }: ShapedNumber): boolean =>
  lives.some((life) => life.some(([, value], at) => at > 0 && value < life[at - 1]![1]));

/** Of several that count work, the one that memory follows best; else the one that is said most. */
function bestWork(numbers: readonly JudgedNumber[]): JudgedNumber | undefined {
  const lead = ({ fit }: JudgedNumber) => fit?.lead ?? Number.NEGATIVE_INFINITY;
  return numbers
    .filter(
      (number) =>
        (number.role === 'work' || number.role === 'outside') && grows(number) && number.worded.is !== 'label',
    )
    .sort(
      (a, b) =>
        Number(b.role === 'work') - Number(a.role === 'work') ||
        Number(a.series.unit === 'bytes') - Number(b.series.unit === 'bytes') ||
        lead(b) - lead(a) ||
        b.series.count - a.series.count,
    )[0];
}

function growsWith(work: JudgedNumber | undefined, memory: MemoryGrowth | undefined): JudgedLog['growsWith'] {
  if (memory?.does !== 'grow' || work?.fit === undefined) return 'undecided';
  const { lead } = work.fit;
  return lead >= CLEAR_LEAD ? 'work' : lead <= -CLEAR_LEAD ? 'time' : 'undecided';
}

function suspectsIn(numbers: readonly JudgedNumber[], memory: MemoryGrowth | undefined): Suspect[] {
  const kept = numbers.filter((number) => number.role === 'kept' && grows(number));
  const fits = numbers.flatMap(({ role, fit }) => (fit && role !== 'label' ? [fit] : []));
  const order = { high: 0, medium: 1, low: 2 };
  return kept
    .flatMap((number) => suspect(number, memory, fits) ?? [])
    .sort((a, b) => order[a.confidence] - order[b.confidence] || bytesPerSecond(b.number) - bytesPerSecond(a.number));
}

/** What the number grows by is worth in bytes, as far as memory tells. */
const bytesPerSecond = ({ fit, rate }: JudgedNumber): number =>
  fit ? fit.byNumber.slope.value * (rate?.slope.value ?? 0) : 0;

function suspect(
  number: JudgedNumber,
  memory: MemoryGrowth | undefined,
  fits: readonly NumberFit[],
): Suspect | undefined {
  const why = [number.because, ...number.why];
  const reset = number.shape === 'restarts-with-process';
  if (memory === undefined)
    return { number, confidence: reset ? 'medium' : 'low', why: [...why, 'what memory did meanwhile is not known'] };
  if (memory.does === 'stand-still') return undefined;
  if (number.fit === undefined || memory.does === 'undecided')
    return { number, confidence: reset ? 'medium' : 'low', why: [...why, 'memory was measured too seldom beside it'] };
  if (!(number.fit.byNumber.slope.low > 0)) return undefined;
  if (fits.some((other) => followsBetter(other, number.fit!)))
    return { number, confidence: 'low', why: [...why, 'memory follows another number better'] };
  const clear = number.fit.lead >= CLEAR_LEAD || reset;
  return { number, confidence: clear ? 'high' : 'medium', why: [...why, 'memory rises along with it'] };
}
