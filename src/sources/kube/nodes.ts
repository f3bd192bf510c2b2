import type { Nodes } from '../../core/kube-artifacts.ts';
import { type Api, pathOf } from './api.ts';
import { conditionsOf } from './conditions.ts';
import { fieldsAt, quantityBytes, textOf } from './fields.ts';

type Node = Nodes['nodes'][number];

/** A node's conditions and memory. Throws a ProblemError where it may not be read, or has gone. */
export async function readNode(api: Api, name: string): Promise<Node> {
  const { body } = await api.get(pathOf('api', 'v1', 'nodes', name));
  return nodeOf(body, name);
}

export function nodeOf(body: unknown, name: string): Node {
  const status = fieldsAt(body, 'status');
  const capacity = quantityBytes(fieldsAt(status, 'capacity').memory);
  const allocatable = quantityBytes(fieldsAt(status, 'allocatable').memory);
  const kubelet = textOf(fieldsAt(status, 'nodeInfo').kubeletVersion);
  return {
    name,
    conditions: conditionsOf(status.conditions),
    ...(capacity === undefined ? {} : { memoryCapacityBytes: capacity }),
    ...(allocatable === undefined ? {} : { memoryAllocatableBytes: allocatable }),
    unschedulable: fieldsAt(body, 'spec').unschedulable === true,
    ...(kubelet === undefined ? {} : { kubelet }),
  };
}
