import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../temporary.ts';
import { certificate } from './certificates.ts';
import { API_SERVER, KUBECONFIG, KUBECTL } from './places.ts';

export { KUBECONFIG } from './places.ts';
export { waitUntil } from './wait.ts';

/**
 * What `kubectl` prints, as the cluster's administrator. Throws an error that holds what it wrote to stderr. Test files in
 * the project `cluster` find the cluster running (test/cluster/started.ts).
 */
export async function kubectl(...options: readonly string[]): Promise<string> {
  return kubectlAs(KUBECONFIG, options);
}

/** The same with another kubeconfig, and with something on stdin. */
export async function kubectlAs(kubeconfig: string, options: readonly string[], input = ''): Promise<string> {
  const running = promisify(execFile)(KUBECTL, [...options], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    maxBuffer: 256 * 2 ** 20,
    timeout: 120_000,
  });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** An object, or a list of them, as JSON. */
export const get = async (...options: readonly string[]): Promise<unknown> =>
  JSON.parse(await kubectl('get', '-o', 'json', ...options));

/** Applies a manifest (YAML or JSON). */
export const apply = (manifest: string, namespace = 'default'): Promise<string> =>
  kubectlAs(KUBECONFIG, ['apply', '--namespace', namespace, '-f', '-'], manifest);

/** A new namespace, which is deleted when the test has finished. */
export async function namespace(): Promise<string> {
  const name = await makeNamespace();
  onTestFinished(() => removeNamespace(name));
  return name;
}

/** A new namespace for several tests: give it to `removeNamespace` in `afterAll`. */
export async function makeNamespace(): Promise<string> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  await kubectl('create', 'namespace', name);
  return name;
}

/** Deletes a namespace with all that is in it; it does not wait for the end of that. */
export async function removeNamespace(name: string): Promise<void> {
  await kubectl('delete', 'namespace', name, '--wait=false', '--ignore-not-found');
}

/** A rule of a Role, as RBAC has them. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A kubeconfig for a new ServiceAccount that has exactly these rights in its namespace. */
export async function kubeconfigWith(namespace: string, rules: readonly Rule[]): Promise<string> {
  const name = `reader-${randomBytes(3).toString('hex')}`;
  const group = 'rbac.authorization.k8s.io';
  const metadata = { name, namespace };
  const roleRef = { apiGroup: group, kind: 'Role', name };
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: `${group}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef,
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ];
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), namespace);
  return kubeconfigOfAccount(namespace, name);
}

/** A kubeconfig for a ServiceAccount, with a token that is good for an hour. It is removed with the test. */
export async function kubeconfigOfAccount(namespace: string, account: string): Promise<string> {
  const token = (await kubectl('create', 'token', account, '--namespace', namespace)).trim();
  const authority = readFileSync(certificate('ca')).toString('base64');
  const file = join(temporaryFolder(), 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'whyoom', cluster: { server: API_SERVER, 'certificate-authority-data': authority } }],
    users: [{ name: account, user: { token } }],
    contexts: [{ name: 'whyoom', context: { cluster: 'whyoom', user: account, namespace } }],
    'current-context': 'whyoom',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
