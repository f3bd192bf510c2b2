/**
 * Runs CPython's own tests unlooked and then looked at every two seconds: `node scripts/harm-cpython-tests.ts
 * --python PATH… [--tests 'test_signal -m Itimer*']… [--state FILE]`. A test that fails only under looks is run five times more, alone
 * and under looks: if it fails again, it is harmed, and the script exits 1. Goes on where the state file ends.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCpythonTests, type TestRun } from '../test/harm/cpython-tests.ts';

const EVERY_MS = 2000;
const TRIES = 5;

const { values } = parseArgs({
  options: {
    python: { type: 'string', multiple: true, default: ['python3'] },
    tests: {
      type: 'string',
      multiple: true,
      // In a virtual machine without a host to talk to, the tests of VSOCK wait for ever.
      default: ['test_signal', 'test_threading', 'test_socket -i *VSOCK*', 'test_subprocess', 'test_asyncio'],
    },
    state: { type: 'string', default: 'harm-cpython-state.json' },
  },
});

interface Outcome {
  readonly alone: TestRun;
  readonly looked: TestRun;
  /** Failed only under looks, by name; how many of the further tries under looks failed too. */
  readonly onlyLooked: Record<string, number>;
}

const outcomes: Record<string, Outcome> = existsSync(values.state)
  ? JSON.parse(readFileSync(values.state, 'utf8'))
  : {};
for (const python of values.python) {
  for (const tests of values.tests) {
    const key = `${python} ${tests}`;
    outcomes[key] ??= await compare(python, tests);
    writeFileSync(values.state, JSON.stringify(outcomes, undefined, 1));
    console.log(lineOf(key, outcomes[key]));
  }
}
process.exitCode = Object.values(outcomes).some(({ onlyLooked }) =>
  Object.values(onlyLooked).some((failed) => failed > 0),
)
  ? 1
  : 0;

async function compare(python: string, tests: string): Promise<Outcome> {
  const alone = await runCpythonTests({ python, tests: tests.split(' '), everyMs: undefined });
  const looked = await runCpythonTests({ python, tests: tests.split(' '), everyMs: EVERY_MS });
  const onlyLooked: Record<string, number> = {};
  for (const name of looked.failed.filter((failed) => !alone.failed.includes(failed))) {
    onlyLooked[name] = await failuresAlone(python, tests, name);
  }
  return { alone, looked, onlyLooked };
}

async function failuresAlone(python: string, tests: string, name: string): Promise<number> {
  let failed = 0;
  for (let at = 0; at < TRIES; at += 1) {
    const run = await runCpythonTests({ python, tests: [...tests.split(' '), '-m', name], everyMs: EVERY_MS / 4 });
    if (run.failed.length > 0) failed += 1;
  }
  return failed;
}

function lineOf(key: string, { alone, looked, onlyLooked }: Outcome): string {
  const said = `${key}: ${looked.looks} looks (${looked.missed.length} given up), ${looked.passed} passed, ${looked.skipped} skipped`;
  return `${said}; failed unlooked ${alone.failed.length}, looked ${looked.failed.length}; only looked: ${JSON.stringify(onlyLooked)}`;
}
