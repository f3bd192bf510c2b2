import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { certificate, keyOf, kubeconfigOf } from './certificates.ts';
import { CONTROL_GROUP, inState, NETWORK } from './places.ts';

export const PAUSE_IMAGE = 'whyoom.test/pause:1';

/** The settings' files. */
export const SETTINGS = {
  containerd: inState('settings', 'containerd.toml'),
  network: inState('settings', 'cni', '10-pods.conflist'),
  kubelet: inState('settings', 'kubelet.json'),
  proxy: inState('settings', 'kube-proxy.json'),
} as const;

/** Writes what the parts read at their start. `packages` is the folder of Debian's programs. */
export function writeSettings(packages: string): void {
  for (const [file, text] of Object.entries(texts(packages))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Whether these are the settings that the running cluster was started with. */
export const areSettings = (packages: string): boolean =>
  Object.entries(texts(packages)).every(([file, text]) => existsSync(file) && readFileSync(file, 'utf8') === text);

const texts = (packages: string): Record<string, string> => ({
  [SETTINGS.containerd]: containerd(packages),
  [SETTINGS.network]: JSON.stringify(podNetwork),
  [SETTINGS.kubelet]: JSON.stringify(kubelet),
  [SETTINGS.proxy]: JSON.stringify(proxy),
});

/** https://github.com/containerd/containerd/blob/release/1.6/docs/cri/config.md */
const containerd = (packages: string): string => `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Without CAP_SYS_RESOURCE runc cannot lower a score: it dies with "can't get final child's PID from pipe: EOF".
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  BinaryName = "${packages}/usr/sbin/runc"
  SystemdCgroup = false
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${packages}/usr/lib/cni"
  conf_dir = "${dirname(SETTINGS.network)}"
`;

const podNetwork = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: NETWORK.pods }]], routes: [{ dst: '0.0.0.0/0' }] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

/** https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
const kubelet = {
  kind: 'KubeletConfiguration',
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: certificate('ca') },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: certificate('kubelet-serving'),
  tlsPrivateKeyFile: keyOf('kubelet-serving'),
  containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: CONTROL_GROUP,
  failSwapOn: false,
  // Nothing answers there. Without an address every pod would get a warning event that no ordinary cluster has.
  clusterDNS: [NETWORK.firstService.replace(/1$/, '10')],
  clusterDomain: 'cluster.local',
  // A crash loop of 300 s is too long for tests.
  featureGates: { KubeletCrashLoopBackOffMax: true },
  crashLoopBackOff: { maxContainerRestartPeriod: '5s' },
  // The machine's disk may be nearly full, and nothing can be pulled again.
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '0.1%', 'imagefs.available': '0.1%' },
  imageGCHighThresholdPercent: 100,
  nodeStatusUpdateFrequency: '5s',
  syncFrequency: '10s',
  // A burst of events is not thinned out: tests read them.
  eventRecordQPS: 0,
  serializeImagePulls: false,
  maxPods: 250,
};

const proxy = {
  kind: 'KubeProxyConfiguration',
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  clientConnection: { kubeconfig: kubeconfigOf('kube-proxy') },
  mode: 'iptables',
  clusterCIDR: NETWORK.pods,
  // These are the machine's own, and cannot be set from a network namespace.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
};
