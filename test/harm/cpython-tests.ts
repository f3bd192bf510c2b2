import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { HeapSession } from '../../src/core/ports.ts';
import { problemOf } from '../../src/core/problem.ts';
import { openHeap } from '../../src/sources/process/heap-session.ts';
import { type Program, startProgram } from '../start-program.ts';

const WORKER = new URL('../../src/heap-worker.ts', import.meta.url);
const MAX_PAUSE_MS = 2000;

/** What a run of CPython's own tests came to. */
export interface TestRun {
  readonly passed: number;
  readonly skipped: number;
  /** Names of the tests that failed; `exit CODE` where the run itself ended badly without one. */
  readonly failed: readonly string[];
  readonly looks: number;
  /** Looks that whyoom gave up, with the reason: the process had ended, or the machine was busy. */
  readonly missed: readonly string[];
}

export interface TestRunOptions {
  readonly python: string;
  /** What `python -m test` is given: `test_signal`, or `test_signal -m NAME`. */
  readonly tests: readonly string[];
  /** Between two looks at the process that runs the tests; undefined for none. */
  readonly everyMs: number | undefined;
}

/** Runs tests of CPython's own suite in a process, and looks at that process while they run. */
export async function runCpythonTests({ python, tests, everyMs }: TestRunOptions): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-cpython-'));
  const xml = join(folder, 'tests.xml');
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const program = startProgram(python, ['-m', 'test', '--junit-xml', xml, ...tests], { cwd: folder, env });
  try {
    const seen = everyMs === undefined ? { looks: 0, missed: [] } : await lookUntilItEnds(program, everyMs);
    const code = await program.ended;
    const results = existsSync(xml) ? parseResults(readFileSync(xml, 'utf8')) : { passed: 0, skipped: 0, failed: [] };
    const failed = results.failed.length > 0 || code === 0 ? results.failed : [`exit ${code}: ${lastLine(program)}`];
    return { ...results, failed, ...seen };
  } finally {
    program.child.kill('SIGKILL');
    await program.ended;
    rmSync(folder, { recursive: true });
  }
}

const lastLine = (program: Program) => program.lines().at(-1) ?? program.errors().split('\n').at(-2) ?? '';

const hasEnded = ({ child }: Program) => child.exitCode !== null || child.signalCode !== null;

async function lookUntilItEnds(program: Program, everyMs: number): Promise<{ looks: number; missed: string[] }> {
  const seen = { looks: 0, missed: [] as string[] };
  let session: HeapSession | undefined;
  while (!hasEnded(program)) {
    try {
      session ??= await openHeap(WORKER, program.pid, { maxPauseMs: MAX_PAUSE_MS });
      await session.first();
      seen.looks += 1;
    } catch (thrown) {
      seen.missed.push(problemOf(thrown).message);
      await session?.close();
      session = undefined;
    }
    await Promise.race([setTimeout(everyMs), program.ended]);
  }
  await session?.close();
  return seen;
}

/** The results that `--junit-xml` writes: a `testcase` for each, with an element inside for what did not pass. */
function parseResults(xml: string): Pick<TestRun, 'passed' | 'skipped' | 'failed'> {
  const results = { passed: 0, skipped: 0, failed: [] as string[] };
  for (const [, name = '', , inside = ''] of xml.matchAll(
    /<testcase name="([^"]*)"[^>]*?(\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    if (/<(failure|error)\b/.test(inside)) results.failed.push(name);
    else if (/<skipped\b/.test(inside)) results.skipped += 1;
    else results.passed += 1;
  }
  return results;
}
