import type { ContainerFacts } from './container-facts.ts';
import type { PodFacts } from './pod-facts.ts';

type Conduct = 'killed' | 'grows' | 'steady' | 'unknown';

/** What a pod did, as far as it was seen. */
export function conductOf({ kills, trend }: ContainerFacts): Conduct {
  if (kills.length > 0) return 'killed';
  if (trend?.shape === 'grows') return 'grows';
  return trend?.shape === 'flat' || trend?.shape === 'settled' ? 'steady' : 'unknown';
}

/**
 * How the pods of a workload compare, in a sentence: where all do the same it is the program, where one does it is what
 * comes to that one. Undefined where there is one pod, or nothing to compare.
 */
export function comparedText({ chosen, others }: PodFacts): string | undefined {
  if (chosen === undefined) return undefined;
  const same = others.filter(({ container }) => container.name === chosen.container.name);
  const alike = same.filter((other) => other.pod.revision === chosen.pod.revision || isBad(other));
  const all = [chosen, ...alike].map(conductOf);
  if (all.length < 2) return undefined;
  const count = (...conducts: Conduct[]) => all.filter((each) => conducts.includes(each)).length;
  const bad = count('killed', 'grows');
  const share = `${bad} of ${all.length} pods`;
  const verb = didWhat(count('killed'), count('grows'), bad);
  if (bad === 0) return undefined;
  if (bad === all.length) return `${share} ${verb}: it is the program, not one pod.`;
  if (bad > 1) return `${share} ${verb}.`;
  const rest = count('steady') === all.length - 1 ? ', and no other grows' : '';
  return `${share} ${verb}${rest}: look at its node and its traffic.`;
}

/** A pod of another revision that does well says nothing of node and traffic: it runs another program. */
const isBad = (of: ContainerFacts): boolean => ['killed', 'grows'].includes(conductOf(of));

function didWhat(killed: number, grow: number, bad: number): string {
  if (killed === bad) return bad === 1 ? 'was OOM killed' : 'were OOM killed';
  if (grow === bad) return bad === 1 ? 'grows' : 'grow alike';
  return 'grow or were OOM killed';
}
