import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LogDigester } from '../../../src/logs/digest.ts';
import { LogReader } from '../../../src/logs/log-reader.ts';
import { normalFrom, seeded } from '../../../src/stats/seeded.ts';
import { expectValidReport } from '../../report-valid.ts';
import { ended, metrics, NOW, pod, podReport, podsOf, running } from '../made-pods.ts';

const MIB = 2 ** 20;
const APP = `import logging
logger = logging.getLogger("orca")
class ImageProcessor:
    def __init__(self):
        self.processed_images = []
        self.thumbnail_cache = {}

    def process_image(self, image):
        self.processed_images.append({"id": image.id, "data": image.data})
        self.thumbnail_cache[image.id] = image.thumbnail()
        logger.info(f"Cache size: {len(self.thumbnail_cache)} thumbnails")
        logger.info("Processed %d images so far", len(self.processed_images))
`;
const source = {
  files: [{ path: 'app.py', sha256: createHash('sha256').update(APP).digest('hex'), text: APP }],
  missing: [],
};

/** The image service: 1.3 MiB an image, killed at 128 MiB after 64 s, and on its way there again. */
const random = seeded(11);
const LIVES = [
  { from: NOW - 130, seconds: 64 },
  { from: NOW - 50, seconds: 50 },
];
const lives = LIVES.map(({ from, seconds }) => {
  let images = 0;
  return Array.from({ length: seconds }, (_, at) => {
    images += at % 12 < 6 ? Math.round(2.4 * random() + 0.6) : Math.round(0.9 * random());
    return { at: from + at, images };
  });
});

function digestOf(lines: (value: { at: number; images: number }) => string[]) {
  const digester = new LogDigester();
  for (const life of lives) {
    digester.nextLog();
    const reader = new LogReader((line) => digester.add(line));
    for (const each of life)
      for (const line of lines(each)) reader.push(Buffer.from(`${new Date(each.at * 1000).toISOString()} ${line}\n`));
    reader.end();
  }
  const sources = [
    { name: 'previous', bytes: 1 },
    { name: 'current', bytes: 1 },
  ];
  return { programs: [{ pod: 'orca-1', container: 'app', sources, digest: digester.finish() }] };
}

const said = ({ images }: { images: number }) => [
  `INFO orca: Cache size: ${Math.ceil(images / 2)} thumbnails`,
  `INFO orca: Processed ${images} images so far`,
];
const pods = podsOf([pod([{ restarts: 1, state: running(50), lastState: ended(66, 64) }])]);
const workingSet = ({ images }: { images: number }) =>
  Math.round(30 * MIB + images * 1.3 * MIB + 0.5 * MIB * normalFrom(random));
const measured = metrics({
  pod: 'orca-1',
  container: 'app',
  measure: 'working-set',
  samples: lives
    .flat()
    .flatMap((each, index) => (index % 4 === 0 ? [[each.at, workingSet(each)] as [number, number]] : [])),
});

describe('a pod that was killed, with its logs and its memory, and nothing read in it', () => {
  const report = podReport({ pods, 'pod-metrics': measured, 'log-digest': digestOf(said) });

  test('grows with the work that its log counts, 1.3 MiB an image', () => {
    expectValidReport(report);
    expect(report.work?.unit).toBe('image');
    expect(Math.abs(report.work!.bytesPerItem.value / (1.3 * MIB) - 1)).toBeLessThan(0.1);
    expect(report.growth?.with).toBe('work');
    expect(report.eta?.status).toBe('estimated');
  });

  test('is a risk, and the cache of its log a lead with the command that shows it', () => {
    expect(report.verdict).toBe('oom-risk');
    const finding = report.findings.find(({ cause }) => cause === 'unbounded-cache');
    expect(finding?.evidence[0]).toMatchObject({ from: 'log-digest' });
    expect(finding?.evidence[0]?.reproduce).toContain('kubectl logs pod/orca-1 -c app');
    expect(report.headline).toContain('Cache size');
  });

  test('leaks in two places that the source names, whatever the words call work', () => {
    const named = podReport({ pods, 'pod-metrics': measured, 'log-digest': digestOf(said), 'log-source': source });
    expectValidReport(named);
    expect(named.verdict).toBe('leak');
    expect(named.findings.flatMap(({ holder }) => holder?.name ?? []).sort()).toEqual([
      'app.ImageProcessor.processed_images',
      'app.ImageProcessor.thumbnail_cache',
    ]);
    expect(named.findings.every(({ places, fix }) => places[0]?.role === 'feeds' && fix.patch !== undefined)).toBe(
      true,
    );
  });
});

test('a pod whose memory nobody measured meets its limit by the numbers of its log', () => {
  const own = (each: { images: number }) => [
    ...said(each),
    `INFO orca: rss=${(workingSet(each) / MIB).toFixed(1)} MiB`,
  ];
  const alive = podsOf([pod([{ state: running(50) }])]);
  const report = podReport({ pods: alive, 'log-digest': digestOf(own) });
  expectValidReport(report);
  expect(report.growth?.with).toBe('work');
  expect(report.eta?.status).toBe('estimated');
  const used = 30 + lives[1]!.at(-1)!.images * 1.3;
  const rate = (lives[1]!.at(-1)!.images * 1.3) / 50;
  expect(report.eta!.seconds!.low).toBeLessThan((128 - used) / rate);
  expect(report.eta!.seconds!.high).toBeGreaterThan((128 - used) / rate);
});
