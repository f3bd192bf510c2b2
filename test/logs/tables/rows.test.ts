import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growingSites } from '../../../src/facts/logs/growing-sites.ts';
import type { LogLine } from '../../../src/logs/log-line.ts';
import { TableReader } from '../../../src/logs/tables/reader.ts';
import type { LogRow } from '../../../src/logs/tables/row.ts';
import { TableDigest } from '../../../src/logs/tables/tables.ts';

type Told = string | Omit<LogLine, 'number'>;

function rowsOf(...told: readonly Told[]): LogRow[] {
  const reader = new TableReader();
  const rows = told.flatMap((each, number) =>
    reader.take(typeof each === 'string' ? { number, message: each } : { number, ...each }),
  );
  return [...rows, ...reader.end()];
}

function digestOf(...told: readonly Told[]) {
  const digest = new TableDigest();
  for (const row of rowsOf(...told)) digest.add(row);
  return digest.result();
}

const MiB = 2 ** 20;
const GiB = 2 ** 30;

describe('an allocation that failed', () => {
  test.each([
    [
      'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 2.30 GiB for an array with shape (17600, 17600) and data type float64',
      { by: 'numpy', bytes: Math.round(2.3 * GiB), shape: [17600, 17600], type: 'float64' },
    ],
    [
      'MemoryError: Unable to allocate array with shape (100, 3) and data type complex128',
      { by: 'numpy', shape: [100, 3] },
    ],
    ['MemoryError', { by: 'python' }],
    ['job 12 failed: MemoryError()', { by: 'python' }],
    [
      'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB (GPU 0; 14.76 GiB total capacity; 13.5 GiB already allocated; 11.75 MiB free; 13.9 GiB reserved in total by PyTorch)',
      { by: 'torch', bytes: 20 * MiB, device: 'gpu' },
    ],
    [
      "RuntimeError: [enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8000000000 bytes. Error code 12 (Cannot allocate memory)",
      { by: 'torch', bytes: 8e9 },
    ],
    ['pyarrow.lib.ArrowMemoryError: malloc of size 64000000 failed', { by: 'arrow', bytes: 64e6 }],
    [
      "cv2.error: OpenCV(4.8.0) /io/opencv/modules/core/src/alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 311040000 bytes in function 'OutOfMemoryError'",
      { by: 'opencv', bytes: 311040000 },
    ],
    ['OSError: [Errno 12] Cannot allocate memory', { by: 'native' }],
    ["terminate called after throwing an instance of 'std::bad_alloc'", { by: 'native' }],
    ['memory allocation of 1073741824 bytes failed', { by: 'native', bytes: GiB }],
    [
      'RESOURCE_EXHAUSTED: Out of memory while trying to allocate 4294967296 bytes.',
      { by: 'tensorflow', bytes: 4 * GiB },
    ],
  ])('is read from: %s', (message, row) => {
    expect(rowsOf(message)).toMatchObject([{ kind: 'allocation', failed: true, ...row }]);
  });

  test('is told from one that was only large', () => {
    const large = 'tcmalloc: large alloc 1073741824 bytes == 0x7f1234 @';
    const tensor = 'Allocation of 411041792 exceeds 10% of free system memory.';
    expect(rowsOf(large, tensor)).toMatchObject([
      { failed: false, bytes: GiB },
      { failed: false, bytes: 411041792 },
    ]);
  });

  test('is read from the exception that ends a traceback', () => {
    const traceback = ['Traceback (most recent call last):', '  File "a.py", line 1, in <module>', 'MemoryError'];
    expect(rowsOf({ message: 'Request failed', traceback })).toMatchObject([{ kind: 'allocation', by: 'python' }]);
  });
});

