import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { median } from '../../src/stats/quantiles.ts';
import { counted } from '../counted.ts';
import { findingOn, reportOf } from '../whyoom.ts';
import { apply, kubeconfigWith, namespace } from './cluster.ts';
import { imageService, lineOf } from './image-service.ts';
import { followLives, type Life } from './lives.ts';
import { untilRunning } from './pod.ts';
import { podOf } from './pods-of.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);

/** `WHYOOM_PODS=30` */
const PODS = Number(process.env.WHYOOM_PODS ?? 10);
/** Between the starts of two, so that few are looked at at once. */
const APART_MS = 9000;
/** What it takes to read the API, and the heap. */
const RIGHTS = [
  { apiGroups: [''], resources: ['pods', 'events', 'pods/log'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list'] },
  { apiGroups: ['metrics.k8s.io'], resources: ['pods'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
];
/** A life with whyoom in the pod is not shorter than one without, but for what lives differ by anyway. */
const LEAST_SHARE = 0.85;

interface Looked {
  readonly report: Report;
  /** The life that was looked into, and the next, into which nobody looked. */
  readonly withLook: Life;
  readonly without: Life;
}

onCluster(
  'of an image service that will be OOM killed one command names both holders, their lines and what to change, and does not hasten the kill',
  { timeout: 240_000 + PODS * APART_MS },
  async () => {
    const space = await namespace();
    const kubeconfig = await kubeconfigWith(space, RIGHTS);
    const lives = followLives(space);
    const lookInto = async (name: string): Promise<Looked> => {
      await apply(imageService(name), space);
      counted('pods', `${space}/${name}`);
      const pod = await podOf(space, name);
      await untilRunning(space, pod);
      const report = await reportOf(`deploy/${name}`, '-n', space, '--kubeconfig', kubeconfig, '--for', '15s');
      const { life: withLook } = await lives.endedAfter(name, 0);
      const { life: without } = await lives.endedAfter(name, withLook.finishedAtUnixSeconds + 1);
      return { report, withLook, without };
    };
    const all = Array.from({ length: PODS }, async (_, at) => {
      await sleep(at * APART_MS);
      return await lookInto(`images-${at}`);
    });
    const looked = await Promise.all(all);
    const seconds = (life: Life) => life.finishedAtUnixSeconds - life.startedAtUnixSeconds;
    const [withLook, without] = [
      looked.map((each) => seconds(each.withLook)),
      looked.map((each) => seconds(each.without)),
    ];
    const told = (name: string, all: number[]) => `${name}: median ${median(all)} s, longest ${Math.max(...all)} s`;
    console.log(
      [...looked.map(({ report }) => report.headline), told('with whyoom', withLook), told('without', without)].join(
        '\n',
      ),
    );
    for (const { report } of looked) expectBothHolders(report);
    expect(median(withLook)!).toBeGreaterThanOrEqual(median(without)! * LEAST_SHARE);
  },
);

function expectBothHolders(report: Report): void {
  expect(report.verdict, `${report.headline} ${JSON.stringify(report.unknown)}`).toBe('leak');
  const images = findingOn(report, { name: '__main__.ImageProcessor.processed_images' })!;
  expect(images.places[0]).toMatchObject({
    role: 'feeds',
    file: '/app/app.py',
    line: lineOf('processed_images.append'),
  });
  const { growth } = images.holder!;
  const perItem = growth!.bytesPerSecond / growth!.itemsPerSecond;
  expect(perItem).toBeGreaterThan(0.8e6);
  expect(perItem).toBeLessThan(1.8e6);
  expect(images.fix.patch ?? images.fix.advice.join()).not.toBe('');
  const thumbnails = findingOn(report, { name: '__main__.ImageProcessor.thumbnail_cache' })!;
  expect(thumbnails.places[0]).toMatchObject({ file: '/app/app.py', line: lineOf('thumbnail_cache[number]') });
  expect(report.eta?.status).toBe('estimated');
}
