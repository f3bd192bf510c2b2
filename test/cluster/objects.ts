import { readFileSync } from 'node:fs';
import { certificate } from './certificates.ts';
import { NETWORK } from './places.ts';

export const METRICS_API = 'v1beta1.metrics.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';
const METRICS_USER = { apiGroup: RBAC, kind: 'User', name: 'whyoom:metrics-server' };
const named = (name: string, namespace?: string) => ({ metadata: { name, ...(namespace && { namespace }) } });

/**
 * What makes metrics-server, which runs beside the cluster and not in it, the metrics API: a Service without a selector whose
 * one endpoint is the node, and the rights that its own manifests give to its ServiceAccount.
 */
export function metricsObjects(): object[] {
  const service = { name: 'metrics-server', namespace: 'kube-system' };
  const binding = (name: string, role: string, kind = 'ClusterRole') => ({
    apiVersion: `${RBAC}/v1`,
    roleRef: { apiGroup: RBAC, kind, name: role },
    subjects: [METRICS_USER],
    ...named(name),
  });
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      ...named('whyoom:metrics-server'),
      rules: [
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
        { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    { kind: 'ClusterRoleBinding', ...binding('whyoom:metrics-server', 'whyoom:metrics-server') },
    { kind: 'ClusterRoleBinding', ...binding('whyoom:metrics-server:delegator', 'system:auth-delegator') },
    {
      kind: 'RoleBinding',
      ...binding('whyoom:metrics-server:reader', 'extension-apiserver-authentication-reader', 'Role'),
      ...named('whyoom:metrics-server:reader', 'kube-system'),
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: service,
      spec: { ports: [{ name: 'https', port: 443, targetPort: NETWORK.metricsPort }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...service, labels: { 'kubernetes.io/service-name': service.name } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: NETWORK.metricsPort, protocol: 'TCP' }],
      endpoints: [{ addresses: [NETWORK.node], conditions: { ready: true } }],
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      ...named(METRICS_API),
      spec: {
        service,
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: readFileSync(certificate('ca')).toString('base64'),
      },
    },
    // What `metrics` objects are to people who may view a namespace: metrics-server's own manifests aggregate the same.
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: {
        name: 'system:aggregated-metrics-reader',
        labels: Object.fromEntries(['view', 'edit', 'admin'].map((to) => [`${RBAC}/aggregate-to-${to}`, 'true'])),
      },
      rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
    },
  ];
}

/** Several objects as one manifest. */
export const manifest = (objects: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