test.each([
  ['Created 120 sessions', { verb: 'created', what: 'sessions', count: 120 }],
  ['Created 1,200 new sessions so far', { verb: 'created', what: 'sessions', count: 1200, isTotal: true }],
  ['Allocated 64 MiB for the buffer', { verb: 'allocated', what: 'buffer', count: 1, bytes: 64 * MiB }],
  ['Allocating buffer of 16 KiB', { verb: 'allocated', what: 'buffer', count: 1, bytes: 16384 }],
  ['New connection from 10.0.0.3:4412', { verb: 'new', what: 'connection', count: 1 }],
  ['New object: Session(12)', { verb: 'new', what: 'object', count: 1 }],
  ['3 workers were created', { verb: 'created', what: 'workers', count: 3 }],
  ['Session 5512 created', { verb: 'created', what: 'Session', count: 1 }],
  ['worker created a new tensor (12.5 MB)', { verb: 'created', what: 'tensor', count: 1, bytes: 12.5 * MiB }],
])('what is made is read from: %s', (message, row) => {
  expect(rowsOf(message)).toMatchObject([{ kind: 'creation', ...row }]);
});

test.each([
  'GET /memory/12 200',
  'user renewed the subscription',
  'Cache size: 120 items',
  'Processed 120 images',
  'collected 12 stamps from the queue',
  'gcloud command done in 12 ms',
  'memory limit is 512 MiB',
  'took 12 of 40 bytes',
])('no row is made of: %s', (message) => {
  expect(rowsOf(message)).toEqual([]);
});

test.each([
  ['GC is disabled', { enabled: false }],
  ['gc.disable() called', { enabled: false }],
  ['Garbage collection enabled', { enabled: true }],
  ['gc enabled: False', { enabled: false }],
  ['gc.freeze() after preload', { frozen: true }],
  ['gc.garbage: []', { garbage: 0 }],
  ["gc.garbage: [<a.B object at 0x7f>, {'x': [1, 2]}, 'a, b']", { garbage: 3 }],
  ['gc: 14 uncollectable objects at shutdown; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them', { garbage: 14 }],
  ['gc counts: (696, 2, 1)', { counts: [696, 2, 1] }],
])('the state of the collector is read from: %s', (message, state) => {
  expect(rowsOf(message)).toMatchObject([{ kind: 'collector-state', ...state }]);
});

test.each([
  ['GC freed 120 objects in 3 ms', 120],
  ['Garbage collector: collected 12 objects.', 12],
  ['gc.collect() returned 7', 7],
  ['gc found 31 unreachable objects', 31],
])('a run of the collector is read from: %s', (message, unreachable) => {
  expect(rowsOf(message)).toMatchObject([{ kind: 'collection', by: 'call', unreachable }]);
});

describe('tables of tracemalloc', () => {
  const table = (bytes: number, second: number) => [
    { message: '[ Top 2 ]', atUnixSeconds: second },
    { message: `/app/a.py:12: size=${bytes / MiB} MiB, count=100, average=1 B`, atUnixSeconds: second },
    { message: '/app/b.py:9: size=500 KiB, count=3, average=1 B', atUnixSeconds: second },
  ];

  test('one after the other name the line that grows, and how fast', () => {
    const tables = digestOf(...table(MiB, 100), ...table(3 * MiB, 160), ...table(5 * MiB, 220));
    expect(growingSites(tables)).toMatchObject([
      {
        place: { role: 'feeds', file: '/app/a.py', line: 12, how: 'tracemalloc' },
        firstBytes: MiB,
        lastBytes: 5 * MiB,
        bytesPerSecond: (4 * MiB) / 120,
        tables: 3,
      },
    ]);
  });

  test('of a line that rises and falls name nothing', () => {
    const sizes = [1, 5, 2, 6, 1, 5].flatMap((size, at) => table(size * MiB, at));
    expect(growingSites(digestOf(...sizes))).toEqual([]);
  });

  test('that two workers write at once are kept apart', () => {
    const lines = ['/app/a.py:1: size=10 KiB, count=1, average=1 B', '/app/b.py:2: size=5 KiB, count=1, average=1 B'];
    const mixed = [...lines, ...lines].flatMap((message) => [
      { message, writer: 'one' },
      { message: message.replace('10', '20'), writer: 'two' },
    ]);
    const byWriter = Map.groupBy(rowsOf(...mixed), ({ writer }) => writer);
    for (const rows of byWriter.values()) expect(rows.map((row) => 'table' in row && row.table)).toEqual([0, 0, 1, 1]);
  });

  test('with tracebacks name the last line of the program itself', () => {
    const blocks = (bytes: number) => [
      `12 memory blocks: ${bytes / 1024} KiB`,
      '  File "/app/main.py", line 3',
      '    run()',
      '  File "/app/store.py", line 30',
      '    json.loads(text)',
      '  File "/usr/lib/python3.12/json/decoder.py", line 353',
      '    obj, end = self.scan_once(s, idx)',
      'done',
    ];
    const [site] = growingSites(digestOf(...[1, 2, 3].flatMap((size) => blocks(size * MiB))));
    expect(site?.place).toMatchObject({ file: '/app/store.py', line: 30 });
  });

  test('in one message with line ends are read like others', () => {
    expect(
      rowsOf(`Top 2 lines\n#1: a.py:3: 12.0 KiB\n    x = 1\n#2: b.py:4: 1.5 KiB\nTotal allocated size: 13.5 KiB`),
    ).toMatchObject([
      { file: 'a.py', line: 3, bytes: 12288, code: 'x = 1' },
      { file: 'b.py', line: 4, bytes: 1536 },
      { kind: 'allocation-total', of: 'all', bytes: 13824 },
    ]);
  });
});

