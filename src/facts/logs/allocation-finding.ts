import type { Evidence, Finding, SourcePlace } from '../../core/report.ts';
import { tracebackFrame } from '../../logs/tables/frame.ts';
import type { AllocationGroup } from '../../logs/tables/tables.ts';
import { bytesText } from '../../util/bytes.ts';
import { timesText } from '../amounts.ts';
import { NOT_THE_PROGRAM } from './growing-sites.ts';
import type { LogFacts } from './log-facts.ts';

/** Smaller ones that fail are the last straw, not the load. */
const LEAST_BYTES = 64 * 2 ** 20;
/** Where the limit is known: this part of it in one piece. */
const LARGE_SHARE = 0.25;

type Sized = AllocationGroup & { readonly largestBytes: number };

/** One allocation that failed, large against the limit. Memory of a graphics card is none that a limit counts. */
export function allocationFindings(facts: LogFacts): Omit<Finding, 'cause'>[] {
  const least = facts.limitBytes === undefined ? LEAST_BYTES : facts.limitBytes * LARGE_SHARE;
  const largest = (facts.program.digest.tables?.allocations ?? [])
    .filter((each): each is Sized => each.largestBytes !== undefined && each.failed && each.device === undefined)
    .filter(({ largestBytes }) => largestBytes >= least)
    .sort((a, b) => b.largestBytes - a.largestBytes)[0];
  return largest ? [finding(largest, facts)] : [];
}

function finding(allocation: Sized, facts: LogFacts): Omit<Finding, 'cause'> {
  const { largestBytes: bytes } = allocation;
  const { limitBytes } = facts;
  const isOver = limitBytes !== undefined && bytes > limitBytes;
  const against = limitBytes === undefined ? '' : `, of a limit of ${bytesText(limitBytes)}`;
  return {
    confidence: { level: isOver ? 'high' : 'medium', value: null, basis: 'rule' },
    summary: `One allocation of ${bytesText(bytes)}${arrayText(allocation)} failed${against}.`,
    places: failedAllocationIn(facts),
    evidence: [evidence(allocation, facts)],
    fix: {
      summary: 'do the work in parts, so that no single piece is so large.',
      advice: [
        ...(allocation.shape
          ? ['Of an array: read it by blocks or memory-mapped (numpy.memmap), or take a smaller type.']
          : []),
        'Bound what may come in: the size of a file, a request or a batch.',
      ],
    },
  };
}

const arrayText = ({ shape, type }: AllocationGroup): string =>
  shape === undefined ? '' : ` (an array of shape ${shape.join(' × ')}${type === undefined ? '' : `, ${type}`})`;

const evidence = ({ count, largestBytes, lastLine }: Sized, { showLines }: LogFacts): Evidence => ({
  says: `the log says ${timesText(count)} that memory could not be had, ${bytesText(largestBytes)} at most; last in line ${lastLine + 1}`,
  from: 'log-digest',
  reproduce: showLines('alloc'),
});

/** The last line of the program itself in the traceback that came with it. */
export function failedAllocationIn({ program }: Pick<LogFacts, 'program'>): SourcePlace[] {
  const traceback =
    program.digest.templates.find(({ traceback: lines }) => FAILED.test(lines?.at(-1) ?? ''))?.traceback ?? [];
  const frames = traceback.flatMap((line, at) => {
    const frame = tracebackFrame(line);
    const code = traceback[at + 1]?.trim() ?? '';
    return frame?.line === undefined || NOT_THE_PROGRAM.test(frame.file)
      ? []
      : [{ file: frame.file, line: frame.line, code }];
  });
  const last = frames.at(-1);
  return last ? [{ role: 'creates', ...last, how: 'allocation-site' }] : [];
}
const FAILED = /MemoryError|Unable to allocate|allocate memory/;
