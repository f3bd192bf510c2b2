import type { Artifacts, Baseline } from '../core/artifacts.ts';
import { isSameProcess, memoryAt, readProcess } from '../core/baseline.ts';
import type { Estimate } from '../core/report.ts';
import { type LookPair, pairLooks } from './look-pairs.ts';
import { noiseBytesOf } from './memory-trend.ts';

type Got = Partial<Pick<Artifacts, 'baseline' | 'heap' | 'heap-growth' | 'memory-series' | 'processes'>>;
type Memory = NonNullable<Baseline['memory']>;

/** What lies between an earlier case and the looks of this one. */
export interface SinceBaseline {
  readonly baseline: Baseline;
  /** One process, so that all differences came about in the time between; else two runs of a program. */
  readonly sameProcess: boolean;
  /** Whether both were started alike, whatever folder they lie in, as far as is known; other arguments may run other code. */
  readonly sameCommand: boolean;
  /** Between the last look of each. */
  readonly seconds: number;
  /** How old the process was at each look; undefined where that is not known. */
  readonly ages: { readonly before: number; readonly now: number } | undefined;
  readonly pairs: readonly LookPair[];
  /** What all objects gained. */
  readonly objectBytesGained: number;
  /** Of one process, where the same number was read of it both times. */
  readonly memory: { readonly before: Memory; readonly now: Memory; readonly bytesPerSecond: Estimate } | undefined;
}

const known = new WeakMap<Baseline, { got: Got; since: SinceBaseline }>();

/** What lies between the baseline and now; undefined where there is none to compare with. Made once for each gathering. */
export function sinceBaseline(got: Got): SinceBaseline | undefined {
  const { baseline } = got;
  const look = lastLookOf(got);
  if (baseline === undefined || look === undefined) return undefined;
  const before = known.get(baseline);
  if (before && isAsBefore(before.got, got)) return before.since;
  const since = between(baseline, look, got);
  known.set(baseline, { got, since });
  return since;
}

/** Detectors are given only what they declare; all of them declare these. */
const isAsBefore = (before: Got, got: Got): boolean =>
  (['heap', 'heap-growth', 'memory-series', 'processes'] as const).every((key) => before[key] === got[key]);

const lastLookOf = (got: Got): Artifacts['heap'] | undefined => got['heap-growth']?.second ?? got.heap;

function between(baseline: Baseline, look: Artifacts['heap'], got: Got): SinceBaseline {
  const sameProcess = isSameProcess(baseline, got.processes);
  return {
    baseline,
    sameProcess,
    sameCommand: isSameCommand(baseline.identity?.command, readProcess(got.processes)?.command),
    seconds: Math.max(0, look.atUnixSeconds - baseline.look.atUnixSeconds),
    ages: agesAt(baseline, look, got),
    pairs: pairLooks(baseline.look, look, sameProcess),
    objectBytesGained: look.objectBytes - baseline.look.objectBytes,
    memory: sameProcess ? memoryBetween(baseline.memory, got['memory-series']) : undefined,
  };
}

const isSameCommand = (before: string | undefined, now: string | undefined): boolean =>
  before === undefined || now === undefined || withoutFolders(before) === withoutFolders(now);

const withoutFolders = (command: string): string => command.replace(/[^\s'"]*\//g, '');

function agesAt(baseline: Baseline, look: Artifacts['heap'], { processes }: Got): SinceBaseline['ages'] {
  const now = readProcess(processes);
  if (baseline.identity === undefined || now === undefined) return undefined;
  return {
    before: Math.max(0, baseline.look.atUnixSeconds - baseline.identity.startedAtUnixSeconds),
    now: Math.max(0, look.atUnixSeconds - now.startedAtUnixSeconds),
  };
}

/** An interval by rule: what went up and down in either watch, and the allocator's noise, may be all that differs. */
const LEVEL = 0.9;

function memoryBetween(before: Memory | undefined, series: Artifacts['memory-series'] | undefined) {
  if (before === undefined || series === undefined || series.samples.length === 0) return undefined;
  const now = memoryAt(series);
  const seconds = now.atUnixSeconds - before.atUnixSeconds;
  if (now.measure !== before.measure || now.source !== before.source || !(seconds >= 1)) return undefined;
  const range = ({ mostBytes, leastBytes }: Memory) => mostBytes - leastBytes;
  const noise = Math.max(noiseBytesOf(series.samples), range(before), range(now));
  const gained = now.bytes - before.bytes;
  const [value, low, high] = [gained, gained - noise, gained + noise].map((bytes) => bytes / seconds + 0);
  return { before, now, bytesPerSecond: { value: value!, low: low!, high: high!, level: LEVEL } };
}
