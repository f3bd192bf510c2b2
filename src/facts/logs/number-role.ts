import { grows, type JudgedNumber } from './judged-number.ts';
import type { MemoryGrowth } from './memory-growth.ts';
import { CLEAR_LEAD, followsBetter, type NumberFit } from './number-fit.ts';
import type { ShapedNumber } from './number-shape.ts';
import { wordsOf } from './number-words.ts';

type Role = Pick<JudgedNumber, 'role' | 'why'>;

/** By its words, and by what it does when the process starts anew. */
export function roleByWords(shaped: ShapedNumber): Role & Pick<JudgedNumber, 'worded'> {
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

/** By the line that prints it, which knows better than words. */
export function roleBySource({ role, why, source }: JudgedNumber): Role {
  if (source === undefined || role === 'outside' || role === 'memory') return { role, why };
  const sized = source.holders.find(({ by }) => by === 'size');
  if (sized) return { role: 'kept', why: [`it is the size of ${sized.container} in ${sized.name}`] };
  if (source.holders[0]) return { role, why: [...why, `it is counted where ${source.holders[0].container} is fed`] };
  const [only, ...others] = source.printed;
  if (role !== 'kept' || others.length > 0 || only?.expression === undefined) return { role, why };
  return {
    role: 'unclear',
    why: [...why, `but what is printed is ${only.expression}, the size of no container that the source shows`],
  };
}

/** By what it does in a life and by memory, where words may mislead: memory follows what is kept. */
export function roleByMemory(
  number: JudgedNumber,
  all: readonly JudgedNumber[],
  memory: MemoryGrowth | undefined,
): Role {
  const { role, why, fit } = number;
  if (!grows(number) || (role !== 'work' && role !== 'unclear') || isNoSize(number)) return { role, why };
  if (fallsWithin(number) && !isOrdinal(number))
    return { role: 'kept', why: [...why, 'it also falls within a life, and work that was done is never undone'] };
  if (memory?.does !== 'grow' || fit === undefined || !(fit.byNumber.slope.low > 0)) return { role, why };
  // What the log says of memory itself is no rival: memory follows itself.
  const others = all.filter(
    (other) => other !== number && other.fit !== undefined && other.role !== 'label' && other.role !== 'memory',
  );
  if (others.length === 0 || fit.lead < CLEAR_LEAD || !others.every((other) => isLeftBehind(other, fit)))
    return { role, why };
  return { role: 'kept', why: [...why, 'memory follows it far better than any other number, and than time'] };
}

/** What is said to be kept, and memory follows, is not left behind by a count of the work that fills it unless by much. */
const CLOSER = 1.25;
const MUCH_CLOSER = 3;

const isLeftBehind = ({ role, fit }: JudgedNumber, by: NumberFit): boolean =>
  fit !== undefined &&
  (role === 'kept' && fit.lead >= CLEAR_LEAD ? followsBetter(by, fit, MUCH_CLOSER) : followsBetter(by, fit, CLOSER));

/** The source shows what is printed, and it is the size of nothing. */
const isNoSize = ({ source }: JudgedNumber): boolean =>
  source !== undefined &&
  source.holders.length === 0 &&
  source.printed.some(({ expression }) => expression !== undefined);

const fallsWithin = ({ lives }: ShapedNumber): boolean =>
  lives.some((life) => life.some(([, value], at) => at > 0 && value < life[at - 1]![1]));

/** Each value is told once, and hardly one is left out: jobs and requests that end in another order than they began. */
const isOrdinal = ({ series: { points, count } }: ShapedNumber): boolean => {
  const values = points.map(({ value }) => value);
  const distinct = new Set(values);
  const span = Math.max(...values) - Math.min(...values) + 1;
  return distinct.size === values.length && values.every(Number.isInteger) && span <= MOST_LEFT_OUT * count;
};
const MOST_LEFT_OUT = 1.5;
