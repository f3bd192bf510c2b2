import { planOf } from '../app.ts';
import type { KubeTarget } from '../core/kube-port.ts';
import type { Plan } from '../core/plan.ts';
import { planText } from '../formats/plan.ts';
import { visibleJson } from '../util/text-escape.ts';
import { EXIT } from './exit-code.ts';
import type { ClusterOptions } from './kube-options.ts';
import type { LookOptions } from './look.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { lookingAt } from './workload.ts';

/** `--dry-run`: tells what a look at a workload would ask, change and run, and does nothing of it. */
export const dryRun = (
  target: KubeTarget,
  options: LookOptions & ClusterOptions & { readonly output: string },
  terminal: Terminal,
): Promise<number> =>
  tellPlan(options.output, () => planOf(lookingAt(target, options, terminal), options.allow), terminal);

/** Tells a plan that is made only where it can be told. */
export async function tellPlan(output: string, plan: () => Promise<Plan>, terminal: Terminal): Promise<number> {
  if (!['terminal', 'json'].includes(output))
    throw new UsageError(`--dry-run has no format "${output}".`, 'Formats: terminal, json');
  const planned = await plan();
  const text = output === 'json' ? `${visibleJson(JSON.stringify(planned, null, 2))}\n` : planText(planned);
  await terminal.write(text);
  return EXIT.done;
}
