import type { Estimate } from '../../core/report.ts';
import { thinned } from '../../util/thinned.ts';
import { growthEstimate } from '../memory-trend.ts';
import { type ContainerFacts, ownLimitBytes } from './container-facts.ts';
import { endedByKill, lengthOf } from './container-lives.ts';
import { type AgedSample, growthByLives, isBehind } from './growth-by-lives.ts';
import { lengthsInHistory } from './history-lives.ts';
import { combined, lifeLength, shifted, timeToFill } from './next-kill.ts';
import type { PodFacts } from './pod-facts.ts';
import { restartsAt, type StartsAgain } from './restart-delay.ts';

/** Where it goes from here. */
export interface Outlook {
  /** Undefined where growth is not known; `lives`: judged by how long they last, not measured. */
  readonly growth?: { readonly rate: Estimate; readonly by: 'samples' | 'lives' };
  /** Seconds from now to the next kill. */
  readonly nextKill?: Estimate;
  /** How long a life lasted that ended by a kill. */
  readonly life?: Estimate;
  /** It has outlived the lives before it by far, or memory that would have had to rise was seen not to. */
  readonly isQuiet: boolean;
  /** Late in its life it has used far less than steady growth to the limit would have: a burst, or growth that comes late. */
  readonly isUneven: boolean;
  /** Unix seconds at which the kubelet starts it again. */
  readonly startsAgain?: StartsAgain;
}

/** A life that lasts longer than the longest that was to be expected, by this factor, is another kind of life. */
const OUTLIVED = 1.5;
/** A rise so many times the noise would have been seen. */
const SHOWN = 3;
/** The kubelet looks again at a container that waits every so often; it does not start it on the second. */
const LATE_SECONDS = 15;
/** More lives, its own first, and samples of them say no more; each life is held against each sample. */
const MOST_LENGTHS = 200;
const MOST_AGED = 2000;
/** A kill further away than this is not foretold. */
const FURTHEST_SECONDS = 10 * 365 * 86_400;

export function outlookOf(facts: PodFacts, of: ContainerFacts): Outlook {
  const limit = ownLimitBytes(of);
  const alike = [of, ...facts.others.filter((other) => isAlike(of, other))];
  const lengths = [...killLengths(alike), ...alike.flatMap(earlierLengths)].slice(0, MOST_LENGTHS);
  const measured = thinned(alike.flatMap(aged), MOST_AGED);
  const life = lifeLength(lengths);
  const isQuiet = hasOutlived(facts, of, life) || stoodStill(of, limit, life);
  const isUneven = limit !== undefined && isBehind(limit, killLengths([of]), aged(of));
  const growth = growthOf(of, limit, isQuiet || isUneven || isOver(of) ? [] : lengths, measured);
  const startsAgain = of.isGone ? undefined : restartsAt(of.pod, of.container);
  const nextKill =
    isQuiet && of.trend?.shape !== 'grows'
      ? undefined
      : nextKillOf(facts, of, { life: isQuiet ? undefined : life, startsAgain });
  return {
    isQuiet,
    isUneven,
    ...(growth ? { growth } : {}),
    ...(nextKill && nextKill.high <= FURTHEST_SECONDS ? { nextKill } : {}),
    ...(life ? { life } : {}),
    ...(startsAgain === undefined ? {} : { startsAgain }),
  };
}

/** It does not run, and is not started again: a Job's pod, one that was evicted, one that is gone. */
const isOver = ({ isGone, pod, container: { state } }: ContainerFacts): boolean =>
  isGone || (state.is === 'terminated' && (pod.phase === 'Failed' || pod.phase === 'Succeeded'));

/** Lives of another pod tell of this one where both run the same under the same limit. */
const isAlike = (a: ContainerFacts, b: ContainerFacts): boolean =>
  a.container.name === b.container.name && a.pod.revision === b.pod.revision && a.limit?.bytes === b.limit?.bytes;

/** Seconds that lives lasted which ended by an OOM kill; when a part of the program was killed within a life is not known. */
export const killLengths = (alike: readonly Pick<ContainerFacts, 'kills'>[]): number[] =>
  alike.flatMap(({ kills }) => kills.filter(endedByKill).flatMap((life) => lengthOf(life) ?? []));

/** What a history tells of lives that the status has forgotten. */
const earlierLengths = (of: ContainerFacts): number[] =>
  lengthsInHistory(
    of.main?.lives ?? [],
    ownLimitBytes(of),
    of.lives.flatMap(({ endedAt }) => endedAt ?? []),
  );

