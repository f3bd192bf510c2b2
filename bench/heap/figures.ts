import { quantile } from '../../src/stats/quantiles.ts';
import type { Measured } from './measure.ts';
import type { WhyoomRound } from './whyoom-round.ts';

/** Several rounds of one figure. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: middle(values), low: Math.min(...values), high: Math.max(...values) };
}

/** NaN for no values: it shows as such, and a test finds it. */
const middle = (values: readonly number[]): number => quantile(values, 0.5) ?? Number.NaN;

/** What a program's rounds come to. Milliseconds, bytes, and ratios of each round by itself. */
export interface Figures {
  readonly objects: number;
  readonly references: number;
  readonly copiedBytes: number;
  readonly missedBytes: number;
  readonly partial: string | undefined;
  readonly pauseMs: Spread;
  readonly vmReadMs: Spread;
  readonly pauseToVmRead: Spread;
  readonly pauseToMemFile: Spread;
  /** Medians, in the order in which they come. */
  readonly phases: readonly { readonly name: string; readonly ms: number }[];
  readonly lookMs: Spread;
  /** Of the processor, on all threads: tells more than the seconds where others use the machine. */
  readonly cpuMs: Spread;
  readonly wholeMs: Spread;
  readonly peakBytes: Spread;
  readonly emptyBytes: number;
  /** Peak without the copy and without what an empty helper takes, for each object. */
  readonly bytesAnObject: Spread;
  readonly takenBytes: Spread;
  /** Of the first look: later ones find them there. */
  readonly filePagesBytes: number;
}

export function figuresOf({ rounds }: Measured): Figures {
  const last = rounds.at(-1)!.look;
  const over = (figure: (round: WhyoomRound) => number) => spreadOf(rounds.map(figure));
  return {
    objects: last.objects,
    references: last.references,
    copiedBytes: last.copiedBytes,
    missedBytes: Math.max(...rounds.map(({ look }) => look.missedBytes)),
    partial: rounds.map(({ look }) => look.partial).find((why) => why !== undefined),
    pauseMs: over(({ look }) => look.pauseMs),
    vmReadMs: over(({ copy }) => middle(copy.vmReadMs)),
    pauseToVmRead: over(({ look, copy }) => look.pauseMs / middle(copy.vmReadMs)),
    pauseToMemFile: over(({ look, copy }) => look.pauseMs / middle(copy.memFileMs)),
    phases: Object.keys(last.phases).map((name) => ({
      name,
      ms: middle(rounds.map(({ look }) => look.phases[name] ?? 0)),
    })),
    lookMs: over(({ look }) => look.lookMs),
    cpuMs: over(({ look }) => look.cpuMs),
    wholeMs: over(({ wholeMs }) => wholeMs),
    peakBytes: over(({ look }) => look.peakBytes),
    emptyBytes: middle(rounds.map(({ emptyBytes }) => emptyBytes)),
    bytesAnObject: over(({ look, emptyBytes }) => (look.peakBytes - look.copiedBytes - emptyBytes) / look.objects),
    takenBytes: over(({ takenBytes }) => takenBytes),
    filePagesBytes: rounds[0]!.filePagesBytes,
  };
}
