import type { Figures } from './figures.ts';
import type { Order, Target } from './targets.ts';

/** What docs/performance.md promises, and whether a run keeps it: rows of goal, target, measured, met or not. */

const PAUSE_TO_COPY = 1.15;
const BYTES_AN_OBJECT = 40;
const ANSWER_SECONDS: Record<Order, number> = { fresh: 3, shuffled: 6 };
/** The goals are for this many objects: with fewer, what a look costs anyway outweighs the rest. */
const OBJECTS = 1e7;

interface Run {
  readonly target: Target;
  readonly figures: Figures;
}

export function goalRows(runs: readonly Run[]): string[][] {
  const taken = runs.map(({ target, figures }) =>
    row('nothing taken in the target', target, figures.takenBytes.median / 2 ** 20, 0, ' MiB'),
  );
  return [...runs.flatMap(goalsAtTenMillion), ...taken];
}

function goalsAtTenMillion({ target, figures }: Run): string[][] {
  if (target.made?.objects !== OBJECTS) return [];
  const limit = ANSWER_SECONDS[target.made.order];
  return [
    row(`pause ÷ plain copy ≤ ${PAUSE_TO_COPY}`, target, figures.pauseToVmRead.median, PAUSE_TO_COPY, ''),
    row(`whole answer ≤ ${limit} s`, target, figures.wholeMs.median / 1000, limit, ' s'),
    row(`≤ ${BYTES_AN_OBJECT} B an object`, target, figures.bytesAnObject.median, BYTES_AN_OBJECT, ' B'),
  ];
}

const row = (goal: string, target: Target, measured: number, most: number, unit: string): string[] => [
  goal,
  target.name,
  `${measured.toFixed(2)}${unit}`,
  measured <= most ? 'met' : 'not met',
];
