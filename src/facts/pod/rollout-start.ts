import { secondsText } from '../../util/duration.ts';
import { clusterText } from './cluster-text.ts';
import type { PodFacts } from './pod-facts.ts';

/** A kill later than this after a rollout says little about it. */
const SOON_SECONDS = 2 * 3600;

/**
 * Whether the trouble began with a revision: the pod is of the newest, it is not the first, and the first kill that was
 * seen came soon after it began; or pods of the revision before still run beside it and were never killed.
 */
export function rolloutText({ got, chosen, others }: PodFacts): string | undefined {
  const revisions = [...(got.rollout?.revisions ?? [])].sort((a, b) => a.revision - b.revision);
  const newest = revisions.at(-1);
  if (chosen === undefined || newest === undefined || revisions.length < 2) return undefined;
  if (newest.hash === undefined || chosen.pod.revision !== newest.hash) return undefined;
  const kills = [chosen, ...others].flatMap((each) => each.kills.flatMap(({ endedAt }) => endedAt ?? []));
  const first = kills.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
  const after = first - newest.createdAtUnixSeconds;
  if (!Number.isFinite(after) || after < 0) return undefined;
  const older = others.filter(({ pod }) => pod.revision !== undefined && pod.revision !== newest.hash);
  const spared = older.length > 0 && older.every((each) => each.kills.length === 0 && each.container.restarts === 0);
  if (!spared && after > SOON_SECONDS) return undefined;
  const changes = newest.changes.slice(0, 2).flatMap((change) => clusterText(change, 80) ?? []);
  const what = changes.length > 0 ? `: ${changes.join('; ')}` : '';
  const how = spared ? '; pods of the revision before were not killed' : '';
  return `Revision ${newest.revision} began ${secondsText(after)} before the first kill that was seen${what}${how}.`;
}
