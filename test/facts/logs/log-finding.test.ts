import { describe, expect, test } from 'vitest';
import { judgeLog } from '../../../src/facts/logs/judged-log.ts';
import { logFindings } from '../../../src/facts/logs/log-finding.ts';
import { etaBy, growthPart, workPart } from '../../../src/facts/logs/log-report.ts';
import { sourceOfNumber } from '../../../src/facts/logs/number-source.ts';
import { unitOf } from '../../../src/facts/logs/number-words.ts';
import type { NumberSeries } from '../../../src/logs/number-series.ts';
import { normalFrom, seeded } from '../../../src/stats/seeded.ts';
import { MiB, measured, number, upTo } from './made-numbers.ts';

const APP = `class ImageProcessor:
    def __init__(self):
        self.processed_images = []
        self.thumbnail_cache = {}
        self.done = 0

    def process(self, image):
        self.processed_images.append(image)
        self.thumbnail_cache[image.id] = image.thumbnail()
        self.done += 1
        logger.info(f"Cache size: {len(self.thumbnail_cache)} thumbnails")
        logger.info("Cache entries written: %d", self.done)
`;
const source = { files: [{ path: 'app.py', module: 'app', sha256: '0'.repeat(64), text: APP }], missing: [] };
const sourceOf = (series: NumberSeries) =>
  sourceOfNumber(source, { series, example: series.template.replaceAll('<*>', '12') });
const showLines = (text: string) => `grep -F '${text}' app.log`;

const random = seeded(21);
let done = 0;
const images = upTo(90, (at) => (done += at % 30 < 15 ? 1 + Math.round(3 * random()) : Math.round(random())));
const memory = measured([images.map((each) => 30 * MiB + each * 0.5 * MiB + 0.5 * MiB * normalFrom(random))]);
const cache = number('Cache size: <*> thumbnails', [images]);

describe('a cache that grows in the log', () => {
  test('is named with its lines and a patch, where there is source', () => {
    const judged = judgeLog([cache], { measured: [memory], sourceOf });
    const [finding] = logFindings(judged, { source, showLines, limitBytes: 256 * MiB });
    expect(finding).toMatchObject({
      cause: 'unbounded-cache',
      holder: { name: 'app.ImageProcessor.thumbnail_cache', items: images.at(-1) },
    });
    expect(finding!.places[0]).toMatchObject({ role: 'feeds', line: 9, how: 'log+source' });
    expect(finding!.fix.patch).toContain('thumbnail_cache');
    expect(Math.abs(finding!.holder!.bytesPerItem! / (0.5 * MiB) - 1)).toBeLessThan(0.1);
    expect(finding!.evidence[0]!.reproduce).toBe("grep -F 'Cache size:' app.log");
  });

  test('and what is fed wherever the work is counted, and never emptied, is named beside it', () => {
    const written = number('Cache entries written: <*>', [images]);
    const findings = logFindings(judgeLog([cache, written], { measured: [memory], sourceOf }), { source, showLines });
    expect(findings.map(({ holder }) => holder?.name)).toEqual([
      'app.ImageProcessor.thumbnail_cache',
      'app.ImageProcessor.processed_images',
    ]);
    expect(findings[1]).toMatchObject({ confidence: { level: 'medium' }, holder: { items: images.at(-1) } });
    expect(findings[1]!.places[0]).toMatchObject({ role: 'feeds', line: 8, how: 'log+source' });
    expect(findings[1]!.summary).toContain('is fed wherever the log counts "Cache entries written: …"');
    // Of two that are fed together memory cannot tell which takes how much: each is bounded as if it took all.
    expect(findings.map(({ holder }) => [holder?.bytesPerItem, holder?.growth?.bytesPerSecond])).toEqual([
      [undefined, 0],
      [undefined, 0],
    ]);
    for (const { evidence } of findings)
      expect(evidence.map(({ says }) => says)).toContain(
        'Memory grows along with this and 1 other: which of them takes how much is not known.',
      );
    const limited = logFindings(judgeLog([cache, written], { measured: [memory], sourceOf }), {
      source,
      showLines,
      limitBytes: 128 * MiB,
    });
    const bounds = limited.map(({ fix }) => Number(/(\d+) items/.exec(fix.summary)?.[1]));
    for (const bound of bounds) expect(bound * 0.5).toBeLessThan(128);
    const still = measured([images.map(() => 30 * MiB + MiB * normalFrom(random))]);
    expect(logFindings(judgeLog([cache, written], { measured: [still], sourceOf }), { source, showLines })).toEqual([]);
  });

  test('what is emptied somewhere is not said to be emptied nowhere', () => {
    const text = `${APP}
    def flush(self):
        self.processed_images.clear()
        self.thumbnail_cache.clear()
`;
    const files = source.files.map((file) => ({ ...file, text }));
    const written = number('Cache entries written: <*>', [images]);
    // Memory follows what is written far better than the clock: so it is taken for what is kept.
    const ticks = number('Handled <*> ticks', [upTo(90, (at) => at)]);
    const judged = judgeLog([written, ticks], {
      measured: [memory],
      sourceOf: (series) => sourceOfNumber({ files }, { series, example: series.template.replaceAll('<*>', '12') }),
    });
    const [finding] = logFindings(judged, { source: { ...source, files }, showLines });
    expect(finding!.summary).toMatch(/is fed wherever the log counts "Cache entries written: …": /);
  });

  test('is what the log calls it, where there is none', () => {
    const [finding] = logFindings(judgeLog([cache]), { showLines });
    expect(finding).toMatchObject({
      cause: 'unbounded-cache',
      confidence: { level: 'low', basis: 'rule' },
      places: [],
    });
    expect(finding!.holder).toBeUndefined();
    expect(finding!.summary).toContain('What the log calls "Cache size: … thumbnails" only grows');
  });

  test('is said to contradict a heap in which nothing of that name grew', () => {
    const judged = judgeLog([cache], { measured: [memory], sourceOf });
    const [finding] = logFindings(judged, { source, showLines, heap: { leaking: [], seconds: 30 } });
    expect(finding!.confidence.level).toBe('low');
    expect(finding!.evidence.at(-1)!.says).toContain('contradict');
    const same = { leaking: ['app.ImageProcessor.thumbnail_cache'], seconds: 30 };
    expect(logFindings(judged, { source, showLines, heap: same })).toEqual([]);
  });

  test('without a name in the source may be any of the containers that the heap saw grow', () => {
    const judged = judgeLog([cache], { measured: [memory] });
    const says = (leaking: readonly string[]) =>
      logFindings(judged, { showLines, heap: { leaking, seconds: 30 } })[0]!.evidence.at(-1)!.says;
    expect(says(['app.ImageProcessor.processed_images'])).not.toContain('contradict');
    expect(says([])).toContain('no container was seen to grow');
  });

  test('is not one whose "entries" the source prints from a counter of work', () => {
    const written = number('Cache entries written: <*>', [images]);
    expect(logFindings(judgeLog([written], { sourceOf }), { source, showLines })).toEqual([]);
  });
});

