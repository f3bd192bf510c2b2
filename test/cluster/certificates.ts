import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { API_SERVER, inState, NETWORK, NODE } from './places.ts';
import { runProgram } from './run-program.ts';

const folder = inState('certificates');
/** A certificate or key by its name. */
export const certificate = (name: string): string => `${folder}/${name}.crt`;
export const keyOf = (name: string): string => `${folder}/${name}.key`;

/** Who connects to the API server with a kubeconfig of its own, by user and group. RBAC's own bindings give them their rights. */
const CLIENTS = {
  admin: '/O=system:masters/CN=admin',
  'kube-controller-manager': '/CN=system:kube-controller-manager',
  'kube-scheduler': '/CN=system:kube-scheduler',
  'kube-proxy': '/CN=system:kube-proxy',
  kubelet: `/O=system:nodes/CN=system:node:${NODE}`,
  'metrics-server': '/CN=whyoom:metrics-server',
} as const;

export const kubeconfigOf = (client: keyof typeof CLIENTS): string => inState('kubeconfig', client);

/** Makes the authorities, all certificates, and a kubeconfig a client. They are good for a month. */
export function makeCertificates(): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  mkdirSync(inState('kubeconfig'), { recursive: true, mode: 0o700 });
  authority('ca');
  authority('front-proxy-ca');
  runProgram('openssl', ['genpkey', '-algorithm', 'RSA', '-out', keyOf('service-accounts')]);
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  serving('kube-apiserver', [...names, 'localhost'], ['127.0.0.1', NETWORK.node, NETWORK.firstService]);
  serving('kubelet-serving', [NODE], [NETWORK.node]);
  serving('metrics-server-serving', ['metrics-server.kube-system.svc'], [NETWORK.node]);
  signed('kube-apiserver-kubelet', '/O=system:masters/CN=kube-apiserver-kubelet', 'clientAuth');
  signed('front-proxy', '/CN=front-proxy', 'clientAuth', 'front-proxy-ca');
  for (const [client, subject] of Object.entries(CLIENTS)) {
    signed(client, subject, 'clientAuth');
    writeFileSync(inState('kubeconfig', client), kubeconfig(client), { mode: 0o600 });
  }
}

const NEW_KEY = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '30'];

function authority(name: string): void {
  const usage = ['-addext', 'keyUsage=critical,keyCertSign,digitalSignature'];
  runProgram('openssl', [
    'req',
    ...NEW_KEY,
    ...usage,
    '-subj',
    `/CN=${name}`,
    '-keyout',
    keyOf(name),
    '-out',
    certificate(name),
  ]);
}

function signed(
  name: string,
  subject: string,
  use: 'clientAuth' | 'serverAuth',
  by = 'ca',
  extra: string[] = [],
): void {
  const extensions = ['basicConstraints=critical,CA:FALSE', `extendedKeyUsage=${use}`, ...extra];
  runProgram('openssl', [
    ...['req', ...NEW_KEY, '-CA', certificate(by), '-CAkey', keyOf(by), '-subj', subject],
    ...extensions.flatMap((extension) => ['-addext', extension]),
    ...['-keyout', keyOf(name), '-out', certificate(name)],
  ]);
}

function serving(name: string, names: readonly string[], addresses: readonly string[]): void {
  const all = [...names.map((each) => `DNS:${each}`), ...addresses.map((each) => `IP:${each}`)];
  signed(name, `/CN=${names[0]}`, 'serverAuth', 'ca', [`subjectAltName=${all.join(',')}`]);
}

/** JSON is YAML: kubectl and the client libraries read it. */
function kubeconfig(client: string): string {
  const data = (file: string) => readFileSync(file).toString('base64');
  const cluster = { server: API_SERVER, 'certificate-authority-data': data(certificate('ca')) };
  const user = { 'client-certificate-data': data(certificate(client)), 'client-key-data': data(keyOf(client)) };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'whyoom', cluster }],
    users: [{ name: client, user }],
    contexts: [{ name: 'whyoom', context: { cluster: 'whyoom', user: client } }],
    'current-context': 'whyoom',
  });
}
