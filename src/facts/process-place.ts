import type { Got } from '../core/artifacts.ts';
import { shellWord } from '../util/shell-word.ts';
import { kubectl } from './pod/kubectl.ts';

/** What tells where the process is that was read: on this machine, or in a container. */
export const PLACE_USES = ['processes', 'pods', 'inside'] as const;
type PlaceGot = Got<never, (typeof PLACE_USES)[number]>;

/** The command line that looks at it again. */
export function lookAgain(got: PlaceGot, ...flags: readonly string[]): string {
  const { pods, inside, processes } = got;
  if (pods === undefined || inside === undefined)
    return ['whyoom', '--pid', String(processes?.chosenPid ?? 'PID'), ...flags, '-o', 'json'].join(' ');
  const context = pods.context === undefined ? [] : ['--context', pods.context];
  const words = [`pod/${inside.pod}`, '-n', pods.workload.namespace, '-c', inside.container, ...context, ...flags];
  return ['whyoom', ...words, '-o', 'json'].map(shellWord).join(' ');
}

/** A shell command where the process is. */
export function runThere({ pods, inside }: PlaceGot, command: string): string {
  if (pods === undefined || inside === undefined) return command;
  return kubectl(pods, 'exec', inside.pod, '-c', inside.container, '--', 'sh', '-c', command);
}
