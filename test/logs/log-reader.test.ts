import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogLine } from '../../src/logs/log-line.ts';
import { readLog, wordsOf } from './read-lines.ts';

const AT = Date.parse('2026-11-22T19:09:51.120Z') / 1000;
const WHOLE = Math.floor(AT);

const one = (text: string): Omit<LogLine, 'text' | 'number'> => {
  const { lines } = readLog(text, { nearUnixSeconds: AT + 100 });
  expect(lines).toHaveLength(1);
  const { text: _, number: __, ...line } = lines[0]!;
  return line;
};

const FORMATS: [format: string, text: string, line: Omit<LogLine, 'text' | 'number'>][] = [
  ['print', 'Processed 120 images so far', { message: 'Processed 120 images so far' }],
  [
    'logging.basicConfig',
    'ERROR:app.cache:cache has 12 items',
    { message: 'cache has 12 items', level: 'error', logger: 'app.cache' },
  ],
  [
    'logging with a comma and dashes',
    '2026-11-22 19:09:51,120 - app - WARNING - slow: 12 s',
    { message: 'slow: 12 s', level: 'warning', logger: 'app', atUnixSeconds: AT },
  ],
  [
    'a time with a zone',
    '2026-11-22T20:09:51.120+01:00 INFO size 12',
    { message: 'size 12', level: 'info', atUnixSeconds: AT },
  ],
  [
    'the level first',
    '[INFO] 2026-11-22 19:09:51.120 size 12',
    { message: 'size 12', level: 'info', atUnixSeconds: AT },
  ],
  [
    'names between time and level',
    '2026-11-22 19:09:51,120 [MainThread] INFO  app.cache - cache size: 12',
    { message: 'cache size: 12', level: 'info', logger: 'app.cache', writer: 'MainThread', atUnixSeconds: AT },
  ],
  [
    'gunicorn',
    '[2026-11-22 19:09:51 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:12)',
    { message: 'WORKER TIMEOUT (pid:12)', level: 'critical', writer: '1', atUnixSeconds: WHOLE },
  ],
  [
    'Celery',
    '[2026-11-22 19:09:51,120: INFO/ForkPoolWorker-2] Task app.resize[4bf9] succeeded in 0.5s',
    {
      message: 'Task app.resize[4bf9] succeeded in 0.5s',
      level: 'info',
      writer: 'ForkPoolWorker-2',
      atUnixSeconds: AT,
    },
  ],
  [
    'uvicorn access',
    'INFO:     127.0.0.1:1234 - "GET /images/12 HTTP/1.1" 200 OK',
    {
      message: 'GET /images/12 HTTP/1.1',
      level: 'info',
      fields: [
        ['client', '127.0.0.1:1234'],
        ['status', 200],
      ],
    },
  ],
  [
    'gunicorn access, combined',
    '10.0.0.1 - - [22/Nov/2026:19:09:51 +0000] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8"',
    {
      message: 'GET /a?b=1 HTTP/1.1',
      atUnixSeconds: WHOLE,
      fields: [
        ['client', '10.0.0.1'],
        ['status', 200],
        ['bytes', 512],
        ['more', '"-" "curl/8"'],
      ],
    },
  ],
  [
    'werkzeug',
    '127.0.0.1 - - [22/Nov/2026 19:09:51] "GET /y HTTP/1.1" 404 -',
    {
      message: 'GET /y HTTP/1.1',
      atUnixSeconds: WHOLE,
      fields: [
        ['client', '127.0.0.1'],
        ['status', 404],
      ],
    },
  ],
  [
    'Django',
    '[22/Nov/2026 19:09:51] "GET /y HTTP/1.1" 404 179',
    {
      message: 'GET /y HTTP/1.1',
      atUnixSeconds: WHOLE,
      fields: [
        ['status', 404],
        ['bytes', 179],
      ],
    },
  ],
  [
    'loguru',
    '2026-11-22 19:09:51.120 | SUCCESS  | app.cache:put:12 - cache size 12',
    { message: 'cache size 12', level: 'info', source: 'app.cache:put:12', atUnixSeconds: AT },
  ],
  [
    'structlog to a terminal',
    "\x1b[2m2026-11-22T19:09:51.120Z\x1b[0m [\x1b[32m\x1b[1minfo     \x1b[0m] \x1b[1mcache grew          \x1b[0m [\x1b[1mapp.cache\x1b[0m] \x1b[36mentries\x1b[0m=\x1b[35m12\x1b[0m \x1b[36mof\x1b[0m=\x1b[35m'a b'\x1b[0m",
    {
      message: 'cache grew',
      level: 'info',
      logger: 'app.cache',
      atUnixSeconds: AT,
      fields: [
        ['entries', 12],
        ['of', 'a b'],
      ],
    },
  ],
  [
    'python-json-logger',
    '{"asctime": "2026-11-22 19:09:51,120", "levelname": "INFO", "name": "app", "message": "grew", "cache_size": 12, "taskName": null}',
    { message: 'grew', level: 'info', logger: 'app', atUnixSeconds: AT, fields: [['cache_size', 12]] },
  ],
  [
    'Google Cloud',
    '{"severity": "WARNING", "message": "x", "timestamp": {"seconds": 1795374591, "nanos": 12}, "pid": 12}',
    { message: 'x', level: 'warning', atUnixSeconds: WHOLE, writer: '12' },
  ],
  [
    'ECS',
    '{"@timestamp":"2026-11-22T19:09:51.120Z","log.level":"error","message":"x","ecs.version":"1.6.0","log":{"logger":"app"},"process":{"pid":1,"thread":{"name":"T-1"}}}',
    { message: 'x', level: 'error', atUnixSeconds: AT, logger: 'app', writer: '1 T-1' },
  ],
  [
    'JSON of which the end is cut off',
    '{"level": "info", "event": "cut here", "size": 12, "path": "/a/b',
    {
      message: 'cut here',
      level: 'info',
      fields: [
        ['size', 12],
        ['path', '/a/b'],
      ],
    },
  ],
  [
    'a dictionary as Python prints it',
    "{'event': 'it\\'s full', 'size': 12, 'ok': True, 'level': 'info'}",
    {
      message: "it's full",
      level: 'info',
      fields: [
        ['size', 12],
        ['ok', true],
      ],
    },
  ],
  [
    'logfmt',
    'ts=1795374591.120 level=warn msg="slow it is" n=3 who=x',
    {
      message: 'slow it is',
      level: 'warning',
      atUnixSeconds: AT,
      fields: [
        ['n', 3],
        ['who', 'x'],
      ],
    },
  ],
  ['pairs without words', 'cache=12 size=3', { message: 'cache=12 size=3' }],
  [
    'glog',
    'I1122 19:09:51.120123   12345 file.py:12] size 12',
    { message: 'size 12', level: 'info', writer: '12345', source: 'file.py:12', atUnixSeconds: AT + 0.000123 },
  ],
  [
    'tornado',
    '[W 261122 19:09:51 web:2246] 404 GET / (127.0.0.1) 1.20ms',
    { message: '404 GET / (127.0.0.1) 1.20ms', level: 'warning', source: 'web:2246', atUnixSeconds: WHOLE },
  ],
  [
    'syslog, journalctl',
    'Nov 22 19:09:51 host app[123]: INFO: size 12',
    { message: 'size 12', level: 'info', logger: 'app', writer: '123', atUnixSeconds: WHOLE },
  ],
  [
    'syslog (RFC 5424)',
    '<14>1 2026-11-22T19:09:51.120Z host app 123 ID47 [a b="c"] size 12',
    { message: 'size 12', level: 'info', logger: 'app', writer: '123', atUnixSeconds: AT },
  ],
  [
    'rich',
    '[11/22/26 19:09:51] INFO     cache size 12                                 app.py:12',
    { message: 'cache size 12', level: 'info', source: 'app.py:12', atUnixSeconds: WHOLE },
  ],
  ['a clock only', '19:09:51.120 cache size 12', { message: 'cache size 12', atUnixSeconds: AT }],
  ['milliseconds since the epoch', '1795374591120 size 12', { message: 'size 12', atUnixSeconds: AT }],
  [
    "kubectl's --timestamps",
    '2026-11-22T19:09:51.120000000Z INFO:app:size 12',
    { message: 'size 12', level: 'info', logger: 'app', atUnixSeconds: AT },
  ],
  [
    "kubectl's --timestamps before a time without a zone",
    '2026-11-22T19:09:51.120000000Z 2026-11-22 20:09:51,119 INFO size 12',
    { message: 'size 12', level: 'info', atUnixSeconds: AT },
  ],
  [
    "kubectl's --prefix",
    '[pod/web-1/app] INFO:app:size 12',
    { message: 'size 12', level: 'info', logger: 'app', writer: 'web-1/app' },
  ],
  ['docker compose', 'web-1  | size 12', { message: 'size 12', writer: 'web-1' }],
  [
    "a file of docker's",
    '{"log":"INFO:app:size 12\\n","stream":"stderr","time":"2026-11-22T19:09:51.120Z"}',
    { message: 'size 12', level: 'info', logger: 'app', atUnixSeconds: AT },
  ],
  ["a kubelet's file", '2026-11-22T19:09:51.120Z stdout F size 12', { message: 'size 12', atUnixSeconds: AT }],
  ['a level that is not set off', 'Got ERROR from server', { message: 'Got ERROR from server', level: 'error' }],
  ['no level', '2026-11-22 19:09:51,120 no error, 12 left', { message: 'no error, 12 left', atUnixSeconds: AT }],
  ['a number that is no time', '1234567890 bytes in 12:30:45:10', { message: '1234567890 bytes in 12:30:45:10' }],
];

