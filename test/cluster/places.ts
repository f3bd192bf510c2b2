import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is built or fetched once and kept: programs, packages, images. Each is found by the hash of what it is made from. */
export const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'whyoom-test', 'cluster');

/** Clusters of one machine do not meet: each number has a state folder, addresses and control groups of its own. */
const NUMBER = Number(process.env.WHYOOM_CLUSTER ?? 0);
if (!Number.isInteger(NUMBER) || NUMBER < 0 || NUMBER > 9) throw new Error('WHYOOM_CLUSTER must be from 0 to 9');

/** The running cluster: certificates, settings, logs, and the folders that its node has as /run and /var. */
export const STATE = join(CACHE, NUMBER === 0 ? 'state' : `state-${NUMBER}`);

/** The group under which the kubelet makes its own, in every hierarchy. */
export const CONTROL_GROUP = `/whyoom-cluster-${NUMBER}`;

export const inState = (...path: string[]): string => join(STATE, ...path);

/** The kubeconfig of the cluster's administrator. */
export const KUBECONFIG = inState('kubeconfig', 'admin');

/** A kubectl of the cluster's version. */
export const KUBECTL = inState('kubectl');

/** The node's name, as `kubectl get nodes` shows it. */
export const NODE = 'whyoom';

/**
 * Addresses. The node is a network namespace of its own; a pair of virtual interfaces joins it to this machine, which
 * reaches the API server through it and nothing else. 198.18.0.0/15 is set aside for tests between networks (RFC 2544).
 */
export const NETWORK = {
  /** This machine's end of the pair. */
  host: `198.18.77.${4 * NUMBER + 1}`,
  node: `198.18.77.${4 * NUMBER + 2}`,
  prefix: 30,
  hostInterface: `whyoom${NUMBER}`,
  pods: '198.19.0.0/17',
  services: '198.19.128.0/20',
  /** The first address of the services: `kubernetes.default`. */
  firstService: '198.19.128.1',
  apiPort: 6443,
  metricsPort: 4443,
} as const;

export const API_SERVER = `https://${NETWORK.node}:${NETWORK.apiPort}`;
