import { expect, test } from 'vitest';
import { counted } from '../counted.ts';
import { ERRORS, SIGNALS, startTarget, startTracer, stopped, until } from './programs.ts';

const IN_THE_BODY = 30;
const AT_ANY_MOMENT = 30;

test(`a tracer killed in the pause ${IN_THE_BODY} times leaves the target running`, { timeout: 600_000 }, async () => {
  const target = await startTarget();
  for (let kill = 0; kill < IN_THE_BODY; kill++) {
    const tracer = startTracer(target.pid, 60_000, 'hold');
    await stopped(tracer);
    expect(target.state()).toBe('t');
    tracer.child.kill('SIGKILL');
    expect(await tracer.ended).toBe('SIGKILL');
    await target.runsOn();
    counted('kills', `SIGKILL in the pause ${kill}`);
  }
  expect(target.parentSaw()).toEqual([]);
  expect(target.count(ERRORS)).toBe(0);
});

test(`a tracer killed at any moment ${AT_ANY_MOMENT} times leaves the target running and loses no signal`, {
  timeout: 600_000,
}, async () => {
  const target = await startTarget('churn');
  let sent = 0;
  for (let kill = 0; kill < AT_ANY_MOMENT; kill++) {
    const tracer = startTracer(target.pid, 60_000, 'nothing', 1_000_000);
    await until('the first stop', () => tracer.lines().length > 0);
    // A signal at a time: two of a kind that wait become one, with or without a tracer.
    for (let i = 0; i <= kill % 5; i++) {
      process.kill(target.pid, 'SIGUSR1');
      sent++;
      if (i === kill % 5) tracer.child.kill('SIGKILL');
      await until(`signal ${sent}`, () => target.count(SIGNALS) >= sent);
    }
    expect(await tracer.ended).toBe('SIGKILL');
    await target.runsOn();
    counted('kills', `SIGKILL at any moment ${kill}`);
  }
  expect(target.count(SIGNALS)).toBe(sent);
  expect(target.count(ERRORS)).toBe(0);
  expect(target.parentSaw()).toEqual([]);
});
