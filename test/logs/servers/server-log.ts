import type { Interpreter } from '../../python/programs.ts';
import { startProgram, until } from '../../start-program.ts';
import { temporaryFolder } from '../../temporary.ts';

/** One environment for all tests of loggers and servers. */
export const LOGGER_PACKAGES = [
  'structlog',
  'python-json-logger',
  'loguru',
  'rich',
  'tornado',
  'absl-py',
  'gunicorn',
  'uvicorn',
];

/** What a server writes while it is started, asked for each path in turn, and ended. Its port is one that it chose. */
export async function serverLog(
  { path: python }: Interpreter,
  args: readonly string[],
  paths: readonly string[],
): Promise<string[]> {
  const server = startProgram('sh', ['-c', 'exec "$@" 2>&1', 'sh', python, '-m', ...args], {
    cwd: import.meta.dirname,
    env: { ...process.env, HOME: temporaryFolder(), TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' },
  });
  try {
    const address = await until(
      `the address of ${args[0]}`,
      () => /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(server.lines().join('\n'))?.[0],
    );
    // A worker that is killed answers nobody.
    for (const path of paths)
      await fetch(`${address}${path}`).then(
        (answer) => answer.text(),
        () => '',
      );
  } finally {
    server.child.kill('SIGTERM');
  }
  await server.ended;
  return server.lines();
}