test.each(FORMATS)('%s', (_, text, line) => {
  expect(one(text)).toEqual(line);
  expect(one(`${text}\r\n`)).toEqual(line);
});

test('a line that bears neither a year nor a day gets those near which it was written, over midnight and the new year', () => {
  const near = Date.parse('2027-01-01T00:00:10Z') / 1000;
  const times = (text: string) =>
    readLog(text, { nearUnixSeconds: near }).lines.map(({ atUnixSeconds }) => atUnixSeconds);
  expect(times('Dec 31 23:59:50 h a[1]: x\nJan  1 00:00:05 h a[1]: y\n')).toEqual([near - 20, near - 5]);
  expect(times('23:59:50 x\n00:00:05 y\n')).toEqual([near - 20, near - 5]);
  expect(readLog('23:59:50 x\n').lines[0]!.atUnixSeconds).toBeUndefined();
});

test('what the runtime parted is one line again, each stream for itself', () => {
  const stamp = '2026-11-22T19:09:51.120Z';
  const { lines, tally } = readLog(
    `${stamp} stdout P cache \n${stamp} stderr F INFO:a:other\n${stamp} stdout P size\n${stamp} stdout F : 12\n`,
  );
  expect(lines.map(({ message }) => message)).toEqual(['other', 'cache size: 12']);
  expect(tally).toMatchObject({ lines: 4, merged: 2, given: 2 });
});

