import { expect, test } from 'vitest';
import { createApi } from '../../../src/sources/kube/api.ts';
import { readLimitRanges } from '../../../src/sources/kube/limit-ranges.ts';
import { readNodeStats } from '../../../src/sources/kube/node-stats.ts';
import { readNode } from '../../../src/sources/kube/nodes.ts';
import { fakeApi, json } from './fake-api.ts';

const MIB = 2 ** 20;
const apiGiving = async (body: unknown) => {
  const asked: string[] = [];
  const { connection } = await fakeApi((_, response, { pathname }) => {
    asked.push(pathname);
    json(response, body);
  });
  return { api: await createApi(connection), asked };
};

test('limit ranges tell what a container and a pod get and may have', async () => {
  const limits = [
    {
      type: 'Container',
      default: { memory: '128Mi', cpu: '1' },
      defaultRequest: { memory: '64Mi' },
      max: { memory: '1Gi' },
    },
    { type: 'Pod', max: { memory: '2Gi' }, min: { memory: '16Mi' } },
    { type: 'PersistentVolumeClaim', max: { storage: '1Ti' } },
  ];
  const { api, asked } = await apiGiving({ items: [{ metadata: { name: 'mem' }, spec: { limits } }, { spec: 7 }] });
  expect(await readLimitRanges(api, 'shop')).toEqual([
    {
      name: 'mem',
      type: 'Container',
      defaultLimitBytes: 128 * MIB,
      defaultRequestBytes: 64 * MIB,
      maxBytes: 1024 * MIB,
    },
    { name: 'mem', type: 'Pod', maxBytes: 2048 * MIB, minBytes: 16 * MIB },
  ]);
  expect(asked).toEqual(['/api/v1/namespaces/shop/limitranges']);
});

test('a node tells its pressure and its memory', async () => {
  const { api } = await apiGiving({
    metadata: { name: 'node-1' },
    spec: { unschedulable: true },
    status: {
      capacity: { cpu: '2', memory: '8151208Ki' },
      allocatable: { memory: '8048808Ki' },
      conditions: [
        {
          type: 'MemoryPressure',
          status: 'True',
          reason: 'KubeletHasInsufficientMemory',
          message: 'kubelet has insufficient memory available',
          lastTransitionTime: '2026-11-23T06:44:43Z',
        },
        { status: 'True' },
      ],
      nodeInfo: { kubeletVersion: 'v1.34.4' },
    },
  });
  expect(await readNode(api, 'node-1')).toEqual({
    name: 'node-1',
    conditions: [
      {
        type: 'MemoryPressure',
        status: 'True',
        reason: 'KubeletHasInsufficientMemory',
        message: 'kubelet has insufficient memory available',
        atUnixSeconds: 1_795_416_283,
      },
    ],
    memoryCapacityBytes: 8_151_208 * 1024,
    memoryAllocatableBytes: 8_048_808 * 1024,
    unschedulable: true,
    kubelet: 'v1.34.4',
  });
});

test('of the statistics of a kubelet only the pods of the namespace that are asked for are taken', async () => {
  const stats = (name: string, namespace: string) => ({
    podRef: { name, namespace, uid: 'u' },
    containers: [
      {
        name: 'orca',
        memory: { time: '2026-11-23T06:44:43Z', usageBytes: 5, workingSetBytes: 41 * MIB, rssBytes: 39 * MIB },
      },
      { name: 'starting' },
    ],
  });
  const { api, asked } = await apiGiving({
    node: {},
    pods: [stats('a', 'shop'), stats('b', 'shop'), stats('a', 'other')],
  });
  expect(await readNodeStats(api, 'node-1', ['a'], 'shop')).toEqual([
    { pod: 'a', container: 'orca', measure: 'working-set', samples: [[1_795_416_283, 41 * MIB]] },
    { pod: 'a', container: 'orca', measure: 'rss', samples: [[1_795_416_283, 39 * MIB]] },
  ]);
  expect(asked).toEqual(['/api/v1/nodes/node-1/proxy/stats/summary']);
});
