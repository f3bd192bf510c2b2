import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { counted } from '../counted.ts';
import { temporaryFolder } from '../temporary.ts';
import { reportOf } from '../whyoom.ts';
import { apply, kubeconfigWith, namespace } from './cluster.ts';
import { CACHE_PASSWORD, imageService } from './image-service.ts';
import { followLives, type Life, type Lives } from './lives.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);

/** `WHYOOM_LIVES=30`: for the share of intervals that hold the kill. */
const LIVES = Number(process.env.WHYOOM_LIVES ?? 10);
/** Between the starts of two, so that not all are looked at at once. */
const APART_MS = 5000;
/** What the runbook's reader may do, and no more. */
const READ_RIGHTS = [
  { apiGroups: [''], resources: ['pods', 'events', 'pods/log'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list'] },
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['get', 'list'] },
];

interface Place {
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly folder: string;
  readonly lives: Lives;
}

/** A service that was killed, looked at in its second life, and killed again. */
interface Looked {
  readonly report: Report;
  /** The life that the last kill in the report ended, and the one after it, whose end the report foretells. */
  readonly before: Life;
  readonly next: Life;
  /** The log of the life before, as the case has it. */
  readonly previousLog: string;
}

onCluster(
  'of an image service that is OOM killed every half minute it tells the kill, the life, the growth and the next kill',
  { timeout: 180_000 + LIVES * APART_MS },
  async () => {
    const space = await namespace();
    const place: Place = {
      namespace: space,
      kubeconfig: await kubeconfigWith(space, READ_RIGHTS),
      folder: temporaryFolder(),
      lives: followLives(space),
    };
    const all = Array.from({ length: LIVES }, async (_, at) => {
      await sleep(at * APART_MS);
      return await lookAtSecondLife(place, `images-${at}`, at % 4);
    });
    const looked = await Promise.all(all);
    const inside = looked.filter(isInside).length;
    console.log([...looked.map(lineOf), `${inside} of ${LIVES} inside`].join('\n'));
    for (const life of looked) expectToldRight(life);
    expect(inside, 'next kills inside their intervals').toBeGreaterThanOrEqual(Math.floor(LIVES * 0.9));
  },
);

async function lookAtSecondLife(place: Place, name: string, secondsIntoLife: number): Promise<Looked> {
  const { namespace, kubeconfig, folder, lives } = place;
  await apply(imageService(name), namespace);
  counted('pods', `${namespace}/${name}`);
  const first = await lives.endedAfter(name, 0);
  await sleep(secondsIntoLife * 1000);
  const saved = join(folder, name);
  const report = await reportOf(`deploy/${name}`, '-n', namespace, '--kubeconfig', kubeconfig, '--save', saved);
  const told = lastKillOf(report);
  const { life: before } = await lives.endedAfter(name, told);
  const { life: next } = await lives.endedAfter(name, told + 1);
  const previousLog = await readFile(join(saved, 'logs', `${first.pod}.${name}.previous.log`), 'utf8');
  return { report, before, next, previousLog };
}

function expectToldRight({ report, before, previousLog }: Looked): void {
  expect(report.kills).toContainEqual(
    expect.objectContaining({
      reason: 'OOMKilled',
      exitCode: 137,
      at: new Date(before.finishedAtUnixSeconds * 1000).toISOString(),
      livedSeconds: before.finishedAtUnixSeconds - before.startedAtUnixSeconds,
    }),
  );
  expect(report.headline).toMatch(/OOM killed/);
  expect(report.limit?.bytes).toBe(128 * 2 ** 20);
  expect(report.growth!.bytesPerSecond.value).toBeGreaterThan(2e6);
  expect(report.growth!.bytesPerSecond.value).toBeLessThan(6e6);
  expect(previousLog).toMatch(/^\d{4}-\S+Z .*Connecting to redis:\/\/\[hidden: login\]@cache/);
  expect(previousLog.match(/Processed image \d+, size: \d+ bytes\n/g)!.length).toBeGreaterThan(50);
  expect(JSON.stringify(report) + previousLog).not.toContain(CACHE_PASSWORD);
}

const lastKillOf = ({ kills = [] }: Report): number =>
  Math.max(0, ...kills.map(({ at }) => (at === undefined ? 0 : Date.parse(at) / 1000)));
const lookedAt = (report: Report): number => Date.parse(report.collectedAt) / 1000;
/** From the report to the kill; the API's times are of whole seconds, cut. */
const killedAfter = ({ report, next }: Looked): number => next.finishedAtUnixSeconds + 0.5 - lookedAt(report);

function isInside(looked: Looked): boolean {
  const { seconds } = looked.report.eta ?? {};
  const after = killedAfter(looked);
  return seconds !== undefined && seconds.low <= after && after <= seconds.high;
}

/** For who reads the test's output: `12.5 s into its life: kill in 19.8 s, said 20 s (15–26 s)`. */
function lineOf(looked: Looked): string {
  const { eta, collectedAt } = looked.report;
  const into = Date.parse(collectedAt) / 1000 - looked.next.startedAtUnixSeconds;
  const said = eta?.seconds
    ? `${eta.seconds.value.toFixed(1)} s (${eta.seconds.low.toFixed(1)}–${eta.seconds.high.toFixed(1)} s)`
    : (eta?.status ?? 'nothing');
  return `${into.toFixed(1)} s into its life: kill in ${killedAfter(looked).toFixed(1)} s, said ${said}`;
}
