import type { Confidence } from '../../core/report.ts';
import { grows, type JudgedNumber } from './judged-number.ts';
import type { MemoryGrowth } from './memory-growth.ts';
import { CLEAR_LEAD, followsBetter } from './number-fit.ts';
import { isNeverEmptied, type LoggedHolder } from './number-source.ts';

/** A number that says how much is kept, and grows without end; or one that counts what is put into a container that nothing empties. */
export interface Suspect {
  readonly number: JudgedNumber;
  /** Where the source shows what keeps it. */
  readonly holder?: LoggedHolder;
  readonly confidence: Confidence['level'];
  /** Parts of sentences. */
  readonly why: readonly string[];
}

const ORDER = { high: 0, medium: 1, low: 2 } as const;

/** `unsaid`: that the process began anew is only concluded. What is kept and grows, the likeliest to hold memory first; nothing where memory is known and stands still. */
export function suspectsIn(
  numbers: readonly JudgedNumber[],
  memory: MemoryGrowth | undefined,
  unsaid: boolean,
): Suspect[] {
  const rivals = numbers.filter(({ role }) => role !== 'label' && role !== 'memory');
  return numbers
    .filter((number) => number.role === 'kept' && grows(number))
    .flatMap((number) => suspect(number, memory, rivals, unsaid) ?? [])
    .sort((a, b) => ORDER[a.confidence] - ORDER[b.confidence] || gained(b.number) - gained(a.number));
}

/** What the number grows by is worth in bytes a second, as far as memory tells. */
const gained = ({ fit, rate }: JudgedNumber): number => (fit ? fit.byNumber.slope.value * (rate?.slope.value ?? 0) : 0);

function suspect(
  number: JudgedNumber,
  memory: MemoryGrowth | undefined,
  rivals: readonly JudgedNumber[],
  unsaid: boolean,
): Suspect | undefined {
  const holds = (number.shape === 'restarts-with-process' && !unsaid) || isSizeInSource(number);
  const why = [number.because, ...number.why];
  const holder = number.source?.holders[0];
  const is = (confidence: Suspect['confidence'], because: string): Suspect => ({
    number,
    ...(holder ? { holder } : {}),
    confidence,
    why: [...why, because],
  });
  if (isBounded(number)) return is('low', 'the source bounds it where it is fed, and it has not come so far yet');
  if (memory === undefined) return is(holds ? 'medium' : 'low', 'what memory did meanwhile is not known');
  if (memory.does === 'stand-still') return undefined;
  if (number.fit === undefined || memory.does === 'undecided')
    return is(holds ? 'medium' : 'low', 'memory was measured too seldom beside it');
  if (!(number.fit.byNumber.slope.low > 0)) return undefined;
  const better = rivals.filter(({ fit }) => fit && followsBetter(fit, number.fit!));
  // What the work leaves follows the work, too.
  const isBeaten =
    !isSizeInSource(number) && (better.some(({ role }) => role !== 'work') || number.fit.lead < CLEAR_LEAD);
  if (better.length > 0) return is(isBeaten ? 'low' : 'medium', 'memory follows another number better');
  const isClear = number.fit.lead >= CLEAR_LEAD || holds;
  return is(isClear && !countsWorkInWords(number) ? 'high' : 'medium', 'memory rises along with it');
}

/** By its words it is work, and only memory speaks against it: what each piece of work leaves behind would look the same. */
export const countsWorkInWords = (number: JudgedNumber): boolean =>
  number.worded.is === 'work' && !isSizeInSource(number);

const isSizeInSource = ({ source }: JudgedNumber): boolean =>
  source?.holders.some(({ by, uses }) => by === 'size' && uses.feeds.length > 0) ?? false;

const isBounded = ({ source }: JudgedNumber): boolean => source?.holders[0]?.uses.boundedWhereFed ?? false;

/**
 * What is fed wherever work is counted, and emptied nowhere in the source, beside the suspects that the log tells the size of; nothing where
 * memory is not known to grow, but beside other suspects.
 */
export function fedByWork(
  numbers: readonly JudgedNumber[],
  memory: MemoryGrowth | undefined,
  suspects: readonly Suspect[],
): Suspect[] {
  if (memory === undefined ? suspects.length === 0 : memory.does !== 'grow') return [];
  const named = new Set(suspects.map(({ holder }) => holder?.name));
  // What it is called in the log need not say that it counts work: the source does.
  const counts = numbers.filter(
    (number) => (number.role === 'work' || number.role === 'unclear') && grows(number) && !followsTime(number),
  );
  return counts.flatMap((number) =>
    (number.source?.holders ?? []).flatMap((holder): Suspect[] => {
      if (holder.by !== 'beside' || !isNeverEmptied(holder) || named.has(holder.name)) return [];
      named.add(holder.name);
      const follows = number.fit !== undefined && number.fit.byNumber.slope.low > 0;
      const because = whetherMemoryFollows(number, memory);
      return [{ number, holder, confidence: follows ? 'medium' : 'low', why: [...number.why, because] }];
    }),
  );
}

function whetherMemoryFollows({ fit }: JudgedNumber, memory: MemoryGrowth | undefined): string {
  if (memory === undefined) return 'what memory did meanwhile is not known';
  if (fit === undefined) return 'memory was measured too seldom beside it';
  return fit.byNumber.slope.low > 0 ? 'memory rises along with it' : 'memory does not surely rise along with it';
}

const followsTime = ({ fit }: JudgedNumber): boolean => fit !== undefined && fit.lead <= -CLEAR_LEAD;
