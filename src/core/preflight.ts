import { createHash } from 'node:crypto';
import type { AccessRule, Rights } from './kube-artifacts.ts';

/** What whyoom would ask the API for, by how far it goes, and whether it may. */
export interface Preflight {
  readonly target: string;
  readonly namespace: string;
  readonly user: string | undefined;
  readonly rows: readonly PreflightRow[];
}

export interface PreflightRow {
  readonly rung: 'api' | 'exec' | 'ephemeral' | 'node-stats';
  /** What it is for: `Reading the pods`. */
  readonly step: string;
  readonly rule: AccessRule;
  readonly allowed: Rights['answers'][number]['allowed'];
  readonly reason?: string | undefined;
}

/** The rules that are missing, each once. */
export const missingRules = ({ rows }: Preflight): AccessRule[] => [
  ...new Map(rows.filter(({ allowed }) => allowed === 'no').map(({ rule }) => [JSON.stringify(rule), rule])).values(),
];

interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

/**
 * The smallest objects that `kubectl apply` takes to grant these rules to a user: a Role and RoleBinding in the namespace, and
 * a ClusterRole and ClusterRoleBinding for what belongs to no namespace (RBAC API, rbac.authorization.k8s.io/v1).
 */
export function grants(rules: readonly AccessRule[], user: string): object[] {
  const namespaces = [
    ...new Set(rules.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace]))),
  ].sort();
  const cluster = rules.filter(({ namespace }) => namespace === undefined);
  return [
    ...namespaces.flatMap((namespace) =>
      grant(
        rules.filter((rule) => rule.namespace === namespace),
        user,
        namespace,
      ),
    ),
    ...(cluster.length > 0 ? grant(cluster, user, undefined) : []),
  ];
}

const RBAC = 'rbac.authorization.k8s.io';

function grant(rules: readonly AccessRule[], user: string, namespace: string | undefined): object[] {
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = { name: nameFor(user, rules), ...(namespace === undefined ? {} : { namespace }) };
  const apiVersion = `${RBAC}/v1`;
  return [
    { apiVersion, kind, metadata, rules: policyRules(rules) },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind, name: metadata.name },
      subjects: [subject(user)],
    },
  ];
}

/** One rule for the resources of a group that are asked with the same verbs. */
function policyRules(rules: readonly AccessRule[]): PolicyRule[] {
  const verbsOf = new Map<string, { group: string; resource: string; verbs: Set<string> }>();
  for (const { group, resource, verb } of rules) {
    const key = `${group}/${resource}`;
    const known = verbsOf.get(key) ?? { group, resource, verbs: new Set<string>() };
    known.verbs.add(verb);
    verbsOf.set(key, known);
  }
  const merged = new Map<string, PolicyRule>();
  for (const { group, resource, verbs } of verbsOf.values()) {
    const sorted = [...verbs].sort();
    const key = `${group} ${sorted.join()}`;
    const known = merged.get(key) ?? { apiGroups: [group], resources: [], verbs: sorted };
    known.resources.push(resource);
    merged.set(key, known);
  }
  return [...merged.values()];
}

const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function subject(user: string): object {
  const [, namespace, name] = ACCOUNT.exec(user) ?? [];
  if (namespace !== undefined) return { kind: 'ServiceAccount', namespace, name };
  return { apiGroup: RBAC, kind: 'User', name: user };
}

/**
 * A name of an object (RFC 1123) that tells user and rules, so that no grant overwrites another: `kubectl apply` of a Role by
 * the same name would take away what an earlier one gave.
 */
function nameFor(user: string, rules: readonly AccessRule[]): string {
  const [, namespace, account] = ACCOUNT.exec(user) ?? [];
  const plain = (namespace === undefined ? user : `${namespace}-${account}`).toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const digest = createHash('sha256')
    .update(JSON.stringify([user, rules]))
    .digest('hex')
    .slice(0, 6);
  return `whyoom-${plain.replace(/^-+|-+$/g, '').slice(0, 45) || 'user'}-${digest}`;
}
