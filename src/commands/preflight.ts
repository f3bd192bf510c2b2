import { preflight as preflightOf } from '../app.ts';
import { grantsText, preflightText } from '../formats/preflight.ts';
import { visibleJson } from '../util/text-escape.ts';
import { EXIT } from './exit-code.ts';
import { type ClusterOptions, connectionOf, kubeOptionsOf } from './kube-options.ts';
import { kubeTargetOf, targetText } from './kube-target.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const FORMATS = ['terminal', 'yaml', 'json'];

/** `whyoom preflight TARGET`: what can be checked with the rights that there are, and the Role for the rest. */
export async function preflight(
  words: readonly string[],
  options: ClusterOptions & { readonly output: string },
  terminal: Terminal,
): Promise<number> {
  const target = kubeTargetOf(words, options.selector);
  if (!target) throw new UsageError('Nothing to ask for.', 'For example: whyoom preflight deploy/orca -n app-95');
  if (!FORMATS.includes(options.output))
    throw new UsageError(`whyoom preflight has no format "${options.output}".`, `Formats: ${FORMATS.join(', ')}`);
  const looking = {
    target,
    typed: targetText(target, options),
    connection: connectionOf(options, terminal),
    kubeOptions: kubeOptionsOf(options),
    watchMs: 0,
    maxPauseMs: 0,
    interrupted: terminal.interrupted,
    note: terminal.progress,
  };
  const asked = await preflightOf(looking, options.allow);
  if (options.output === 'yaml') await terminal.write(grantsText(asked));
  else if (options.output === 'json') await terminal.write(`${visibleJson(JSON.stringify(asked, null, 2))}\n`);
  else await terminal.write(preflightText(asked));
  return EXIT.done;
}