const TRACEBACK = [
  'Traceback (most recent call last):',
  '  File "/app/app.py", line 3, in handle',
  '    raise KeyError(12)',
  'KeyError: 12',
];

test('a traceback stays with the line that announced it, and another thread between is a line of its own', () => {
  const [first, second, third, fourth] = TRACEBACK;
  const { lines, tally } = readLog(
    ['ERROR:app:task 1 failed', first, second, 'INFO:app:other thread', third, fourth, 'INFO:app:next'].join('\n'),
  );
  expect(wordsOf(lines)).toEqual([
    { number: 0, message: 'task 1 failed', level: 'error', logger: 'app', traceback: TRACEBACK },
    { number: 3, message: 'other thread', level: 'info', logger: 'app' },
    { number: 6, message: 'next', level: 'info', logger: 'app' },
  ]);
  expect(tally).toMatchObject({ merged: 4, given: 3 });
});

test('a traceback that nothing announced is called by its exception; chained ones and groups are one', () => {
  const chained = [
    ...TRACEBACK,
    '',
    'During handling of the above exception, another exception occurred:',
    '',
    ...TRACEBACK,
  ];
  const group = [
    '  + Exception Group Traceback (most recent call last):',
    '  |   File "a.py", line 1, in <module>',
    '  | ExceptionGroup: two (1 sub-exception)',
    '  +-+---------------- 1 ----------------',
    '    | ValueError: x',
    '    +------------------------------------',
  ];
  const { lines } = readLog(['INFO:app:before', ...chained, 'INFO:app:between', ...group, 'last'].join('\n'));
  expect(lines.map(({ message }) => message)).toEqual(['before', 'KeyError: 12', 'between', 'ValueError: x', 'last']);
  expect(lines[1]!.traceback).toEqual(chained.filter((line) => line !== ''));
  expect(lines[3]!.traceback).toEqual(group);
});

test('a traceback is put together where each of its lines has a time, a prefix or a head of its own', () => {
  const heads = [
    '2026-11-22T19:09:51.120Z ',
    '[pod/web-1/app] ',
    '2026-11-22T19:09:51.120Z stderr F ',
    '2026-11-22 19:09:51,120 ERROR ',
  ];
  for (const head of heads) {
    const { lines } = readLog(TRACEBACK.map((line) => head + line).join('\n'));
    expect(lines.map(({ message }) => message)).toEqual(['KeyError: 12']);
    expect(lines[0]!.traceback?.map((line) => line.trim())).toEqual(TRACEBACK.map((line) => line.trim()));
  }
});

test('two pods that fail at the same time have each its traceback', () => {
  const both = TRACEBACK.flatMap((line) => [`[pod/a-1/app] ${line}`, `[pod/b-1/app] ${line.replace('12', '7')}`]);
  const { lines } = readLog(both.join('\n'));
  expect(lines.map(({ message, writer }) => `${writer} ${message}`)).toEqual([
    'a-1/app KeyError: 12',
    'b-1/app KeyError: 7',
  ]);
});

