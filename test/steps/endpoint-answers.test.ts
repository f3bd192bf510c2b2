import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kubeArtifactSchemas } from '../../src/core/kube-artifacts.ts';
import { foundIn } from '../../src/steps/kube/endpoint-paths.ts';

const answer = (body: string | object | Uint8Array, more: object = {}) => ({
  status: 200,
  contentType: undefined,
  location: undefined,
  isCut: false,
  body: body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  ...more,
});
const memory = (body: string | object) => foundIn(8000, '/debug/memory', answer(body))[0];

/** As prometheus_client 0.26 writes it. */
const METRICS = `# HELP python_gc_objects_uncollectable_total Uncollectable objects found during GC
# TYPE python_gc_objects_uncollectable_total counter
python_gc_objects_uncollectable_total{generation="0"} 0.0
python_gc_objects_uncollectable_total{generation="1"} 2.0
python_gc_objects_uncollectable_total{generation="2"} 5.0
# HELP python_info Python platform information
# TYPE python_info gauge
python_info{implementation="CPython",major="3",minor="9",patchlevel="18",version="3.9.18"} 1.0
# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 2.4039424e+07
# HELP temperature Of what.
# TYPE temperature gauge
temperature 9e9
# TYPE cache_items gauge
cache_items{user="ann@example.org",label="a } b"} 40.0
cache_items{user="bob"} 2.0 1700000000000
# TYPE broken gauge
broken NaN
broken +Inf
broken{
# TYPE requests_total counter
requests_total 7
`;

test('of metrics those of memory are read, and the gauges of the program summed over labels that are not kept', () => {
  expect(foundIn(8000, '/metrics', answer(METRICS))).toEqual([
    {
      is: 'metrics',
      port: 8000,
      path: '/metrics',
      residentBytes: 24_039_424,
      python: '3.9.18',
      uncollectable: 7,
      gauges: [
        { name: 'cache_items', value: 42, series: 2 },
        { name: 'temperature', value: 9e9, series: 1 },
      ],
    },
  ]);
});

test.each([
  ['another text', 'hello 1\nworld 2\n'],
  ['a page', '<html><body># TYPE x gauge</body></html>'],
  ['nothing', ''],
])('%s has no metrics', (_, text) => {
  expect(foundIn(8000, '/metrics', answer(text))).toEqual([]);
});

test('an answer with another status than 200 is none', () => {
  expect(foundIn(8000, '/metrics', answer(METRICS, { status: 404 }))).toEqual([]);
  expect(foundIn(8000, '/debug/memory', answer({ rss: 5 }, { status: 500 }))).toEqual([]);
});

const SITE = { file: '/app/app.py', line: 12, bytes: 3_528_294, blocks: 7 };
test.each<[string, string | object]>([
  ['a list of rows', [{ file: '/app/app.py', line: 12, size: 3_528_294, count: 7 }]],
  ['rows below a name', { top: [{ filename: '/app/app.py', lineno: 12, size_bytes: 3_528_294, count: 7 }] }],
  [
    'rows with the line in the file',
    { stats: { rows: [{ traceback: '/app/app.py:12', size: 3_528_294, blocks: 7 }] } },
  ],
  ['rows with the last of a traceback', [{ traceback: ['/lib/x.py:1', '/app/app.py:12'], bytes: 3_528_294, count: 7 }]],
  ['rows with a formatted frame', [{ trace: 'File "/app/app.py", line 12', size: 3_528_294, count: 7 }]],
])('a memory page of %s is understood', (_, body) => {
  expect(memory(body)).toMatchObject({ sites: [SITE] });
});

test.each<[string, string | object, number]>([
  ['KiB in the name', [{ file: 'a.py', line: 1, size_kb: 2 }], 2048],
  ['MiB in the name', [{ file: 'a.py', line: 1, size_mib: 2 }], 2 * 2 ** 20],
  ['a text with a unit', [{ file: 'a.py', line: 1, size: '1.5 MiB' }], 1.5 * 2 ** 20],
  ['the text of a Statistic', ['a.py:1: size=3 KiB, count=1, average=3 KiB'], 3072],
  ['the text of a difference', { d: ['a.py:1: size=2 MiB (+1 MiB), count=1 (+1), average=2 MiB'] }, 2 * 2 ** 20],
  ['lines of text', 'Top 10 lines\na.py:1: size=2 MiB, count=1, average=2 MiB\nend', 2 * 2 ** 20],
])('sizes are bytes whatever they come as: %s', (_, body, bytes) => {
  expect(memory(body)).toMatchObject({ sites: [{ file: 'a.py', line: 1, bytes }] });
});

