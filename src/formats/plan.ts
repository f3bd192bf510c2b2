import type { Plan } from '../core/plan.ts';
import { ruleText } from '../core/rights.ts';
import { visible } from '../util/text-escape.ts';

const SAYS = { yes: '', no: ' (refused, so it is left out)', unknown: '' } as const;

/** What a look would do, a line each. */
export function planText({ target, asks, inPod, probes, stops, maxPauseMs }: Plan): string {
  const api = asks
    .filter(({ rung }) => rung === 'api' || rung === 'node-stats')
    .map(({ rule, allowed }) => `  ${visible(ruleText(rule))}${SAYS[allowed]}`);
  return `A look at ${visible(target)} would ask the API for\n${api.join('\n')}\n\n${probesText(probes)}${inPodText(inPod, stops, maxPauseMs)}`;
}

function probesText(probes: Plan['probes']): string {
  if (probes === undefined) return '';
  const [paths, withRoom] = [probes.paths.join(', '), probes.withRoom.join(', ')];
  return `and the container's ports, by HTTP through a port-forward, for\n  ${paths}\n  ${withRoom} (only with room below the limit)\nunless with --no-probe;\n\n`;
}

const WHICH = { one: 'One', all: 'Each' } as const;
const OFTEN = { 1: 'once', 2: 'twice' } as const;

function inPodText(inPod: Plan['inPod'], stops: Plan['stops'], maxPauseMs: number): string {
  if ('nothing' in inPod) return `and do nothing in a pod: ${visible(inPod.nothing)}\n`;
  const ways = inPod.ways.map(({ way, changes, commands }, at) => {
    const title = `${at === 0 ? 'by' : 'where that is refused, by'} ${way === 'exec' ? 'exec' : 'an ephemeral container'}`;
    const lines = [...changes.map((each) => `change: ${each}`), ...commands.map((each) => `run: ${each}`)];
    return `${title}\n${lines.map((line) => `  ${visible(line)}`).join('\n')}`;
  });
  const where = `and go into the container "${visible(inPod.container)}" of ${visible(inPod.pod)},`;
  const pause =
    maxPauseMs === 0
      ? 'No process there would be stopped.'
      : `${WHICH[stops.processes]} Python process there would be stopped ${OFTEN[stops.times]}, for at most ${maxPauseMs / 1000} s each, and otherwise only read.`;
  return `${where}\n${ways.join('\n')}\n\n${pause} Nothing was done now but reading the workload and its pods, and asking for rights.\n`;
}
