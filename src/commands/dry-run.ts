import { planOf } from '../app.ts';
import type { KubeTarget } from '../core/kube-port.ts';
import { planText } from '../formats/plan.ts';
import { visibleJson } from '../util/text-escape.ts';
import { EXIT } from './exit-code.ts';
import type { ClusterOptions } from './kube-options.ts';
import type { LookOptions } from './look.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { lookingAt } from './workload.ts';

/** `--dry-run`: tells what a look at a workload would ask, change and run, and does nothing of it. */
export async function dryRun(
  target: KubeTarget,
  options: LookOptions & ClusterOptions & { readonly output: string },
  terminal: Terminal,
): Promise<number> {
  if (!['terminal', 'json'].includes(options.output))
    throw new UsageError(`--dry-run has no format "${options.output}".`, 'Formats: terminal, json');
  const plan = await planOf(lookingAt(target, options, terminal), options.allow);
  const text = options.output === 'json' ? `${visibleJson(JSON.stringify(plan, null, 2))}\n` : planText(plan);
  await terminal.write(text);
  return EXIT.done;
}
