import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { HeapError } from '../../src/heap/heap-error.ts';
import { readRemotely } from '../../src/pod-reader/remote-memory.ts';
import { CHECKED, startChecked } from '../harm/checked-program.ts';
import { interpreters } from '../python/programs.ts';
import { until } from '../start-program.ts';
import { compiled } from '../tracer/programs.ts';
import { worthCopying } from './copied.ts';
import { startReader } from './reader-process.ts';

const python = interpreters().findLast(({ path }) => path.includes('pyenv') || path.startsWith('/usr/'))!.path;

test.each(CHECKED)('fifty stops in a row take nothing from %s, which checks itself all the time', async (name) => {
  const program = await startChecked(python, name, 20_000);
  onTestFinished(program.kill);
  const { memory } = readRemotely(startReader(python).link, program.pid);
  memory.copy(worthCopying(memory), () => {});
  for (let round = 0; round < 50; round += 1) {
    program.sendOutside();
    memory.stopped({ maxPauseMs: 5000, bufferBytes: 1 << 20 }, () => {});
  }
  await program.goesOn();
  await program.finish();
});

test('a program that replaces itself all the time runs on, whatever becomes of the reader', async () => {
  const program = spawn(compiled('execs.c'), { stdio: 'ignore' });
  onTestFinished(() => {
    program.kill('SIGKILL');
  });
  const pid = program.pid!;
  let reader = startReader(python);
  let stopped = 0;
  for (let round = 0; round < 500; round += 1) {
    try {
      readRemotely(reader.link, pid).memory.stopped({ maxPauseMs: 200, bufferBytes: 4096 }, () => {});
      stopped += 1;
    } catch (thrown) {
      // It has just ended to be what it was, or could not be stopped in time. Anything else is a fault.
      expect(thrown).toBeInstanceOf(HeapError);
      if (!/timeout|broken/.test((thrown as HeapError).code)) continue;
      expect(['SIGALRM', 5]).toContain(await reader.ended);
      reader = startReader(python);
    }
  }
  expect(stopped).toBeGreaterThan(50);
  // The reader is there still, and holds nothing.
  const begun = stackOf(pid);
  await until('one more exec', () => stackOf(pid) !== begun);
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^TracerPid:\t0$/m);
});

/** Where its stack begins: another place after each exec. */
const stackOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').at(27);
