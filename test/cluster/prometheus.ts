import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { codename, fetchPackages, unpack } from '../interpreters/apt.ts';
import { apply, KUBECONFIG, kubectl } from './cluster.ts';
import { kept } from './kept.ts';
import { manifest } from './objects.ts';
import { KUBECTL, NETWORK } from './places.ts';

const KUBELET_PORT = 10_250;
const PORT = 9090;

/** The folder of Debian's Prometheus, unpacked and not installed. */
function prometheusFolder(): string {
  const release = codename();
  if (release === undefined) throw new Error('/etc/os-release names no release of Debian');
  const folder = kept('prometheus', [release], (draft) => {
    const contents = { release, architecture: 'amd64', packages: ['prometheus'], besideInstalled: true } as const;
    unpack(fetchPackages(contents, join(draft, 'apt')), draft);
    rmSync(join(draft, 'apt'), { recursive: true });
  });
  return join(folder, 'usr/bin');
}

/**
 * Starts a Prometheus that scrapes the kubelet's cAdvisor, in a pod with a Service: the API server's proxy leads to nothing else
 * than pods (pkg/registry/core/service/storage, `isValidAddress`). It ends with the namespace.
 */
export async function startPrometheus(namespace: string, name: string): Promise<void> {
  await apply(manifest(objects(namespace, name, prometheusFolder())), namespace);
  onTestFinished(() => void kubectl('delete', 'clusterrolebinding', roleName(namespace), '--ignore-not-found'));
  await kubectl('wait', '--for=condition=Ready', `pod/${name}`, '-n', namespace, '--timeout=60s');
}

const roleName = (namespace: string): string => `whyoom:prometheus:${namespace}`;

function objects(namespace: string, name: string, folder: string): object[] {
  const group = 'rbac.authorization.k8s.io';
  return [
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: roleName(namespace) },
      // Its rights are `nodes/metrics` and reading pods and nodes.
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'whyoom:metrics-server' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { 'prometheus.yml': JSON.stringify(SCRAPING) } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, labels: { 'app.kubernetes.io/name': 'prometheus' } },
      spec: { selector: { app: name }, ports: [{ name: 'web', port: PORT }] },
    },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: podSpec(name, folder) },
  ];
}

/** The program of this machine's Debian in an image of a newer one, whose libc it can use. */
const podSpec = (name: string, folder: string): object => ({
  terminationGracePeriodSeconds: 1,
  containers: [
    {
      name: 'prometheus',
      image: 'python:3.14-slim',
      command: ['/prometheus/prometheus', '--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/data'],
      ports: [{ containerPort: PORT }],
      readinessProbe: { httpGet: { path: '/-/ready', port: PORT }, periodSeconds: 1 },
      volumeMounts: [
        { name: 'program', mountPath: '/prometheus', readOnly: true },
        { name: 'settings', mountPath: '/etc/prometheus' },
        { name: 'data', mountPath: '/data' },
      ],
    },
  ],
  volumes: [
    { name: 'program', hostPath: { path: folder, type: 'Directory' } },
    { name: 'settings', configMap: { name } },
    { name: 'data', emptyDir: {} },
  ],
});

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const SCRAPING = {
  global: { scrape_interval: '2s', scrape_timeout: '2s' },
  scrape_configs: [
    {
      job_name: 'cadvisor',
      scheme: 'https',
      metrics_path: '/metrics/cadvisor',
      authorization: { credentials_file: `${ACCOUNT}/token` },
      tls_config: { ca_file: `${ACCOUNT}/ca.crt` },
      static_configs: [{ targets: [`${NETWORK.node}:${KUBELET_PORT}`] }],
    },
  ],
};

/** The address on this machine that leads to a service, until the test ends. */
export async function forwarded(namespace: string, service: string): Promise<string> {
  const options = ['port-forward', '-n', namespace, `service/${service}`, `:${PORT}`];
  const running = spawn(KUBECTL, options, {
    env: { ...process.env, KUBECONFIG },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void running.kill());
  const [first] = (await once(running.stdout, 'data')) as [Buffer];
  // What it says later must go somewhere: it ends where nobody listens.
  running.stdout.resume();
  const [, address] = /Forwarding from (127\.0\.0\.1:\d+)/.exec(String(first)) ?? [];
  if (address === undefined) throw new Error(`kubectl port-forward says: ${first}`);
  return `http://${address}`;
}
