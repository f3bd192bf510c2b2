import { expect, onTestFinished, test } from 'vitest';
import { startChecked } from './harm/checked-program.ts';
import { startWhyoom, strikeInTheStop } from './harm/rounds.ts';
import { interpreters } from './python/programs.ts';
import { endHang, startTarget, threadStates, until } from './tracer/programs.ts';

async function startThreads() {
  const program = await startChecked(interpreters().at(-1)!.path, 'threads', 20_000);
  onTestFinished(() => program.kill());
  return program;
}

test('whyoom that is stopped in the stop, as Ctrl-Z does, holds nothing up, and answers when it goes on', async () => {
  const program = await startThreads();
  const { whyoom, helper } = await startWhyoom(program.pid);
  onTestFinished(() => void whyoom.child.kill('SIGKILL'));
  expect(strikeInTheStop(program.pid, helper, 0, () => whyoom.child.kill('SIGSTOP'))).not.toBe('missed');
  await program.goesOn();
  whyoom.child.kill('SIGCONT');
  expect([await whyoom.ended, whyoom.errors()]).toEqual([0, '']);
  await program.finish();
});

test.each([0, 3])('a target that is killed %i ms into the stop ends, and whyoom says so', async (afterMs) => {
  const program = await startThreads();
  const { whyoom, helper } = await startWhyoom(program.pid);
  strikeInTheStop(program.pid, helper, afterMs, () => process.kill(program.pid, 'SIGKILL'));
  expect([await whyoom.ended, whyoom.errors()]).toEqual([0, '']);
  expect(whyoom.lines().join('\n')).toMatch(/The process ended/);
});

test('a thread that hangs in the kernel: whyoom gives up within the longest pause, says why, and all else runs on', async () => {
  const target = await startTarget('hang');
  onTestFinished(() => endHang(target.file));
  await until('the hanging thread', () => threadStates(target.pid).includes('D'));
  const { whyoom } = await startWhyoom(target.pid, 300);
  expect([await whyoom.ended, whyoom.errors()]).toEqual([0, '']);
  expect(whyoom.lines().join(' ').replace(/ +/g, ' ')).toMatch(
    /Not every thread of process \d+ could be stopped in time/,
  );
  await target.runsOn();
});
