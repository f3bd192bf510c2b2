import { frameOf } from './frame.ts';
import type { AllocationSiteRow, Frame } from './row.ts';

const MOST_CHARACTERS = 64 * 1024;

/** `repr` of a Statistic or StatisticDiff, as a printed list has them; `total_nframe` since 3.9. */
const STATISTIC =
  /<Statistic(Diff)? traceback=<Traceback \(([^)]{0,20000})\)(?: total_nframe=\w{1,12})?> size=(\d{1,18})(?: \(([+-]\d{1,18})\))? count=(\d{1,15})(?: \(([+-]\d{1,15})\))?>/g;
const FRAME = /<Frame filename=(?:'((?:[^'\\]|\\.){0,1024})'|"((?:[^"\\]|\\.){0,1024})") lineno=(\d{1,9})>/g;

/** All that are in the text, in its order, with sizes to the byte. */
export function statisticsIn(text: string): Omit<AllocationSiteRow, 'table'>[] {
  return [...text.slice(0, MOST_CHARACTERS).matchAll(STATISTIC)].flatMap((found) => {
    const [, difference, traceback, bytes, bytesDiff, count, countDiff] = found;
    const frames = framesIn(traceback!);
    const last = frames.at(-1);
    if (!last) return [];
    return {
      kind: 'allocation-site' as const,
      form: difference ? ('difference' as const) : ('top' as const),
      ...last,
      bytes: Number(bytes),
      count: Number(count),
      ...(bytesDiff === undefined ? {} : { bytesDiff: Number(bytesDiff) }),
      ...(countDiff === undefined ? {} : { countDiff: Number(countDiff) }),
      ...(frames.length > 1 ? { frames } : {}),
    };
  });
}

const framesIn = (traceback: string): Frame[] =>
  [...traceback.matchAll(FRAME)].map(([, single, double, line]) =>
    frameOf((single ?? double)!.replace(/\\(.)/g, '$1'), Number(line)),
  );
