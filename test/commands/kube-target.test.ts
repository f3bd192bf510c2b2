import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kubeTargetOf, targetText } from '../../src/commands/kube-target.ts';
import { UsageError } from '../../src/commands/usage-error.ts';

test.each([
  [['deploy/orca'], { by: 'name', type: 'deploy', name: 'orca' }],
  [['deployment', 'orca'], { by: 'name', type: 'deployment', name: 'orca' }],
  [['orca-645f4b4d65-hhxmt'], { by: 'name', type: 'pods', name: 'orca-645f4b4d65-hhxmt' }],
  [['rollouts.v1alpha1.argoproj.io/orca'], { by: 'name', type: 'rollouts.v1alpha1.argoproj.io', name: 'orca' }],
])('%j is a target as kubectl takes it', (words, target) => {
  expect(kubeTargetOf(words, undefined)).toEqual(target);
});

test('a selector stands alone, or after the word pods', () => {
  const target = { by: 'selector', selector: 'app=orca,tier in (web)' };
  expect(kubeTargetOf([], target.selector)).toEqual(target);
  expect(kubeTargetOf(['pods'], target.selector)).toEqual(target);
});

test('no word at all is no target, and no error', () => {
  expect(kubeTargetOf([], undefined)).toBeUndefined();
});

test.each([
  [['deploy/a', 'deploy/b'], undefined],
  [['deploy', 'a', 'b'], undefined],
  [['deploy/'], undefined],
  [['/orca'], undefined],
  [['a/b/c'], undefined],
  [['..'], undefined],
  [['deploy/a%2fb'], undefined],
  [['deploy/orca'], 'app=orca'],
  [[], ' '],
])('%j with the selector %j is wrong usage', (words, selector) => {
  expect(() => kubeTargetOf(words, selector)).toThrow(UsageError);
});

test('whatever is typed gives a target or a usage error, and a name that stays within its place in a path', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 3 }), (words) => {
      try {
        const target = kubeTargetOf(words, undefined);
        if (target?.by === 'name') expect(target.name).toMatch(/^[^/%\s]+$/);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(UsageError);
      }
    }),
  );
});

test('a target is named again as a shell takes it', () => {
  expect(targetText({ by: 'name', type: 'deploy', name: 'orca' }, { namespace: 'app-95', as: 'ada' })).toBe(
    'deploy/orca -n app-95 --as ada',
  );
  expect(targetText({ by: 'selector', selector: 'a in (b)' }, { context: "it's" })).toBe(
    "-l 'a in (b)' --context 'it'\\''s'",
  );
});
