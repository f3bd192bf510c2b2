import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saidIn } from '../../src/logs/errors.ts';
import { shapeOf } from '../../src/logs/shape.ts';

const AT = Date.parse('2026-11-22T19:09:51.120Z') / 1000;
const stamped = (...lines: string[]) => lines.map((line) => `2026-11-22T19:09:51.120Z ${line}\n`).join('');

test.each([
  ['ERROR:root:cannot reach db', 'error', 'cannot reach db'],
  ['2026-11-22 19:09:51,120 - app - WARNING - slow: 12 s', 'warning', 'slow: 12 s'],
  ['[2026-11-22 19:09:51 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:12)', 'error', 'WORKER TIMEOUT (pid:12)'],
  ['[2026-11-22 19:09:51,120: ERROR/MainProcess] Task failed', 'error', 'Task failed'],
  ['ERROR:    Exception in ASGI application', 'error', 'Exception in ASGI application'],
  ['2026-11-22 | FATAL    | app:run:12 - stopped', 'error', 'stopped'],
  ['{"level": "error", "message": "it \\"broke\\""}', 'error', 'it "broke"'],
  ['ts=1 level=warn msg="slow" n=3', 'warning', 'slow'],
  [
    '[1] [ERROR] Worker (pid:12) was sent SIGKILL! Perhaps out of memory?',
    'killed',
    'Worker (pid:12) was sent SIGKILL! Perhaps out of memory?',
  ],
  ['WorkerLostError: exited prematurely: signal 9', 'killed', 'WorkerLostError: exited prematurely: signal 9'],
  ['Killed', 'killed', 'Killed'],
  ['run.sh: line 3:    12 Killed                  python app.py', 'killed', undefined],
  ['numpy: Unable to allocate 2.3 GiB', 'out-of-memory', 'numpy: Unable to allocate 2.3 GiB'],
])('%j is %s', (line, kind, message) => {
  expect(saidIn(stamped(line))).toEqual([{ kind, message: message ?? line, atUnixSeconds: AT }]);
});

test.each([
  'INFO Processed image 12, 0 errors',
  'level=info msg="no ERROR_COUNT today"',
  'GET /error?level=ok 200',
  'Skilled',
  '',
])('%j is none', (line) => {
  expect(saidIn(stamped(line))).toEqual([]);
});

const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "/app/app.py", line 3, in handle',
  '    raise ConnectionError(reason)',
];

test('a traceback is one error, called by its last line, and the line that announced it is no second one', () => {
  const text = stamped(
    'ERROR:app:task 1 failed',
    ...TRACEBACK,
    'redis.exceptions.ConnectionError: refused',
    'INFO next',
  );
  expect(saidIn(text).map(({ message }) => message)).toEqual(['redis.exceptions.ConnectionError: refused']);
});

test('of chained exceptions each is told; a line of another thread between does not end a traceback', () => {
  const text = stamped(
    ...TRACEBACK,
    'KeyError: 12',
    '',
    'During handling of the above exception, another exception occurred:',
    '',
    ...TRACEBACK.slice(0, 2),
    '2026-11-22 [INFO] other thread',
    TRACEBACK[2]!,
    'MemoryError',
  );
  expect(saidIn(text)).toMatchObject([
    { kind: 'error', message: 'KeyError: 12' },
    { kind: 'out-of-memory', message: 'MemoryError' },
  ]);
});

test('a traceback inside a line of JSON is called by its last line', () => {
  const line = JSON.stringify({ level: 'error', message: 'x', exc_info: `${TRACEBACK.join('\n')}\nMemoryError` });
  expect(saidIn(stamped(line))).toMatchObject([{ kind: 'out-of-memory', message: 'MemoryError' }]);
});

test('a traceback that never ends hides no later error', () => {
  const text = stamped(...TRACEBACK, ...Array(500).fill('  more'), 'ERROR:root:later');
  expect(saidIn(text)).toMatchObject([{ message: 'later' }]);
});

test('messages that differ in numbers, addresses and quoted values have one shape', () => {
  const shapes = ['task 12 of "a" at 0x7f3c failed after 1.5 s', 'task 7 of "bc" at 0x11 failed after 2,000 s'].map(
    shapeOf,
  );
  expect(shapes).toEqual(Array(2).fill('task # of … at # failed after # s'));
  expect(shapeOf('trace 4bf92f3577b34da6 added')).toBe('trace # added');
});

test('any text is read, no message is long, and the time grows with the length only', () => {
  const piece = fc.constantFrom(
    'ERROR',
    ' ',
    '\n',
    ':',
    ...TRACEBACK,
    'MemoryError',
    '"level":"error"',
    '{',
    '"',
    "'",
    '\\n',
    'x',
    'é',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      for (const { message, kind } of saidIn(pieces.join(''))) {
        expect(message.length).toBeLessThanOrEqual(300);
        expect(['out-of-memory', 'killed', 'error', 'warning']).toContain(kind);
      }
    }),
    { numRuns: 1000 },
  );
  for (const part of [
    'ERROR ',
    'a',
    '"',
    "'",
    '\\',
    '\\n',
    ' ',
    '|',
    '"message":',
    'WorkerLostError',
    'Killed ',
    '0a',
    '\n',
    TRACEBACK[0]!,
  ])
    expect(saidIn(part.repeat(2_000_000 / part.length)).length).toBeGreaterThanOrEqual(0);
});
