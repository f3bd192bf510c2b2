import type { ContainerInfo, Nodes, PodInfo } from '../../core/kube-artifacts.ts';
import type { Limit } from '../../core/report.ts';

/**
 * What the memory of a container may not exceed. What the node applies comes before the spec (an in-place resize); the
 * pod's own limit counts where it is the tighter one, or the only one (`spec.resources`, KEP-2837). Without either it is
 * what the node has for pods. Defaults of a LimitRange are in the spec already: they are applied at admission.
 */
export function limitInForce(pod: PodInfo, container: ContainerInfo, nodes: Nodes | undefined): Limit | undefined {
  const own = positive(container.inForce?.limitBytes ?? container.spec.limitBytes);
  const shared = positive(pod.podLevel?.limitBytes);
  if (own !== undefined && (shared === undefined || own <= shared)) return { bytes: own, scope: 'container' };
  if (shared !== undefined) return { bytes: shared, scope: 'pod' };
  const node = nodes?.nodes.find(({ name }) => name === pod.node);
  const allocatable = positive(node?.memoryAllocatableBytes ?? node?.memoryCapacityBytes);
  return allocatable === undefined ? undefined : { bytes: allocatable, scope: 'node' };
}

/** A limit of 0 is none. */
const positive = (bytes: number | undefined): number | undefined =>
  bytes !== undefined && bytes > 0 ? bytes : undefined;
