import { bytesOfText, bytesText } from '../../util/bytes.ts';
import { secondsText } from '../../util/duration.ts';
import { type ContainerFacts, ownLimitBytes } from './container-facts.ts';

/** Steady use above this part of the limit leaves no room for one larger piece of work. */
const TIGHT_SHARE = 0.9;
/** Steady use below it leaves room: what reached the limit was a burst. */
const ROOMY_SHARE = 0.75;

/** `122 of 128 MiB` */
export function usedText(of: Pick<ContainerFacts, 'usage' | 'limit' | 'besideBytes'>): string | undefined {
  const { usage, limit, besideBytes } = of;
  if (usage === undefined) return undefined;
  if (limit !== undefined && besideBytes > 0)
    return `${bytesText(usage.bytes)}, with ${bytesText(besideBytes)} of the others, of ${bytesText(limit.bytes)} for the pod`;
  return limit === undefined || limit.scope === 'node' ? bytesText(usage.bytes) : bytesOfText(usage.bytes, limit.bytes);
}

export const isSteady = ({ trend }: ContainerFacts): boolean => trend?.shape === 'flat' || trend?.shape === 'settled';

/** It stands still, right below its limit. */
export const isTight = (of: ContainerFacts): boolean => isSteady(of) && shareOf(of) >= TIGHT_SHARE;

/** It stands still, well below its limit. */
export const isRoomy = (of: ContainerFacts): boolean => isSteady(of) && shareOf(of) > 0 && shareOf(of) <= ROOMY_SHARE;

function shareOf(of: ContainerFacts): number {
  const limit = ownLimitBytes(of);
  return limit === undefined || of.usage === undefined ? 0 : of.usage.bytes / limit;
}

/** What the noise may hide and would still meet the limit within this time is no peace. */
const SOON_SECONDS = 600;

/** It came right below its limit and went back, or goes up and down by so much that a rise towards the limit would be hidden. */
export function isRestless(of: ContainerFacts): boolean {
  const limit = ownLimitBytes(of);
  if (limit === undefined || of.usage === undefined) return false;
  return hasPeaked(of, limit) || (of.trend?.slope?.high ?? 0) * SOON_SECONDS > limit - of.usage.bytes;
}

/** `it went up to 64 of 64 MiB and came back`, `it went up and down` */
export function restlessText(of: ContainerFacts): string {
  const limit = ownLimitBytes(of);
  if (limit === undefined || !hasPeaked(of, limit)) return 'it went up and down';
  return `it went up to ${bytesOfText(peakOf(of), limit)} and came back`;
}

const hasPeaked = (of: ContainerFacts, limit: number): boolean => peakOf(of) >= limit * TIGHT_SHARE;
const peakOf = ({ samples }: ContainerFacts): number => samples.reduce((most, [, bytes]) => Math.max(most, bytes), 0);

/** The rate that the noise, or the least rise that counts, would have hidden. */
export function unseenText({ trend }: ContainerFacts): string | undefined {
  if (trend === undefined || trend.seconds <= 0) return undefined;
  const hidden = Math.max(trend.slope?.high ?? 0, trend.noiseBytes / trend.seconds) * 3600;
  return `A leak of less than ${bytesText(hidden)} an hour would not show in ${secondsText(trend.seconds)}.`;
}

/** A volume in memory that is kept smaller than this part of the limit does not fill it. */
const FILLS_SHARE = 0.5;

/** The names of its volumes in memory that may fill its limit. */
export const memoryFiles = (of: ContainerFacts): string[] =>
  (of.container.memoryVolumes ?? []).flatMap(({ name, sizeLimitBytes = Number.POSITIVE_INFINITY }) =>
    sizeLimitBytes >= (ownLimitBytes(of) ?? 0) * FILLS_SHARE ? [name] : [],
  );
