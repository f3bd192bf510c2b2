import type { Pods } from '../core/kube-artifacts.ts';
import type { Evidence } from '../core/report.ts';
import { shellWord } from '../util/shell-word.ts';
import type { LogError, LogErrors } from './log-errors.ts';

/** Sentences on what the logs say of failures, the most telling first; empty where they say nothing of the kinds asked for. */
export function logEvidence(
  { groups }: LogErrors,
  { workload: { namespace } }: Pods,
  { kinds = ['killed', 'out-of-memory'], most = 3 }: { kinds?: readonly LogError['kind'][]; most?: number } = {},
): Evidence[] {
  return groups
    .filter(({ kind }) => kinds.includes(kind))
    .slice(0, most)
    .map((group) => ({ says: saysOf(group), from: 'logs', reproduce: commandOf(group, namespace) }));
}

/** `the log says 3 times: Worker (pid:12) was sent SIGKILL! Perhaps out of memory?` */
function saysOf({ count, example, container, lastAtUnixSeconds: at }: LogError): string {
  const times = count === 1 ? '' : ` ${count} times, last`;
  const when = at === undefined ? '' : ` at ${new Intl.DateTimeFormat('en-GB', CLOCK).format(at * 1000)} UTC`;
  return `the log of ${container} says${times}${when}: ${example}`;
}
const CLOCK = { timeStyle: 'medium', timeZone: 'UTC' } as const;

function commandOf({ pod, container, previous, shape }: LogError, namespace: string): string {
  // The longest part that all of them have in common is what a search can find.
  const fixed = shape
    .split(/[#…]/)
    .sort((a, b) => b.length - a.length)[0]!
    .trim();
  const log = `kubectl logs ${shellWord(pod)} -c ${shellWord(container)} -n ${shellWord(namespace)}${previous ? ' --previous' : ''}`;
  return fixed === '' ? log : `${log} | grep -F ${shellWord(fixed)}`;
}