/** Seconds for which it runs; undefined where it does not, or nobody knows since when. */
export function ageOf({ container: { state } }: ContainerFacts, now: number): number | undefined {
  if (state.is !== 'running' || state.startedAtUnixSeconds === undefined) return undefined;
  return Math.max(0, now - state.startedAtUnixSeconds);
}

const hasOutlived = ({ now }: PodFacts, of: ContainerFacts, life: Estimate | undefined): boolean => {
  const age = ageOf(of, now);
  return age !== undefined && life !== undefined && age > life.high * OUTLIVED;
};

/** Memory was watched for long enough to rise visibly if this life were like those that were killed, and did not. */
function stoodStill(
  { trend, samples }: ContainerFacts,
  limit: number | undefined,
  life: Estimate | undefined,
): boolean {
  if (trend === undefined || (trend.shape !== 'flat' && trend.shape !== 'settled')) return false;
  if (life === undefined || limit === undefined) return true;
  const needed = (Math.max(0, limit - samples.at(-1)![1]) / Math.max(1, life.high)) * trend.seconds;
  return needed >= SHOWN * trend.noiseBytes;
}

function growthOf(
  of: ContainerFacts,
  limit: number | undefined,
  lengths: readonly number[],
  measured: readonly AgedSample[],
): Outlook['growth'] {
  const seen = of.trend && growthEstimate(of.trend);
  if (seen && of.trend?.shape === 'grows') return { rate: seen, by: 'samples' };
  const byLives = limit === undefined || diesAtStart(of) ? undefined : growthByLives(limit, lengths, measured);
  if (byLives) return { rate: byLives, by: 'lives' };
  return seen && { rate: seen, by: 'samples' };
}

function nextKillOf(
  { now }: PodFacts,
  of: ContainerFacts,
  { life, startsAgain }: { life: Estimate | undefined; startsAgain: StartsAgain | undefined },
): Estimate | undefined {
  if (of.isGone) return undefined;
  if (startsAgain !== undefined) return life && startingLater(life, startsAgain, now);
  const age = ageOf(of, now);
  const byLife = life && age !== undefined ? left(life, age) : undefined;
  return combined(byLife, byGrowth(of, now));
}

function startingLater(life: Estimate, { earliest, latest }: StartsAgain, now: number): Estimate {
  const [from, to] = [Math.max(0, earliest - now), Math.max(0, latest - now)];
  const { value } = shifted(life, (from + to) / 2);
  return { value, low: shifted(life, from).low, high: shifted(life, to).high + LATE_SECONDS, level: life.level };
}

/** What is left of a life at an age. One that should be over by now may be so at any moment. */
function left(life: Estimate, age: number): Estimate {
  const rest = shifted(life, -age);
  return rest.value > 0 ? rest : { ...rest, low: 0, value: rest.high / 2 };
}

/** A line through few numbers is no better than this, however well they lie on it: file pages count in a working set, for one. */
const MODEL = 0.1;

function byGrowth(of: ContainerFacts, now: number): Estimate | undefined {
  const limit = ownLimitBytes(of);
  const last = of.samples.at(-1);
  if (of.trend?.shape !== 'grows' || limit === undefined || last === undefined) return undefined;
  const rate = growthEstimate(of.trend);
  if (rate === undefined || rate.low <= 0) return undefined;
  const to = timeToFill(limit - last[1], rate);
  return left({ ...to, low: to.low * (1 - MODEL), high: to.high * (1 + MODEL) }, Math.max(0, now - last[0]));
}

/** What was measured of lives whose start is known, by age. */
function aged(of: ContainerFacts): AgedSample[] {
  const starts = of.lives.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [startedAt]));
  return (of.main?.lives ?? []).flatMap((samples) => {
    const start = starts.filter((each) => each <= (samples[0]?.[0] ?? 0)).at(-1);
    return start === undefined ? [] : samples.map(([at, bytes]): AgedSample => [at - start, bytes]);
  });
}

/** A program that is killed sooner than this has not got to its work. */
const START_SECONDS = 10;

/** Whether each life that is known to have ended did so by an OOM kill within seconds of its start. */
export function diesAtStart({ kills, lives }: Pick<ContainerFacts, 'kills' | 'lives'>): boolean {
  const ended = lives.filter(({ how }) => how !== 'running');
  if (ended.length === 0 || ended.length > kills.length) return false;
  return kills.every((life) => (lengthOf(life) ?? Number.POSITIVE_INFINITY) <= START_SECONDS);
}
