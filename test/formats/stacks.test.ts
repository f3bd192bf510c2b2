import { expect, test } from 'vitest';
import { type StacksReport, stacksReportSchema } from '../../src/core/stacks-report.ts';
import { stacksFormats } from '../../src/formats/stacks.ts';

const SCREEN = { width: 80, color: false, unicode: true };
const render = (report: StacksReport, id = 'terminal', screen = SCREEN) =>
  stacksFormats.find((format) => format.id === id)!.render(report, screen);

const frame = (name: string, line: number) => ({ function: name, file: '/app/app.py', line });
const thread = { id: 43, name: 'worker', state: 'idle' as const, holdsGil: false, frames: [frame('wait', 3)] };
const read = {
  pid: 42,
  name: 'python app.py (pid 42)',
  takenAt: '2026-11-23T12:00:00.000Z',
  python: '3.12.1',
  pauseMs: 3.1,
  threads: { count: 1, listed: [thread] },
};
const report = (...processes: StacksReport['processes']): StacksReport => ({
  version: 1,
  tool: '0.1.0',
  target: { kind: 'process', name: 'pid 42' },
  processes,
});

test('a thread has its state, the GIL, and a function that calls itself on one line', () => {
  const frames = [frame('wait', 3), ...Array.from({ length: 500 }, () => frame('deep', 7)), frame('<module>', 9)];
  const busy = { ...thread, state: 'running' as const, holdsGil: true, frames, moreFrames: 12 };
  expect(
    render(report({ ...read, threads: { count: 3, listed: [busy] } })),
  ).toBe(`python app.py (pid 42) · Python 3.12.1 · 3 threads · paused\u00a03.1\u00a0ms

Thread 43 "worker"  running · holds the GIL
  wait      /app/app.py:3
  deep      /app/app.py:7  × 500
  <module>  /app/app.py:9
  … 12 outer ones

… 2 more threads (all numbers: -o json)
`);
});

test('the middle of a long stack is left out, and counted', () => {
  const frames = Array.from({ length: 300 }, (_, at) => frame(`f${at}`, at));
  const text = render(report({ ...read, threads: { count: 1, listed: [{ ...thread, frames }] } }));
  expect(text.split('\n').length).toBeLessThan(60);
  expect(text).toContain('… 250 more');
  expect(text).toContain('/app/app.py:299');
});

test('tasks that wait in one place are one entry with an example', () => {
  const at = frame('leaf', 5);
  const waiting = { state: 'waiting' as const, waitsFor: 'Future', frames: [at, frame('main', 8)] };
  const listed = [1, 2, 3].map((number) => ({ name: `Task-${number}`, ...waiting }));
  const ready = { name: 'Task-4', state: 'ready' as const, frames: [frame('new', 1)] };
  const groups = [
    { count: 3, state: 'waiting' as const, at },
    { count: 1, state: 'ready' as const, at: frame('new', 1) },
  ];
  const text = render(report({ ...read, tasks: { count: 4, listed: [...listed, ready], groups } }));
  expect(text).toContain(`4 asyncio tasks

3 waiting for Future, as Task-1
  leaf  /app/app.py:5
  main  /app/app.py:8

1 ready · Task-4
  new  /app/app.py:1
`);
});

test('names from the process move no cursor and fit the screen of those who have no Unicode', () => {
  const hostile = { ...thread, name: '\x1b[2J\u202e', frames: [{ function: 'f\n\x07', file: '/a\x1b]0;x' }] };
  for (const id of ['terminal', 'json']) {
    const text = render(report({ ...read, threads: { count: 1, listed: [hostile] } }), id);
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u202e]/);
  }
  const ascii = render(report(read), 'terminal', { ...SCREEN, unicode: false });
  expect(ascii).not.toMatch(/[^\x00-\x7f]/);
});

test('a process that could not be read says why beside those that were', () => {
  const problem = { code: 'denied', message: 'Process 44 may not be read.', hint: 'Run as root.' };
  const text = render(report(read, { pid: 44, name: 'python (pid 44)', problem }));
  expect(text).toContain('python (pid 44)\n  Process 44 may not be read.\n  Run as root.\n');
});

test('JSON is what the schema says', () => {
  const collector = { enabled: false, thresholds: [700, 10, 10], counts: [1, 2, 3], garbage: 0, generations: [] };
  const whole = report({ ...read, collector });
  expect(stacksReportSchema.parse(JSON.parse(render(whole, 'json')))).toEqual(whole);
  expect(render(whole)).toContain('Collector OFF · counts 1, 2, 3 of 700, 10, 10');
});
