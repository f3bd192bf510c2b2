import { gatherWorkload, type LookingAtWorkload } from '../app.ts';
import type { Case } from '../core/case.ts';
import type { KubeTarget } from '../core/kube-port.ts';
import { type ClusterOptions, connectionOf, kubeOptionsOf } from './kube-options.ts';
import { targetText } from './kube-target.ts';
import type { LookOptions } from './look.ts';
import type { Terminal } from './terminal.ts';

/** Looks at a workload in a cluster for as long as it takes, or until Ctrl-C. */
export const lookAtWorkload = (
  target: KubeTarget,
  options: LookOptions & ClusterOptions,
  terminal: Terminal,
): Promise<Case> => gatherWorkload(lookingAt(target, options, terminal));

/** A look as the command line asks for it. */
export const lookingAt = (
  target: KubeTarget,
  options: LookOptions & ClusterOptions,
  terminal: Terminal,
): LookingAtWorkload => ({
  target,
  typed: targetText(target, options),
  connection: connectionOf(options, terminal),
  // What is looked at for a moment is looked at from outside: to go inside and see what grows takes seconds.
  kubeOptions: { ...kubeOptionsOf(options), ...(options.for === 0 ? { ways: [] } : {}) },
  sourceDir: options.source,
  watchMs: options.for,
  maxPauseMs: options.maxPause,
  interrupted: terminal.interrupted,
  note: terminal.progress,
  confirm: async (question) => options.yes ?? (await terminal.confirm(question)),
});
