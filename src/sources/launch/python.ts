import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ProblemError } from '../../core/problem.ts';
import { NEWEST_MINOR, OLDEST_MINOR, SUPPORTED_VERSIONS } from '../../heap/supported.ts';

/** The default one first, then the newest. */
const NAMES = [
  'python3',
  'python',
  ...Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, at) => `python3.${NEWEST_MINOR - at}`),
];
const PROGRAM =
  'import sys; print("%d.%d %s" % (*sys.version_info[:2], sys.implementation.name)); print(sys.executable)';

/** The path of a CPython that whyoom can read: `$WHYOOM_PYTHON`, or the first on the PATH. Throws a ProblemError. */
export async function findPython(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const wanted = env.WHYOOM_PYTHON;
  for (const name of wanted ? [wanted] : NAMES) {
    const path = await pathIfReadable(name);
    if (path) return path;
  }
  throw new ProblemError(
    'absent',
    wanted
      ? `WHYOOM_PYTHON (${wanted}) is no CPython ${SUPPORTED_VERSIONS}.`
      : `No CPython ${SUPPORTED_VERSIONS} was found on the PATH.`,
    'Install one, or name one: WHYOOM_PYTHON=/path/to/python3.12 whyoom demo',
  );
}

async function pathIfReadable(name: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(name, ['-c', PROGRAM], { timeout: 10_000 });
    const [version = '', path] = stdout.split('\n');
    const minor = Number(/^3\.(\d+) cpython$/.exec(version)?.[1]);
    return minor >= OLDEST_MINOR && minor <= NEWEST_MINOR ? path : undefined;
  } catch {
    return undefined;
  }
}
