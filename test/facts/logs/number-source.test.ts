import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { fixOfLogged, type LoggedNumber, sourceOfNumber } from '../../../src/facts/logs/number-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'whyoom-logged-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = (files: Record<string, string>) => ({
  files: Object.entries(files).map(([path, text]) => ({ path, text, sha256: '' })),
});
const number = (template: string, value: string, place = 0): LoggedNumber => ({
  series: { template, place },
  example: template.replaceAll('<*>', value),
});

/** An image service as the issue has it: two holders, a count of work, a bounded cache, memory of its own. */
const IMAGES = source({
  'src/images/service.py': `import logging
import resource
from collections import deque

from images.store import Store

logger = logging.getLogger(__name__)


class ImageProcessor:
    def __init__(self, store):
        self.store = store
        self.processed_images = []
        self.thumbnail_cache = {}
        self.recent = deque(maxlen=50)
        self.processed_count = 0
        self.failures = 0

    def process_image(self, image):
        processed = {"id": image, "data": b"x" * 1000000}
        self.processed_images.append(processed)
        self.thumbnail_cache[image] = processed["data"][:1000]
        self.recent.append(image)
        self.store.put(image)
        return processed

    def report(self):
        logger.info(f"Processed {self.processed_count} images so far")
        logger.info("Thumbnail cache size: %d", len(self.thumbnail_cache))
        logger.info("Currently has %d images in memory", len(self.processed_images))
        logger.info("Recent window: %d", len(self.recent))
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        logger.info("Memory: %.1f MB", rss / 1024)
        self.store.report()

    def run(self, images):
        for image in images:
            self.process_image(image)
            self.processed_count += 1
            self.report()
`,
  'src/images/store.py': `class Store:
    """Keeps names."""

    names = set()

    def put(self, name):
        self.names.add(name)

    def report(self):
        print("store: {} names".format(len(self.names)))
`,
});

describe('the numbers of an image service', () => {
  test.each([
    ['Thumbnail cache size: <*>', 29, 'unbounded-cache', 'images.service.ImageProcessor.thumbnail_cache', [22]],
    [
      'Currently has <*> images in memory',
      30,
      'unbounded-collection',
      'images.service.ImageProcessor.processed_images',
      [21],
    ],
    ['store: <*> names', 10, 'global-accumulation', 'images.store.Store.names', [7]],
  ] as const)('%s', (template, line, cause, name, feeds) => {
    const found = sourceOfNumber(IMAGES, number(template, '120'));
    expect(found?.printed).toMatchObject([{ line }]);
    expect(found?.holders).toHaveLength(1);
    const [holder] = found!.holders;
    expect(holder).toMatchObject({ name, cause, by: 'size' });
    expect(holder!.places.filter(({ role }) => role === 'feeds').map((place) => place.line)).toEqual(feeds);
    expect(holder!.places.every(({ how }) => how === 'log+source')).toBe(true);
  });

  test('a patch for a holder applies in the folder, and is Python', () => {
    for (const template of ['Thumbnail cache size: <*>', 'Currently has <*> images in memory']) {
      const [holder] = sourceOfNumber(IMAGES, number(template, '96'))!.holders;
      const fix = fixOfLogged(IMAGES, holder!, { items: 96, bytesPerItem: 1.3e6, limitBytes: 128 * 2 ** 20 });
      expect(fix.patch).toContain('--- a/src/images/service.py');
      const at = mkdtempSync(join(folder, 'patched-'));
      for (const { path, text } of IMAGES.files) {
        mkdirSync(dirname(join(at, path)), { recursive: true });
        writeFileSync(join(at, path), text);
      }
      execFileSync('patch', ['-p1', '--fuzz=0', '-s', '-d', at], { input: fix.patch! });
      execFileSync('python3', ['-m', 'py_compile', join(at, 'src/images/service.py')]);
      expect(readFileSync(join(at, 'src/images/service.py'), 'utf8')).not.toBe(IMAGES.files[0]!.text);
    }
  });

  test('a container with a bound is told to have one', () => {
    const found = sourceOfNumber(IMAGES, number('Recent window: <*>', '50'));
    expect(found?.holders).toMatchObject([{ held: { type: 'deque' }, uses: { boundedWhereFed: true } }]);
  });

  test('memory is the size of no container', () => {
    const found = sourceOfNumber(IMAGES, number('Memory: <*> MB', '98.5'));
    expect(found).toMatchObject({ printed: [{ expression: 'rss / 1024' }], holders: [] });
  });

  test('work that is counted beside a call of what feeds is the size of nothing, and leads to what is fed', () => {
    const found = sourceOfNumber(IMAGES, number('Processed <*> images so far', '120'));
    expect(found?.printed).toMatchObject([{ expression: 'self.processed_count' }]);
    expect(found?.holders.map(({ by, name }) => [by, name.split('.').at(-1)])).toEqual([
      ['beside', 'processed_images'],
      ['beside', 'thumbnail_cache'],
      ['beside', 'recent'],
    ]);
  });

  test('a text that no call has is nobody’s', () => {
    expect(sourceOfNumber(IMAGES, number('Cached <*> thumbnails', '7'))).toBeUndefined();
  });
});

