import { diceOf, type Said, saidAs } from './messages.ts';

/** Which group each message was put into, and what that cost. */
export interface Grouped {
  readonly groups: readonly number[];
  readonly cpuSeconds: number;
}

/** Messages with the template that made them. */
export function labelled(count: number, seed: number): Said[] {
  const dice = diceOf(seed);
  return Array.from({ length: count }, (_, n) => saidAs(dice, n));
}

/** Share of the messages whose group holds those of their label, all of them, and no other. */
export function groupingAccuracy(groups: readonly number[], messages: readonly Said[]): number {
  const labelsOf = new Map<number, Set<string>>();
  const groupsOf = new Map<string, Set<number>>();
  for (const [at, { label }] of messages.entries()) {
    addTo(labelsOf, groups[at]!, label);
    addTo(groupsOf, label, groups[at]!);
  }
  const right = messages.filter(
    ({ label }, at) => labelsOf.get(groups[at]!)!.size === 1 && groupsOf.get(label)!.size === 1,
  );
  return right.length / messages.length;
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const known = sets.get(key);
  if (known) known.add(value);
  else sets.set(key, new Set([value]));
}
