import type { Pods } from '../../core/kube-artifacts.ts';
import type { KubeTarget } from '../../core/kube-port.ts';
import type { Outcome } from '../../core/problem.ts';
import type { Report } from '../../core/report.ts';

/** What a workload is called in the report: the pod that is diagnosed, and what it belongs to. */
export function podTarget(asked: KubeTarget, namespace: string, pods: Outcome<Pods> | undefined): Report['target'] {
  if (!pods?.ok) return { kind: 'pod', name: `${namespace}/${typedText(asked)}` };
  const { workload, chosen } = pods.value;
  return {
    kind: 'pod',
    name: `${workload.namespace}/${chosen?.pod ?? workload.name}`,
    ...(chosen ? { container: chosen.container } : {}),
    ...(workload.kind === 'Pod' ? {} : { workload: workload.reference }),
  };
}

const typedText = (asked: KubeTarget): string =>
  asked.by === 'selector' ? `-l ${asked.selector}` : asked.type === 'pods' ? asked.name : `${asked.type}/${asked.name}`;