describe('texts that stand in several calls', () => {
  test('all are told, and what each of them counts', () => {
    const text = (name: string) =>
      `${name} = {}\ndef put(k):\n    ${name}[k] = k\n    print(f"size now {len(${name})}")\n`;
    const found = sourceOfNumber(source({ 'a.py': text('ONE'), 'b.py': text('TWO') }), number('size now <*>', '3'));
    expect(found?.printed.map(({ file }) => file)).toEqual(['a.py', 'b.py']);
    expect(found?.holders.map(({ name }) => name)).toEqual(['a.ONE', 'b.TWO']);
  });

  test('the same container behind several calls is one holder', () => {
    const text = `K = []\ndef put(k):\n    K.append(k)\n    print(f"size now {len(K)}")\ndef more(k):\n    print(f"size now {len(K)}")\n`;
    const found = sourceOfNumber(source({ 'a.py': text }), number('size now <*>', '3'));
    expect(found).toMatchObject({ printed: [{ line: 4 }, { line: 6 }], holders: [{ name: 'a.K' }] });
  });
});

describe('containers of many kinds', () => {
  test.each([
    [
      'a dict of lists, counted by their elements',
      'D = {}\ndef f(k, v):\n    D.setdefault(k, []).append(v)\n    print("n =", sum(len(v) for v in D.values()))',
      'a.D',
    ],
    [
      'a list that a function returns',
      'class A:\n    def __init__(self):\n        self._l = []\n    def all(self):\n        return self._l\n    def f(self, v):\n        self.all().append(v)\n        print("n =", len(self.all()))',
      'a.A._l',
    ],
    [
      'a private attribute',
      'class A:\n    def __init__(self):\n        self.__l = []\n    def f(self, v):\n        self.__l.append(v)\n        print("n =", len(self.__l))',
      'a.A._A__l',
    ],
    [
      'a dataclass',
      'from dataclasses import dataclass, field\n@dataclass\nclass A:\n    l: list = field(default_factory=list)\n    def f(self, v):\n        self.l.append(v)\n        print("n =", len(self.l))',
      'a.A.l',
    ],
    [
      'a variable that a closure keeps',
      'def make():\n    seen = set()\n    def f(v):\n        seen.add(v)\n        print("n =", len(seen))\n    return f',
      'a.make.<locals>.seen',
    ],
    [
      'a container of unknown kind',
      'from x import Big\nB = Big()\ndef f(v):\n    B.append(v)\n    print("n =", len(B))',
      'a.B',
    ],
  ])('%s', (_what, text, name) => {
    const found = sourceOfNumber(source({ 'a.py': text }), number('n = <*>', '3'));
    const [holder] = found!.holders;
    expect(holder?.name.replace('[…]', '')).toBe(name);
    expect(holder?.places.some(({ role }) => role === 'feeds')).toBe(true);
  });
});
