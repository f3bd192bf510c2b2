import { OOM_KILLED } from '../../core/kube-artifacts.ts';
import type { Eta, Report, Verdict } from '../../core/report.ts';
import { type ContainerFacts, ownLimitBytes } from './container-facts.ts';
import { lengthOf } from './container-lives.ts';
import { nodeShortage } from './eviction.ts';
import { isRestless, isSteady } from './memory-course.ts';
import type { Outlook } from './outlook.ts';
import type { PodFacts } from './pod-facts.ts';
import { isoOf } from './times.ts';

type Parts = Pick<Report, 'limit' | 'usage' | 'growth' | 'eta' | 'kills' | 'restarts' | 'pods' | 'series'>;

/** What a report says of pods besides verdict and findings. */
export function reportParts(facts: PodFacts, outlook: Outlook | undefined): Parts {
  const { chosen, others } = facts;
  const pods = others.map((other) => otherPod(facts, other));
  if (chosen === undefined) return { series: [], ...(pods.length > 0 ? { pods } : {}) };
  return {
    ...(chosen.limit ? { limit: chosen.limit } : {}),
    ...(chosen.usage ? { usage: chosen.usage } : {}),
    ...(outlook?.growth ? { growth: { bytesPerSecond: outlook.growth.rate, with: 'undecided' as const } } : {}),
    ...etaOf(facts, chosen, outlook),
    kills: killsOf(facts, chosen),
    restarts: chosen.container.restarts,
    ...(pods.length > 0 ? { pods } : {}),
    series: seriesParts(facts, chosen),
  };
}

function etaOf({ now }: PodFacts, of: ContainerFacts, outlook: Outlook | undefined): { eta?: Eta } {
  // What does not run, and will not run again, meets no limit.
  const isOver = of.isGone || of.container.state.is !== 'running';
  if (outlook?.nextKill) return { eta: { status: 'estimated', seconds: outlook.nextKill, at: isoOf(now) } };
  if (isOver) return {};
  if (ownLimitBytes(of) === undefined) return { eta: { status: 'no-limit' } };
  return { eta: { status: isSteady(of) ? 'no-growth' : 'unknown' } };
}

/** Of the container that is diagnosed, and of those beside it. */
function killsOf({ beside }: PodFacts, chosen: ContainerFacts): NonNullable<Report['kills']> {
  return [chosen, ...beside].flatMap((of) =>
    of.kills.map((life) => {
      const livedSeconds = lengthOf(life);
      return {
        ...(life.endedAt === undefined ? {} : { at: isoOf(life.endedAt) }),
        ...(of === chosen ? {} : { container: of.container.name }),
        reason: life.reason ?? OOM_KILLED,
        ...(life.exitCode === undefined ? {} : { exitCode: life.exitCode }),
        ...(livedSeconds === undefined ? {} : { livedSeconds }),
        seen: life.seen,
      };
    }),
  );
}

function otherPod(facts: PodFacts, of: ContainerFacts): NonNullable<Report['pods']>[number] {
  const status = statusOf(of);
  return {
    name: of.pod.name,
    verdict: verdictOn(facts, of),
    ...(of.usage ? { usage: of.usage } : {}),
    restarts: of.container.restarts,
    ...(status === undefined ? {} : { status }),
  };
}

/** By itself alone, as far as the API tells. */
function verdictOn(facts: PodFacts, of: ContainerFacts): Verdict {
  const shortage = nodeShortage({ ...facts, events: [] }, of);
  if (of.kills.length > 0 || of.trend?.shape === 'grows' || shortage?.kind === 'evicted') return 'oom-risk';
  return isSteady(of) && !isRestless(of) && of.container.restarts === 0 ? 'healthy' : 'undecided';
}

/** Why it is not running, as kubectl shows it. */
export function statusOf({ pod, container, isGone }: ContainerFacts): string | undefined {
  if (isGone) return 'gone';
  if (pod.reason) return pod.reason;
  if (pod.deletingAtUnixSeconds !== undefined) return 'Terminating';
  const { state } = container;
  if (state.is === 'running') return undefined;
  return (state.is === 'unknown' ? undefined : state.reason) ?? pod.phase;
}

/** Pods beside the chosen one whose series are told, too: enough to compare by. */
const OTHER_SERIES = 20;

function seriesParts({ beside, others }: PodFacts, chosen: ContainerFacts): Report['series'] {
  return [chosen, ...beside, ...others.slice(0, OTHER_SERIES)].flatMap(({ pod, container, series }) =>
    series.map(({ measure, source, lives }) => ({ pod: pod.name, container: container.name, measure, source, lives })),
  );
}
