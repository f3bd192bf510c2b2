import { expect, test } from 'vitest';
import { createWatch, endOf } from '../../src/core/watch.ts';

const never = new AbortController().signal;
const over = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

test('a watch ends by itself and says that its time was up', async () => {
  const watch = createWatch(5, never);
  await over(watch.over);
  expect(endOf(watch)).toBe('time-up');
});

test('a watch that is held does not end until its clock starts anew', async () => {
  const watch = createWatch(5, never);
  watch.hold();
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(watch.over.aborted).toBe(false);
  watch.start();
  await over(watch.over);
  expect(endOf(watch)).toBe('time-up');
});

test('an interrupt ends the watch at once, also while it is held', () => {
  const interrupt = new AbortController();
  const watch = createWatch(60_000, interrupt.signal);
  watch.hold();
  interrupt.abort();
  expect(endOf(watch)).toBe('interrupted');
});

test('the first reason to end stays', () => {
  const watch = createWatch(60_000, never);
  watch.end('process-exited');
  watch.end('decided');
  watch.start();
  expect(endOf(watch)).toBe('process-exited');
});

test('a watch that begins after the interrupt is over at once', () => {
  expect(createWatch(60_000, AbortSignal.abort()).over.aborted).toBe(true);
});