test('totals are known by their usual names, the outermost first', () => {
  expect(memory({ current: 100, peak: 200, rss_mb: 3, inner: { current: 7 } })).toMatchObject({
    tracedBytes: 100,
    peakBytes: 200,
    residentBytes: 3 * 2 ** 20,
    sites: [],
  });
  expect(memory({ traced_memory: { current_bytes: 5, peak_bytes: 6 } })).toMatchObject({
    tracedBytes: 5,
    peakBytes: 6,
  });
});

test('the largest places are kept, at most twenty', () => {
  const rows = Array.from({ length: 100 }, (_, at) => ({ file: `f${at}.py`, line: 1, size: at }));
  const found = memory(rows);
  expect(found?.is === 'memory' && found.sites.map(({ bytes }) => bytes)).toEqual(
    Array.from({ length: 20 }, (_, at) => 99 - at),
  );
});

test.each<[string, string | object]>([
  ['a health check', { status: 'ok', total: 95, count: 3 }],
  ['a page', '<html><body>Not here</body></html>'],
  ['an error', { detail: 'Not Found' }],
  ['users with sizes', [{ name: 'ann', size: 44, path: 'home' }]],
])('%s is no memory page', (_, body) => {
  expect(memory(body)).toBeUndefined();
});

test('a secret in a path is not kept', () => {
  const found = memory([{ file: '/srv/postgres://u:swordfish@db/app.py', line: 3, size: 9 }]);
  expect(JSON.stringify(found)).not.toContain('swordfish');
});

test('a debug toolbar is known by the element that it puts into a page, of any status', () => {
  const page = (id: string) =>
    answer(`<html><body><h1>Hi</h1><div id="${id}" class="x"></div></body></html>`, { status: 404 });
  expect(foundIn(1, '/', page('flDebug'))).toEqual([{ is: 'toolbar', of: 'flask', port: 1, path: '/' }]);
  expect(foundIn(1, '/', page('djDebug'))).toEqual([{ is: 'toolbar', of: 'django', port: 1, path: '/' }]);
  expect(foundIn(1, '/', page('djDebugger'))).toEqual([]);
});

test('a heap profile is known by its compression', () => {
  const path = '/debug/pprof/heap';
  expect(foundIn(1, path, answer(Buffer.of(0x1f, 0x8b, 8)))).toEqual([{ is: 'pprof', port: 1, path }]);
  expect(foundIn(1, path, answer('hello'))).toEqual([]);
});

test('any answer at all gives what the artifact may hold, in bounded time', () => {
  const paths = ['/metrics', '/', '/debug/memory', '/debug/pprof/heap'];
  const body = fc.oneof(
    fc.json({ maxDepth: 5 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.record({
          file: fc.oneof(fc.string(), fc.constant('a.py')),
          line: fc.oneof(fc.integer(), fc.double(), fc.constant(3)),
          size: fc.oneof(fc.double(), fc.string(), fc.constant(9)),
        }),
      )
      .map((rows) => JSON.stringify(rows)),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b_bytes', '', '9'), fc.double()))
      .map((samples) =>
        ['# TYPE a gauge', '# TYPE b_bytes gauge', ...samples.map(([name, value]) => `${name}{x="y"} ${value}`)].join(
          '\n',
        ),
      ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...paths), body, (path, text) => {
      const found = foundIn(8000, path, answer(text));
      const made = { pod: 'p', container: 'c', ports: [], portsFrom: 'spec', found, skipped: [], silent: [] };
      kubeArtifactSchemas.endpoints.parse(JSON.parse(JSON.stringify(made)));
    }),
    { numRuns: 1000 },
  );
});

test('what is made to be slow to read is read all the same', () => {
  const slow = ['{'.repeat(1e6), 'a:'.repeat(4e5), `x{${'"'.repeat(9e5)}`, 'id='.repeat(3e5), '['.repeat(5e4)];
  for (const text of slow) {
    for (const path of ['/metrics', '/', '/debug/memory']) expect(foundIn(8000, path, answer(text))).toEqual([]);
  }
});
