import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AccessRule } from '../../src/core/kube-artifacts.ts';
import { grants, missingRules } from '../../src/core/preflight.ts';

interface Granted {
  kind: string;
  metadata: { name: string; namespace?: string };
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  roleRef?: { kind: string; name: string };
  subjects?: object[];
}

const rule = fc.record<AccessRule>(
  {
    verb: fc.constantFrom('get', 'list', 'create'),
    group: fc.constantFrom('', 'apps', 'batch'),
    resource: fc.constantFrom('pods', 'pods/log', 'deployments', 'nodes'),
    namespace: fc.constantFrom('app-95', 'monitoring'),
  },
  { requiredKeys: ['verb', 'group', 'resource'] },
);
const keyOf = ({ verb, group, resource, namespace }: AccessRule) => [namespace, group, resource, verb].join(' ');

test('what is granted is what was missing: each rule, and not one more', () => {
  fc.assert(
    fc.property(fc.uniqueArray(rule, { selector: keyOf, maxLength: 12 }), (rules) => {
      const roles = (grants(rules, 'ada') as Granted[]).filter((each) => each.rules);
      const given = roles.flatMap(({ metadata: { namespace }, rules: each }) =>
        each!.flatMap(({ apiGroups, resources, verbs }) =>
          apiGroups.flatMap((group) =>
            resources.flatMap((resource) =>
              verbs.map((verb) => keyOf({ verb, group, resource, ...(namespace ? { namespace } : {}) })),
            ),
          ),
        ),
      );
      expect(given.sort()).toEqual(rules.map(keyOf).sort());
    }),
  );
});

test('each role is bound to the one who asked, by a binding of the same name', () => {
  const rules: AccessRule[] = [
    { verb: 'list', group: '', resource: 'pods', namespace: 'app-95' },
    { verb: 'get', group: '', resource: 'nodes' },
  ];
  const [role, binding, clusterRole, clusterBinding] = grants(rules, 'system:serviceaccount:ci:bot') as Granted[];
  expect([role!.kind, binding!.kind, clusterRole!.kind, clusterBinding!.kind]).toEqual([
    'Role',
    'RoleBinding',
    'ClusterRole',
    'ClusterRoleBinding',
  ]);
  expect(binding).toMatchObject({
    metadata: role!.metadata,
    roleRef: { kind: 'Role', name: role!.metadata.name },
    subjects: [{ kind: 'ServiceAccount', namespace: 'ci', name: 'bot' }],
  });
  expect(role!.metadata.name).toMatch(/^whyoom-ci-bot-[0-9a-f]{6}$/);
});

test('a later grant has another name, so that applying it takes nothing away', () => {
  const name = (resource: string) =>
    (grants([{ verb: 'list', group: '', resource, namespace: 'a' }], 'ada@example.com') as Granted[])[0]!.metadata.name;
  expect(name('pods')).not.toBe(name('events'));
  expect(name('pods')).toBe(name('pods'));
});

test('only what was refused is missing, and once', () => {
  const pods = { verb: 'list', group: '', resource: 'pods', namespace: 'a' };
  const row = { rung: 'api' as const, step: 'Reading', rule: pods };
  const asked = { target: 'deploy/a', namespace: 'a', user: undefined };
  const rows = [
    { ...row, allowed: 'no' as const },
    { ...row, allowed: 'no' as const },
    { ...row, rule: { ...pods, resource: 'events' }, allowed: 'unknown' as const },
    { ...row, rule: { ...pods, resource: 'nodes' }, allowed: 'yes' as const },
  ];
  expect(missingRules({ ...asked, rows })).toEqual([pods]);
});
