import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Report } from '../../src/core/report.ts';
import { counted } from '../counted.ts';
import { temporaryFolder } from '../temporary.ts';
import { findingOn, reportOf } from '../whyoom.ts';
import { apply, kubeconfigWith, namespace } from './cluster.ts';
import { imageService, lineOf } from './image-service.ts';
import { followLives } from './lives.ts';
import { forwarded, startPrometheus } from './prometheus.ts';
import { whyNoCluster } from './why-no-cluster.ts';

const onCluster = test.skipIf(whyNoCluster() !== undefined);

/** Of pods and logs, and of nothing else: no exec, no metrics API. */
const READ_RIGHTS = [
  { apiGroups: [''], resources: ['pods', 'events', 'pods/log'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['get', 'list'] },
];
const SOURCE = new URL('./image-service', import.meta.url).pathname;
/** The container is measured every 10 to 15 s: often enough in lives of a minute and a half. */
const SECONDS_AN_IMAGE = 0.9;
const INTO_LIFE_MS = 60_000;

onCluster(
  'by its logs, a Prometheus and its source alone an image service has both holders, their lines and patches, its work, and bytes an image',
  async () => {
    const space = await namespace();
    const kubeconfig = await kubeconfigWith(space, READ_RIGHTS);
    const saved = join(temporaryFolder(), 'case');
    const lives = followLives(space);
    await startPrometheus(space, 'metrics');
    await apply(imageService('images', SECONDS_AN_IMAGE), space);
    counted('pods', `${space}/images`);
    const { pod } = await lives.endedAfter('images', 0);
    await sleep(INTO_LIFE_MS);
    const url = await forwarded(space, 'metrics');
    const given = ['--kubeconfig', kubeconfig, '--prometheus', url, '--source', SOURCE, '--for', '0', '--save', saved];
    const report = await reportOf('deploy/images', '-n', space, ...given);
    console.log(report.headline, JSON.stringify([report.work, report.eta]));

    expect(report.verdict).toBe('leak');
    expectHolder(report, 'app.ImageProcessor.thumbnail_cache', 'thumbnail_cache[number]');
    expectHolder(report, 'app.ImageProcessor.processed_images', 'processed_images.append');
    const logs = await Promise.all(
      ['', '.previous'].map((which) => readFile(join(saved, 'logs', `${pod}.images${which}.log`), 'utf8')),
    );
    const { work, eta } = report;
    expect(work?.unit).toBe('image');
    expect(Math.abs(work!.perSecond.value * SECONDS_AN_IMAGE - 1)).toBeLessThan(0.25);
    expect(Math.abs(work!.bytesPerItem!.value / bytesAnImage(logs.join('')) - 1)).toBeLessThan(0.1);
    expect(eta?.status).toBe('estimated');
    // Nobody went into the pod.
    expect(report.processes).toBeUndefined();
  },
  300_000,
);

function expectHolder(report: Report, name: string, feeds: string): void {
  const finding = findingOn(report, { name });
  expect(finding?.places[0]).toMatchObject({ role: 'feeds', line: lineOf(feeds), how: 'log+source' });
  expect(finding!.fix.patch).toContain(name.split('.').at(-1));
}

/** An image's own, its thumbnail's, and what CPython 3.9 needs for its dict, number and two bytes objects. */
function bytesAnImage(log: string): number {
  const sizes = Array.from(log.matchAll(/Processed image \d+, size: (\d+) bytes/g), ([, bytes]) => Number(bytes));
  return sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length + 20_000 + 500;
}
