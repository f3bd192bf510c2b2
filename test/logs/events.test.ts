import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventGroups } from '../../src/logs/events.ts';
import type { LogEvents } from '../../src/logs/log-events.ts';
import { readLog } from './read-lines.ts';

const eventsIn = (...lines: string[]): LogEvents => {
  const events = new EventGroups();
  for (const line of readLog(lines.join('\n')).lines) events.add(line, line.number, 0);
  return events.finish();
};

/** As gunicorn 27.0.1, uvicorn 0.54.0 and Celery 5.7.0 write them; of uWSGI and gunicorn 19 as their sources say. */
const SAID: [kind: string, line: string][] = [
  ['started', '[2026-11-23 15:05:07 +0000] [18189] [INFO] Starting gunicorn 27.0.1'],
  ['worker-started', '[2026-11-23 15:05:07 +0000] [18193] [INFO] Booting worker with pid: 18193'],
  ['killed', '[2026-11-23 15:05:13 +0000] [18189] [ERROR] Worker (pid:18193) was sent SIGKILL! Perhaps out of memory?'],
  ['worker-timeout', '[2026-11-23 15:05:17 +0000] [18189] [CRITICAL] WORKER TIMEOUT (pid:18249)'],
  ['worker-ended', '[2026-11-23 15:05:17 +0000] [18249] [INFO] Worker exiting (pid: 18249)'],
  ['worker-ended', '[2026-11-23 15:05:17 +0000] [18249] [WARNING] Worker with pid 12 was terminated due to signal 15'],
  ['killed', '[2026-11-23 15:05:17 +0000] [18249] [WARNING] Worker with pid 12 was terminated due to signal 9'],
  ['worker-ended', '[2026-11-23 15:05:17 +0000] [12] [INFO] Autorestarting worker after current request.'],
  ['stopping', '[2026-11-23 15:05:19 +0000] [18189] [INFO] Handling signal: term'],
  ['started', 'INFO:     Started server process [18191]'],
  ['worker-started', 'INFO:     Started child process [12]'],
  ['worker-ended', 'INFO:     Child process [12] died'],
  ['worker-ended', 'WARNING:  Maximum request limit of 1000 exceeded. Terminating process.'],
  ['stopping', 'INFO:     Shutting down'],
  [
    'worker-timeout',
    '[2026-11-23 15:05:17,120: ERROR/MainProcess] Hard time limit (30s) exceeded for app.resize[4bf9]',
  ],
  ['worker-timeout', 'Mon Nov 23 15:05:17 2026 - *** HARAKIRI ON WORKER 1 (pid: 12, try: 1) ***'],
  ['killed', 'DAMN ! worker 1 (pid: 12) died, killed by signal 9 :( trying respawn ...'],
  ['worker-started', 'Respawned uWSGI worker 1 (new pid: 13)'],
  ['killed', 'run.sh: line 3:    12 Killed                  python app.py'],
  ['killed', 'Nov 23 15:05:17 node kernel: Out of memory: Killed process 12 (python) total-vm:1kB'],
  ['out-of-memory', 'numpy.core._exceptions._ArrayMemoryError: Unable to allocate 2.3 GiB for an array'],
  ['error', 'ERROR:app:task 12 failed'],
  ['warning', 'WARNING:app:slow'],
];

test.each(SAID)('%s: %s', (kind, line) => {
  expect(eventsIn(line)).toMatchObject({ groups: [{ kind, count: 1 }], counts: { [kind]: 1 } });
});

test.each([
  'INFO:app:Processed 12 images, memory 12 MB',
  'INFO:app:worker 3 took 12 s',
  'cache has 12 items',
  'INFO:     127.0.0.1:1 - "GET /killed HTTP/1.1" 200 OK',
  'INFO:app:starting from page 12',
])('%j is none', (line) => {
  expect(eventsIn(line)).toEqual({ groups: [], counts: {} });
});

test('what differs in numbers is one group, with the first, the last and an example; the gravest come first', () => {
  const at = (second: number) => `2026-11-22T19:09:${String(second).padStart(2, '0')}Z`;
  const { groups, counts } = eventsIn(
    `${at(1)} WARNING slow: 12 s`,
    `${at(2)} WARNING slow: 13 s`,
    `${at(3)} INFO nothing`,
    `${at(4)} ERROR task 7 failed`,
    'Traceback (most recent call last):',
    '  File "a.py", line 1, in f',
    'ValueError: bad 7',
    `${at(9)} WARNING slow: 99 s`,
    'Killed',
  );
  expect(groups.map(({ kind, shape, count }) => ({ kind, shape, count }))).toEqual([
    { kind: 'killed', shape: 'Killed', count: 1 },
    { kind: 'error', shape: 'ValueError: bad #', count: 1 },
    { kind: 'warning', shape: 'slow: # s', count: 3 },
  ]);
  expect(groups[2]).toMatchObject({ firstLine: 0, lastLine: 7, example: 'slow: 99 s', lives: [0] });
  expect(groups[2]!.lastAtUnixSeconds! - groups[2]!.firstAtUnixSeconds!).toBe(8);
  expect(counts).toEqual({ killed: 1, error: 1, warning: 3 });
});

test('a thousand kinds of warnings take no more than so much room, are counted all, and hide no kill', () => {
  const words = Array.from(
    { length: 3000 },
    (_, i) => `WARNING:app:${String.fromCharCode(97 + (i % 26)).repeat(i / 26 + 1)}`,
  );
  const { groups, counts } = eventsIn(...words, 'Killed');
  expect(groups.length).toBe(501);
  expect(groups[0]).toMatchObject({ kind: 'killed' });
  expect(counts).toEqual({ warning: 3000, killed: 1 });
});

test('no secret comes through, neither in an example nor in a shape', () => {
  const secret = fc.stringMatching(/^[a-zA-Z]{6,20}[0-9]{2,6}[a-zA-Z]{2,9}$/);
  fc.assert(
    fc.property(secret, (password) => {
      const events = eventsIn(
        `ERROR:app:login failed, password=${password}`,
        `ERROR:app:postgres://u:${password}@db/x refused`,
        `{"level": "error", "event": "x", "password": "${password}"}`,
        `Killed process 12 (python) --password ${password}`,
      );
      expect(JSON.stringify(events)).not.toContain(password);
    }),
  );
});

test('the value of a field that is a secret by its name is hidden before anything is made of it', () => {
  const [line] = readLog(
    '{"event": "x", "db": {"password": "hunter2"}, "token": "abc", "tokens": 12, "user": "u"}',
  ).lines;
  expect(line!.fields).toEqual([
    ['db.password', '[hidden: password]'],
    ['token', '[hidden: token]'],
    ['tokens', 12],
    ['user', 'u'],
  ]);
});
