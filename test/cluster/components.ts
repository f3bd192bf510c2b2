import { certificate, keyOf, kubeconfigOf } from './certificates.ts';
import { inState, NETWORK, NODE } from './places.ts';
import { SETTINGS } from './settings.ts';

/** A program that runs on the node as long as the cluster does. */
export interface Component {
  readonly name: string;
  readonly program: string;
  readonly options: readonly string[];
}

/** Where the programs are. */
export interface Programs {
  readonly packages: string;
  readonly kubernetes: string;
  readonly metricsServer: string;
}

/** All of them, in the order in which they are started; each waits by itself for what it needs. */
export function components({ packages, kubernetes, metricsServer }: Programs): Component[] {
  const kube = (name: string, options: Options): Component => ({
    name,
    program: `${kubernetes}/${name}`,
    options: written(options),
  });
  return [
    { name: 'etcd', program: `${packages}/usr/bin/etcd`, options: written(etcd) },
    { name: 'containerd', program: `${packages}/usr/bin/containerd`, options: ['--config', SETTINGS.containerd] },
    kube('kube-apiserver', apiServer),
    kube('kube-controller-manager', controllerManager),
    kube('kube-scheduler', {
      ...withKubeconfig('kube-scheduler'),
      'bind-address': '127.0.0.1',
      'leader-elect': 'false',
    }),
    kube('kubelet', kubelet),
    kube('kube-proxy', { config: SETTINGS.proxy, 'hostname-override': NODE }),
    { name: 'metrics-server', program: `${metricsServer}/metrics-server`, options: written(metrics) },
  ];
}

type Options = Record<string, string | number>;
const written = (options: Options): string[] => Object.entries(options).map(([name, value]) => `--${name}=${value}`);
const withKubeconfig = (client: Parameters<typeof kubeconfigOf>[0]): Options => ({ kubeconfig: kubeconfigOf(client) });
const withDelegation = (client: Parameters<typeof kubeconfigOf>[0]): Options => ({
  'authentication-kubeconfig': kubeconfigOf(client),
  'authorization-kubeconfig': kubeconfigOf(client),
});

const ETCD = 'http://127.0.0.1:2379';
const etcd: Options = {
  'data-dir': inState('etcd'),
  'listen-client-urls': ETCD,
  'advertise-client-urls': ETCD,
  'listen-peer-urls': 'http://127.0.0.1:2380',
  // The cluster does not outlive the machine: nothing needs to reach the disk.
  'unsafe-no-fsync': 'true',
};

const apiServer: Options = {
  'etcd-servers': ETCD,
  'advertise-address': NETWORK.node,
  'secure-port': NETWORK.apiPort,
  'service-cluster-ip-range': NETWORK.services,
  'authorization-mode': 'Node,RBAC',
  'enable-admission-plugins': 'NodeRestriction',
  'allow-privileged': 'true',
  'client-ca-file': certificate('ca'),
  'tls-cert-file': certificate('kube-apiserver'),
  'tls-private-key-file': keyOf('kube-apiserver'),
  'kubelet-certificate-authority': certificate('ca'),
  'kubelet-client-certificate': certificate('kube-apiserver-kubelet'),
  'kubelet-client-key': keyOf('kube-apiserver-kubelet'),
  'kubelet-preferred-address-types': 'InternalIP',
  'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
  'service-account-key-file': keyOf('service-accounts'),
  'service-account-signing-key-file': keyOf('service-accounts'),
  'enable-aggregator-routing': 'true',
  'requestheader-client-ca-file': certificate('front-proxy-ca'),
  'requestheader-allowed-names': 'front-proxy',
  'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
  'requestheader-group-headers': 'X-Remote-Group',
  'requestheader-username-headers': 'X-Remote-User',
  'proxy-client-cert-file': certificate('front-proxy'),
  'proxy-client-key-file': keyOf('front-proxy'),
};

const controllerManager: Options = {
  ...withKubeconfig('kube-controller-manager'),
  ...withDelegation('kube-controller-manager'),
  'bind-address': '127.0.0.1',
  'leader-elect': 'false',
  'use-service-account-credentials': 'true',
  'service-account-private-key-file': keyOf('service-accounts'),
  'root-ca-file': certificate('ca'),
  'client-ca-file': certificate('ca'),
  'requestheader-client-ca-file': certificate('front-proxy-ca'),
};

const kubelet: Options = {
  ...withKubeconfig('kubelet'),
  config: SETTINGS.kubelet,
  'node-ip': NETWORK.node,
  'hostname-override': NODE,
};

/** The resolution must exceed the time-out of a request. */
const metrics: Options = {
  ...withKubeconfig('metrics-server'),
  ...withDelegation('metrics-server'),
  'secure-port': NETWORK.metricsPort,
  'tls-cert-file': certificate('metrics-server-serving'),
  'tls-private-key-file': keyOf('metrics-server-serving'),
  'kubelet-certificate-authority': certificate('ca'),
  'kubelet-preferred-address-types': 'InternalIP',
  'kubelet-request-timeout': '5s',
  'metric-resolution': '10s',
};
