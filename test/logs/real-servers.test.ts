import { expect, test } from 'vitest';
import { EventGroups } from '../../src/logs/events.ts';
import type { LogLine } from '../../src/logs/log-line.ts';
import { interpreters } from '../python/programs.ts';
import { withPackages } from '../python/venv.ts';
import { readLog } from './read-lines.ts';
import { LOGGER_PACKAGES, serverLog } from './servers/server-log.ts';

const python = interpreters().find(({ path, version }) => path.includes('pyenv') && version.startsWith('3.12'));
const made = python && withPackages(python, LOGGER_PACKAGES);

const requestsIn = (lines: readonly LogLine[]) =>
  lines
    .filter(({ fields }) => fields?.some(([name]) => name === 'client'))
    .map(({ message, fields }) => `${message} ${fields!.find(([name]) => name === 'status')![1]}`);

const kindsIn = (lines: readonly LogLine[]) => {
  const events = new EventGroups();
  for (const line of lines) events.add(line, line.number, 0);
  return events.finish().groups.map(({ kind, example }) => `${kind}: ${example.replaceAll(/\d+/g, '#')}`);
};

test.skipIf(!made)('what gunicorn writes of requests, failures, kills and time-outs is read', async () => {
  const args = ['gunicorn', '-b', '127.0.0.1:0', '--timeout', '2', '--access-logfile', '-', 'wsgi_app:app'];
  const { lines, tally } = readLog(
    (await serverLog(made!, args, ['/', '/a/1', '/fail', '/kill', '/hang', '/'])).join('\n'),
  );
  expect(requestsIn(lines).filter((request) => !request.includes('/hang'))).toEqual([
    'GET / HTTP/1.1 200',
    'GET /a/1 HTTP/1.1 200',
    'GET /fail HTTP/1.1 500',
    'GET / HTTP/1.1 200',
  ]);
  expect(kindsIn(lines)).toEqual(
    expect.arrayContaining([
      'killed: Worker (pid:#) was sent SIGKILL! Perhaps out of memory?',
      'worker-timeout: WORKER TIMEOUT (pid:#)',
      'worker-started: Booting worker with pid: #',
      'started: Starting gunicorn #.#.#',
      'stopping: Handling signal: term',
      'error: ValueError: no good',
    ]),
  );
  expect(tally.withoutTime).toBe(0);
  const own = lines.filter(({ fields }) => !fields);
  expect(own.map(({ writer }) => writer)).toEqual(own.map(() => expect.stringMatching(/^\d+$/)));
});

test.skipIf(!made)('what uvicorn writes of requests and failures is read', async () => {
  const args = ['uvicorn', '--port', '0', '--lifespan', 'off', 'asgi_app:app'];
  const { lines } = readLog((await serverLog(made!, args, ['/', '/a/1', '/fail'])).join('\n'));
  expect(requestsIn(lines)).toEqual(['GET / HTTP/1.1 200', 'GET /a/1 HTTP/1.1 200', 'GET /fail HTTP/1.1 500']);
  expect(kindsIn(lines)).toEqual(
    expect.arrayContaining([
      'started: Started server process [#]',
      'stopping: Shutting down',
      'error: ValueError: no good',
    ]),
  );
  const failed = lines.find(({ traceback }) => traceback)!;
  expect(failed).toMatchObject({ message: 'Exception in ASGI application', level: 'error' });
  expect(failed.traceback!.at(-1)).toBe('ValueError: no good');
  expect(lines.map(({ level }) => level)).not.toContain(undefined);
});