test('a traceback within a line, as JSON or repr have it, is told line by line', () => {
  const json = JSON.stringify({ level: 'error', event: 'it failed', exc_info: TRACEBACK.join('\n') });
  const frames = [{ filename: '/app/app.py', lineno: 3, name: 'handle' }];
  const listed = JSON.stringify({ event: 'it failed', exception: [{ exc_type: 'KeyError', exc_value: '12', frames }] });
  const inWords = `it failed: ${JSON.stringify(TRACEBACK.join('\n'))}`;
  const { lines } = readLog([json, listed, inWords].join('\n'));
  expect(lines.map(({ message }) => message)).toEqual(['it failed', 'it failed', 'it failed:']);
  expect(lines[0]!.traceback).toEqual(TRACEBACK);
  expect(lines[1]!.traceback).toEqual(TRACEBACK.filter((line) => !line.startsWith('    raise')));
  expect(lines[2]!.traceback?.slice(0, 3)).toEqual(TRACEBACK.slice(0, 3));
});

test('the bytes of UTF-16 with its mark are read as such, and the mark of UTF-8 is no part of a line', () => {
  const text = 'INFO:app:größe 12\nnext\n';
  const expected = readLog(text).lines;
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  expect(readLog(little, { chunkBytes: 1 }).lines).toEqual(expected);
  expect(readLog(Buffer.from(little).swap16()).lines).toEqual(expected);
  expect(readLog(`\ufeff${text}`, { chunkBytes: 1 }).lines).toEqual(expected);
});

test('what is no text is counted and not given; broken characters leave the words around them', () => {
  const { lines, tally } = readLog(
    Buffer.concat([
      Buffer.from('INFO:app:before\n'),
      Buffer.from([0, 1, 2, 3, 0xff, 0xfe, 65, 10]),
      Buffer.from('INFO:app:gr\xf6\xdfe 12\n', 'latin1'),
      Buffer.alloc(5000),
      Buffer.from('INFO:app:after a gap\n'),
    ]),
  );
  expect(lines.map(({ message }) => message)).toEqual(['before', 'gr\ufffd\ufffde 12', 'after a gap']);
  expect(tally).toMatchObject({ binary: 1, undecodable: 2, given: 3 });
});

test('an endless line is cut, and the next one is read', () => {
  const { lines, tally } = readLog(`x${'é'.repeat(3_000_000)}\nINFO:app:next`);
  expect(lines.map(({ message }) => message.length)).toEqual([8192, 4]);
  expect(tally).toMatchObject({ cut: 1, lines: 2, undecodable: 0 });
});

test('progress bars are lines, and no command to a terminal comes through', () => {
  const { lines } = readLog(
    '\r 10%|#  | 1/10\r 20%|## | 2/10\x1b[A\n\x1b]0;title\x07INFO:a:\x1b[31mred\x9b0m\n{"event": "\\u001b[31mred\\u0007"}',
  );
  expect(lines.map(({ message }) => message)).toEqual([' 10%|#  | 1/10', ' 20%|## | 2/10', 'red', 'red']);
});

const PIECES = [
  ...FORMATS.map(([, text]) => text),
  ...TRACEBACK,
  '\n',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '{"',
  "{'a': ",
  '[',
  '<14>1 ',
  'é',
  '\u2028',
  '\0',
  '\x1b[',
  '2026-11-22T19:09:51Z stdout P ',
  '[pod/a-1/b] ',
  '  + Exception Group Traceback (most recent call last):',
];
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES.map((piece) => Buffer.from(piece))), fc.uint8Array({ maxLength: 4 })), {
      maxLength: 60,
    })
    .map((parts) => Buffer.concat(parts)),
);

test('any bytes give lines in their order, and the same ones wherever the stream is parted', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 50 }), (log, chunkBytes) => {
      const whole = readLog(log);
      expect(readLog(log, { chunkBytes })).toEqual(whole);
      const { tally, lines } = whole;
      expect(tally.bytes).toBe(log.length);
      expect(lines).toHaveLength(tally.given);
      expect(tally.given + tally.merged + tally.binary).toBeLessThanOrEqual(tally.lines);
      for (const { message, atUnixSeconds } of lines) {
        expect(message.isWellFormed()).toBe(true);
        expect(message).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
        if (atUnixSeconds !== undefined) expect(Number.isFinite(atUnixSeconds)).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test('the time grows with the length only', () => {
  for (const part of [
    ...PIECES,
    '"',
    "'",
    '\\',
    '=',
    'a=',
    'a="',
    '"GET ',
    '[a] ',
    'File "',
    '| ',
    '+-',
    '0',
    '1:',
    'A-',
    '[2026-11-22 ',
  ])
    expect(readLog(part.repeat(1_000_000 / part.length)).tally.bytes).toBeGreaterThan(0);
});
