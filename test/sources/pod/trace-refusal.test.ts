import { expect, test } from 'vitest';
import { traceRefusal } from '../../../src/sources/pod/trace-refusal.ts';
import type { ProcFiles } from '../../../src/sources/process/proc-files.ts';

const filesWith = (texts: Readonly<Record<string, string>>) =>
  ({
    read: (path: string) => (texts[path] === undefined ? { why: 'gone' } : { text: texts[path] }),
  }) as unknown as ProcFiles;
const status = (capabilities: string) => `Name:\tpython\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nCapEff:\t${capabilities}\n`;
const under = (scope: string, capabilities = '0000000000000000') =>
  filesWith({
    '/proc/7/status': status('0000000000000000'),
    '/proc/self/status': status(capabilities),
    '/proc/7/maps': 'x',
    '/proc/sys/kernel/yama/ptrace_scope': `${scope}\n`,
  });
const ALL = '000001ffffffffff';

test.each(['1', '2'])('Yama at %s is no matter to who has SYS_PTRACE, so that an added container is a way', (scope) => {
  const refused = traceRefusal(7, 'exec', under(scope))?.problem;
  expect(refused).toMatchObject({ code: 'denied', hint: expect.stringContaining('--allow ephemeral') });
  expect(traceRefusal(7, 'ephemeral', under(scope, ALL))).toBeUndefined();
});

test('Yama at 3 holds for everybody: no container is advised that could not do it either', () => {
  for (const capabilities of ['0000000000000000', ALL]) {
    const { problem } = traceRefusal(7, 'exec', under('3', capabilities))!;
    expect(problem).toMatchObject({ code: 'denied', message: expect.stringContaining('scope is 3') });
    expect(problem.hint).not.toContain('ephemeral');
  }
});

test('without Yama, or with Yama at 0, the same user is enough', () => {
  expect(traceRefusal(7, 'exec', under('0'))).toBeUndefined();
});