test.each([
  ['total: <*> images', 'total', 'image'],
  ['done so far: <*>', 'done so far', 'item'],
  ['<*> total requests', 'requests', 'request'],
  ['cache hits: <*>', 'hits', 'hit'],
])('an item of "%s" is called by what is counted', (template, name, unit) => {
  expect(unitOf({ template, name, place: 0, unit: 'count' })).toBe(unit);
});

describe('the report', () => {
  const work = number('Processed <*> images so far', [images]);
  const judged = judgeLog([cache, work], { measured: [memory] });

  test('has work, and the bytes of an item', () => {
    const { work: told } = workPart(judged);
    expect(told).toMatchObject({ unit: 'image', bytesPerItem: { level: 0.9 } });
    expect(Math.abs(told!.bytesPerItem.value / (0.5 * MiB) - 1)).toBeLessThan(0.1);
    expect(growthPart(judged).growth?.with).toBe('work');
  });

  test('has the time to the limit, if there is one', () => {
    expect(etaBy(judged, undefined)).toEqual({ status: 'no-limit' });
    const eta = etaBy(judged, 150 * MiB);
    expect(eta.status).toBe('estimated');
    const { low, value, high } = eta.seconds!;
    expect(low).toBeLessThanOrEqual(value);
    expect(value).toBeLessThanOrEqual(high);
    expect(Math.abs(value / ((150 - 30 - images.at(-1)! * 0.5) / ((images.at(-1)! * 0.5) / 90)) - 1)).toBeLessThan(0.3);
  });

  test('has none of a memory that stands still', () => {
    const still = judgeLog([work], {
      measured: [measured([upTo(90, () => 80 * MiB + 0.05 * MiB * normalFrom(random))])],
    });
    expect(etaBy(still, 150 * MiB)).toEqual({ status: 'no-growth' });
    expect(workPart(still)).toEqual({});
    expect(growthPart(still).growth?.bytesPerSecond.low).toBeLessThanOrEqual(0);
  });
});
