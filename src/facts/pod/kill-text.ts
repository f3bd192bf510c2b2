import type { Evidence } from '../../core/report.ts';
import { bytesText } from '../../util/bytes.ts';
import { plural, timesText } from '../amounts.ts';
import type { ContainerFacts } from './container-facts.ts';
import { afterText, endedByKill, type Life } from './container-lives.ts';
import { specCommand, statusCommand } from './kubectl.ts';
import type { PodFacts } from './pod-facts.ts';
import { whenText } from './times.ts';

/** The OOM kill that was seen last. */
export const lastKill = ({ kills }: Pick<ContainerFacts, 'kills'>): Life | undefined => kills.at(-1);

/** ` at 19:09:29 UTC, 34 s ago, after a life of 33 s` */
export const killWhen = (life: Life, now: number): string =>
  `${life.endedAt === undefined ? '' : ` at ${whenText(life.endedAt, now)}`}${afterText(life)}`;

/** `OOM killed at 19:09:29 UTC, 34 s ago, after a life of 33 s; 4 restarts`. The API keeps one kill: others are restarts. */
export function killSentence({ now }: PodFacts, of: ContainerFacts): string | undefined {
  const last = lastKill(of);
  if (last === undefined) return undefined;
  const seen = of.kills.length > 1 ? ` at least ${timesText(of.kills.length)}, last` : '';
  const { restarts } = of.container;
  const counted = restarts > 1 ? `; ${plural(restarts, 'restart')}` : '';
  return `OOM killed${seen}${insideOf(last)}${killWhen(last, now)}${counted}`;
}

/** With another exit code than that of a kill the container went on, and ended later. */
const insideOf = (life: Life): string =>
  endedByKill(life) ? '' : ` (a process in it, before the container ended with exit code ${life.exitCode})`;

/** What the status says of the kill, and of the limit. */
export function killEvidence(facts: PodFacts, of: ContainerFacts): Evidence[] {
  const last = lastKill(of);
  if (last === undefined) return [];
  const { pod, container } = of;
  const code = last.exitCode === undefined ? '' : `, exit code ${last.exitCode}`;
  const says = `The ${last.seen === 'state' ? 'state' : 'last state'} of "${container.name}" is OOMKilled${code}.`;
  return [
    { says, from: 'pods', reproduce: statusCommand(facts.where, pod.name, container) },
    ...limitEvidence(facts, of),
  ];
}

/** Where the limit comes from, too: many do not know that they have one. */
export function limitEvidence(facts: PodFacts, of: ContainerFacts): Evidence[] {
  const { pod, container, limit } = of;
  if (limit === undefined || limit.scope === 'node') return [];
  const { bytes } = limit;
  const range = facts.got['limit-ranges']?.ranges.find(
    ({ type, defaultLimitBytes }) => type === 'Container' && defaultLimitBytes === bytes,
  );
  const from = range ? `, as the LimitRange "${range.name}" sets where none is given` : '';
  const says = `The limit of the ${limit.scope} is ${bytesText(bytes)}${from}.`;
  return [{ says, from: range ? 'limit-ranges' : 'pods', reproduce: specCommand(facts.where, pod.name, container) }];
}
