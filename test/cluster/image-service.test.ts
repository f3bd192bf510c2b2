import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../temporary.ts';
import { kubeconfigWith, namespace } from './cluster.ts';
import { CACHE_PASSWORD } from './image-service.ts';
import { type Looked, lookAtSecondLife } from './image-service-life.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);

/** `WHYOOM_LIVES=30`: for the share of intervals that hold the kill. */
const LIVES = Number(process.env.WHYOOM_LIVES ?? 10);
/** Between the starts of two, so that not all are looked at at once. */
const APART_MS = 3000;
/** What the runbook's reader may do, and no more. */
const READ_RIGHTS = [
  { apiGroups: [''], resources: ['pods', 'events', 'pods/log'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list'] },
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['get', 'list'] },
];

onCluster(
  'of an image service that is OOM killed every half minute it tells the kill, the life, the growth and the next kill',
  { timeout: 120_000 + LIVES * 2 * APART_MS },
  async () => {
    const space = await namespace();
    const place = {
      namespace: space,
      kubeconfig: await kubeconfigWith(space, READ_RIGHTS),
      folder: temporaryFolder(),
    };
    const looked = await Promise.all(
      Array.from({ length: LIVES }, async (_, at) => {
        await sleep(at * APART_MS);
        return await lookAtSecondLife(place, `images-${at}`, (at % 4) * 2);
      }),
    );
    for (const life of looked) expectToldRight(life);
    const inside = looked.filter(isInside).length;
    console.log(looked.map(lineOf).join('\n'));
    expect(inside, 'next kills inside their intervals').toBeGreaterThanOrEqual(Math.floor(LIVES * 0.9));
  },
);

function expectToldRight({ report, before, previousLog }: Looked): void {
  expect(report.kills).toContainEqual(
    expect.objectContaining({
      reason: 'OOMKilled',
      exitCode: 137,
      at: new Date(before.finishedAt * 1000).toISOString(),
      livedSeconds: before.finishedAt - before.startedAt,
    }),
  );
  expect(report.restarts).toBe(1);
  expect(report.headline).toMatch(/OOM/);
  expect(report.limit?.bytes).toBe(128 * 2 ** 20);
  expect(report.growth!.bytesPerSecond.value).toBeGreaterThan(2e6);
  expect(report.growth!.bytesPerSecond.value).toBeLessThan(6e6);
  expect(previousLog).toMatch(/^\d{4}-\S+Z .*Connecting to redis:\/\/\[hidden: login\]@cache/);
  expect(previousLog).toMatch(/Processed image \d+, size: \d+ bytes\n$/);
  expect(JSON.stringify(report) + previousLog).not.toContain(CACHE_PASSWORD);
}

/** The API's times are of whole seconds, cut. */
const killedAt = ({ during }: Looked): number => during.finishedAt + 0.5;
const lookedAt = ({ report }: Looked): number => Date.parse(report.collectedAt) / 1000;

function isInside(looked: Looked): boolean {
  const { seconds } = looked.report.eta ?? {};
  const after = killedAt(looked) - lookedAt(looked);
  return seconds !== undefined && seconds.low <= after && after <= seconds.high;
}

/** For who reads the test's output: `12.5 s into its life: kill in 19.8 s, said 20 s (15–26 s)`. */
function lineOf(looked: Looked): string {
  const { eta } = looked.report;
  const into = lookedAt(looked) - looked.during.startedAt;
  const after = killedAt(looked) - lookedAt(looked);
  const said = eta?.seconds
    ? `${eta.seconds.value.toFixed(0)} s (${eta.seconds.low.toFixed(0)}–${eta.seconds.high.toFixed(0)} s)`
    : (eta?.status ?? 'nothing');
  return `${into.toFixed(1)} s into its life: kill in ${after.toFixed(1)} s, said ${said}`;
}
