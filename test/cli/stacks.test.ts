import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { stacksReportSchema } from '../../src/core/stacks-report.ts';
import { PYTHON } from '../sources/process/programs.ts';
import { whyoom } from './whyoom.ts';

/** Two workers that wait under a process that waits for them. */
const WORKERS = `
import multiprocessing, sys, time
def works(): time.sleep(1000)
multiprocessing.set_start_method('fork')
for _ in range(2): multiprocessing.Process(target=works, daemon=True).start()
time.sleep(0.5)
print('ready', flush=True)
sys.stdin.read()`;

async function startWorkers(): Promise<number> {
  const child = spawn(PYTHON, ['-c', WORKERS], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.stdin.end());
  await once(child.stdout, 'data');
  return child.pid!;
}

test('whyoom stacks tells what each Python process at and under a pid is doing', async () => {
  const pid = await startWorkers();
  const { code, out, err } = await whyoom('stacks', '--pid', String(pid), '-o', 'json');
  expect([code, err]).toEqual([0, '']);
  const { processes } = stacksReportSchema.parse(JSON.parse(out));
  const innermost = processes.map((each) => ('threads' in each ? each.threads.listed[0]!.frames[0]!.function : each));
  expect(innermost).toEqual(['<module>', 'works', 'works']);
  const text = await whyoom('stacks', '--pid', String(pid));
  expect(text.out.match(/^ {2}works +<string>:3$/gm)).toHaveLength(2);
});

test.each([
  [[], 'Nothing to look at.'],
  [['--pid', '1', 'deploy/orca'], 'More than one target.'],
  [['-l', 'app=orca', '--pid', '1'], 'More than one target.'],
  [['deploy/a', 'deploy/b'], 'More than one target.'],
  [['4242'], 'whyoom stacks --pid 4242'],
  [['--pid', '1', '--dry-run'], '--dry-run is for a target in Kubernetes.'],
  [['deploy/orca', '--dry-run', '-o', 'markdown'], 'no format "markdown"'],
  [['--pid', '1', '-o', 'yaml'], 'no format "yaml"'],
])('whyoom stacks %j is wrong usage, and says what is right', async (argv, words) => {
  const { code, out, err } = await whyoom('stacks', ...argv);
  expect([code, out]).toEqual([4, '']);
  expect(err).toContain(words);
  expect(err.trim().split('\n')).toHaveLength(2);
});

test('whyoom stacks says that there is no Python', async () => {
  const child = spawn('sleep', ['1000']);
  onTestFinished(() => void child.kill());
  const { code, err } = await whyoom('stacks', '--pid', String(child.pid));
  expect(code).toBe(3);
  expect(err).toContain('No Python process at or under');
});
