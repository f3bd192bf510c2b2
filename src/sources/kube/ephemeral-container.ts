import { setTimeout as after } from 'node:timers/promises';
import type { EphemeralRequest } from '../../core/kube-port.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { type Api, pathOf } from './api.ts';
import { fieldsAt, listOf, textOf } from './fields.ts';
import { withoutTokens } from './without-tokens.ts';

/** Its image is the target's, so that the node has it; a node that is short of processor time takes its time all the same. */
const MOST_MS = 60_000;
const POLL_MS = 300;
/** Waiting for this ends by itself; any other reason is why it will not start (pkg/kubelet/images/types.go, kuberuntime). */
const PASSING = ['ContainerCreating', 'PodInitializing', ''];

/**
 * Kubernetes gives added capabilities to root only, so it runs as root, whatever the pod's own rule is. As
 * `kubectl debug --target --profile=sysadmin` would, with less: https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
 */
export async function addEphemeralContainer(api: Api, request: EphemeralRequest): Promise<void> {
  const { pod, until } = request;
  const path = pathOf('api', 'v1', 'namespaces', api.namespace, 'pods', pod, 'ephemeralcontainers');
  const body = { spec: { ephemeralContainers: [containerOf(request)] } };
  await api.patch(path, body, until).catch((thrown) => {
    throw refusal(thrown, request, api.namespace);
  });
  await untilRunning(api, request);
}

const containerOf = ({ name, image, target, command }: EphemeralRequest) => ({
  name,
  image,
  imagePullPolicy: 'IfNotPresent',
  targetContainerName: target,
  stdin: true,
  ...(command && { command }),
  securityContext: { runAsUser: 0, runAsNonRoot: false, capabilities: { add: ['SYS_PTRACE'] } },
});

function refusal(thrown: unknown, { pod }: EphemeralRequest, namespace: string): unknown {
  const { code, message } = problemOf(thrown);
  if (code !== 'denied') return thrown;
  const policy = /violates PodSecurity "([^":]+)/.exec(message);
  return new ProblemError(
    code,
    message,
    policy
      ? `The namespace allows no container with SYS_PTRACE; its labels say so: kubectl get namespace ${namespace} --show-labels`
      : `Ask for it: kubectl auth can-i patch pods/${pod} --subresource=ephemeralcontainers -n ${namespace}`,
  );
}

async function untilRunning(api: Api, request: EphemeralRequest): Promise<void> {
  const { pod, name, until } = request;
  const deadline = performance.now() + MOST_MS;
  const path = pathOf('api', 'v1', 'namespaces', api.namespace, 'pods', pod);
  while (true) {
    const { body } = await api.get(path, {}, { until });
    const waiting = waitingIn(body, request, api.namespace);
    if (waiting === undefined) return;
    if (performance.now() > deadline) throw notStarted(name, pod, waiting || 'nothing is told of it', 'timeout');
    await after(POLL_MS, undefined, { signal: until }).catch(() => {
      throw new ProblemError('timeout', `The container ${name} in pod/${pod}: interrupted`);
    });
  }
}

/** Undefined: it runs; else what it waits for. Throws a ProblemError where it never will. */
function waitingIn(body: unknown, { pod, name }: EphemeralRequest, namespace: string): string | undefined {
  const statuses = listOf(fieldsAt(body, 'status').ephemeralContainerStatuses);
  const state = fieldsAt(
    statuses.find((each) => fieldsAt(each).name === name),
    'state',
  );
  if (state.running) return undefined;
  const hint = `See: kubectl describe pod ${pod} -n ${namespace}`;
  if (state.terminated) {
    const { exitCode, reason, message } = fieldsAt(state, 'terminated');
    const why = [`exit code ${String(exitCode)}`, textOf(reason), textOf(message)].filter(Boolean).join(', ');
    throw notStarted(name, pod, `it ended at once: ${why}`, 'broken', hint);
  }
  const { reason, message } = fieldsAt(state, 'waiting');
  const said = textOf(reason) ?? '';
  if (PASSING.includes(said)) return said;
  throw notStarted(name, pod, [said, textOf(message)].filter(Boolean).join(': '), 'broken', hint);
}

const notStarted = (name: string, pod: string, why: string, code: 'broken' | 'timeout', hint?: string) =>
  new ProblemError(
    code,
    `The container ${name} in pod/${pod} does not start: ${visible(clipped(withoutTokens(why), 500))}`,
    hint,
  );