test('activity of the collector is added up', () => {
  const run = (found: number) => [
    'gc: collecting generation 2...',
    'gc: objects in each generation: 10 20 3000',
    'gc: objects in permanent generation: 0',
    `gc: done, ${found} unreachable, 2 uncollectable, 0.2500s elapsed`,
  ];
  const { collector } = digestOf(
    ...run(10),
    ...run(20),
    'gc: uncollectable <Node 0x7f2a12345678>',
    'gc.garbage: 2',
    'gc.garbage: 9',
    'GC disabled',
  );
  expect(collector).toMatchObject({
    runs: 2,
    runsByGeneration: [0, 0, 2],
    unreachable: 30,
    uncollectable: 4,
    seconds: 0.5,
    enabled: false,
    wasDisabled: true,
    garbage: { first: 2, last: 9, most: 9 },
    types: [{ type: 'Node', collectable: false, count: 1 }],
  });
});

test('a secret in a source line does not come through', () => {
  const { sites } = digestOf('#1: a.py:3: 12.0 KiB', '    connect(host, password="hunter2-very-secret")', 'x');
  expect(sites).toMatchObject([{ file: 'a.py', code: expect.stringContaining('[hidden') }]);
  expect(JSON.stringify(sites)).not.toContain('hunter2');
});

test('what is made is counted over time', () => {
  const lines = ['Created 3 sessions', 'New connection from a', 'Created 2 sessions', 'New connection from b'];
  expect(digestOf(...lines).creations).toMatchObject([
    { verb: 'created', what: 'sessions', made: 5, points: [{ value: 3 }, { value: 5 }] },
    { verb: 'new', what: 'connection', made: 2, points: [{ value: 1 }, { value: 2 }] },
  ]);
});

test('series are bounded: first, last and highest stay', () => {
  const lines = Array.from({ length: 5000 }, (_, at) => `pmem(rss=${at === 2501 ? 9e9 : 1e6 + at}, vms=0)`);
  const [rss] = digestOf(...lines).memory;
  expect(rss?.count).toBe(5000);
  expect(rss!.points.length).toBeLessThanOrEqual(1024);
  const values = rss!.points.map(({ value }) => value);
  expect([values[0], Math.max(...values), values.at(-1)]).toEqual([1e6, 9e9, 1e6 + 4999]);
});

test('any text gives rows, and no time is lost on it', () => {
  const pieces = fc.constantFrom(
    'gc: ',
    'collecting generation ',
    '/app/a.py:1: size=',
    '12.3 KiB',
    ', count=',
    '#1: ',
    'Top 10 lines',
    ' | ',
    '9'.repeat(400),
    '(',
    '[',
    "'collected': ",
    '  File "',
    '", line 3',
    '\n',
    'Created ',
    'new ',
    'gc.garbage ',
    'Unable to allocate ',
    '    ',
    '<Statistic traceback=<Traceback (',
    'rss=',
    ' +12',
    'dict  ',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
      const digest = digestOf(...parts, parts.join(''));
      expect(digest.rows).toBeGreaterThanOrEqual(0);
    }),
  );
});
