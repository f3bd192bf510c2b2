import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Report } from '../../src/core/report.ts';
import { counted } from '../counted.ts';
import { reportOf } from '../whyoom.ts';
import { apply, get, KUBECONFIG, kubectl, makeNamespace, removeNamespace, waitUntil } from './cluster.ts';
import { LONG, type PodStatus, VERDICT_CASES, type VerdictCase } from './verdict-cases.ts';
import { whyNoCluster } from './why-no-cluster.ts';

/**
 * What is said of each kind of pod, on the real cluster. All of them run side by side and are looked at at once: together it
 * takes two minutes.
 */
const looks = new Map<string, Promise<Report>>();
let space: string;

describe.skipIf(whyNoCluster() !== undefined)('what is said of', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    space = await makeNamespace();
    const items = Object.values(VERDICT_CASES).flatMap(({ objects }) => objects);
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), space);
    for (const [name, each] of Object.entries(VERDICT_CASES)) {
      const look = lookAt(each);
      // A failure is that of its own test, which may come to it minutes later.
      look.catch(() => undefined);
      looks.set(name, look);
    }
  });
  afterAll(() => removeNamespace(space));

  test.each(Object.entries(VERDICT_CASES))('%s', async (name, { verdict, headline, causes }) => {
    const report = await looks.get(name)!;
    expect(report.headline).toMatch(headline);
    expect(report.verdict).toBe(verdict);
    expect(report.findings.map(({ cause }) => cause)).toEqual(causes);
    counted('pods', name);
  });
});

async function lookAt({ target, ready, recorded, watchFor }: VerdictCase): Promise<Report> {
  await waitUntil(`state of ${target} to look at`, async () => (await podsOf(target)).some(ready), 120_000, 1000);
  if (recorded) {
    const patch = JSON.stringify({ status: recorded });
    await kubectl('patch', target, '-n', space, '--subresource=status', '--type=merge', '-p', patch);
  }
  if (watchFor === LONG)
    await waitUntil(`first sample of ${target}`, async () => (await sampled()).has(appOf(target)), 120_000, 2000);
  const report = await reportOf(target, '-n', space, '--kubeconfig', KUBECONFIG, '--for', watchFor, '--allow', 'api');
  // Containers that come and go all the time keep the kubelet from answering metrics-server, which the others wait for.
  await kubectl('delete', target, '-n', space, '--wait=false');
  return report;
}

const status = z.object({
  name: z.string(),
  restartCount: z.number(),
  state: z.object({ running: z.object({}).optional(), terminated: z.object({}).optional() }),
  lastState: z.object({ terminated: z.object({}).optional() }),
});
const podsSchema = z.object({
  items: z.array(
    z.object({
      status: z.object({
        phase: z.string(),
        reason: z.string().optional(),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
        containerStatuses: z.array(status).optional(),
        initContainerStatuses: z.array(status).optional(),
      }),
    }),
  ),
});

const appOf = (target: string): string => target.slice(target.indexOf('/') + 1);

const metricsSchema = z.object({
  items: z.array(z.object({ metadata: z.object({ labels: z.object({ app: z.string() }) }) })),
});

/** The labels of the pods of which the metrics API has a number. */
async function sampled(): Promise<Set<string>> {
  const answer = await kubectl('get', '--raw', `/apis/metrics.k8s.io/v1beta1/namespaces/${space}/pods`);
  return new Set(metricsSchema.parse(JSON.parse(answer)).items.map(({ metadata }) => metadata.labels.app));
}

/** The pods of a target: they are labelled with its name. */
async function podsOf(target: string): Promise<PodStatus[]> {
  const { items } = podsSchema.parse(await get('pods', '-n', space, '-l', `app=${appOf(target)}`));
  return items.map(({ status: { containerStatuses = [], initContainerStatuses = [], ...rest } }) => ({
    ...rest,
    containers: [...containerStatuses, ...initContainerStatuses].map(({ name, restartCount, state, lastState }) => ({
      name,
      // A busy kubelet counts a restart some time before it tells of the life that ended.
      restarts: lastState.terminated ? restartCount : 0,
      isRunning: state.running !== undefined,
      hasEnded: state.terminated !== undefined,
    })),
  }));
}
