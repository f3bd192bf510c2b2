import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ProblemError } from '../../core/problem.ts';

const NAMES = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.9'];
const LEAST_MINOR = 9;
const MOST_MINOR = 13;
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
      ? `WHYOOM_PYTHON (${wanted}) is no CPython 3.${LEAST_MINOR} to 3.${MOST_MINOR}.`
      : `No CPython 3.${LEAST_MINOR} to 3.${MOST_MINOR} was found on the PATH.`,
    'Install one, or name one: WHYOOM_PYTHON=/path/to/python3.12 whyoom demo',
  );
}

async function pathIfReadable(name: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(name, ['-c', PROGRAM], { timeout: 10_000 });
    const [version = '', path] = stdout.split('\n');
    const minor = Number(/^3\.(\d+) cpython$/.exec(version)?.[1]);
    return minor >= LEAST_MINOR && minor <= MOST_MINOR ? path : undefined;
  } catch {
    return undefined;
  }
}
