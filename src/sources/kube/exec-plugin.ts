import { spawn } from 'node:child_process';
import { z } from 'zod';
import type { KubeConnection } from '../../core/kube-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { redact } from '../../logs/redact.ts';
import { withoutSecrets } from '../../logs/secret-arguments.ts';
import { clipped } from '../../util/text-escape.ts';
import type { ClusterEntry, ExecEntry } from './kubeconfig.ts';
import { withoutTokens } from './without-tokens.ts';

/** What a credential plugin gave (client.authentication.k8s.io/v1). */
export interface Credential {
  readonly token: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly expiresAtMs: number | undefined;
}

const answer = z.object({
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

const MOST_OUTPUT_BYTES = 2 ** 20;

/**
 * Runs the plugin as client-go does (v0.34, plugin/pkg/client/auth/exec/exec.go): its environment with KUBERNETES_EXEC_INFO,
 * a credential as JSON on its output. One that asks a person cannot do so here, and has the time of a request. Throws a ProblemError
 * without anything that could be a token in it, `timeout` after that time.
 */
export async function runExecPlugin(
  plugin: ExecEntry,
  cluster: ClusterEntry,
  { env, requestTimeoutMs, interrupted }: Pick<KubeConnection, 'env' | 'requestTimeoutMs' | 'interrupted'>,
): Promise<Credential> {
  const apiVersion = plugin.apiVersion || 'client.authentication.k8s.io/v1';
  const info = { kind: 'ExecCredential', apiVersion, spec: { interactive: false, ...clusterInfo(plugin, cluster) } };
  const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
  const ends = requestTimeoutMs > 0 ? [AbortSignal.timeout(requestTimeoutMs)] : [];
  const until = AbortSignal.any([interrupted, ...ends]);
  const output = await outputOf(plugin, { ...env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, until);
  return credentialIn(output, plugin);
}

function clusterInfo({ provideClusterInfo }: ExecEntry, cluster: ClusterEntry): object {
  if (!provideClusterInfo) return {};
  return {
    cluster: {
      server: cluster.server,
      'tls-server-name': cluster['tls-server-name'] ?? undefined,
      'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
      'certificate-authority-data': cluster['certificate-authority-data'] ?? undefined,
      'proxy-url': cluster['proxy-url'] ?? undefined,
    },
  };
}

function outputOf(plugin: ExecEntry, env: Record<string, string | undefined>, until: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args ?? [], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Not by `close`: what a plugin has started itself may keep its output open.
    const stop = () => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      reject(late(plugin));
    };
    until.addEventListener('abort', stop, { once: true });
    child.on('close', () => until.removeEventListener('abort', stop));
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.length > MOST_OUTPUT_BYTES) child.kill('SIGKILL');
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      complaint = clipped(complaint + chunk, 2000);
    });
    child.on('error', (thrown: NodeJS.ErrnoException) => reject(notStarted(plugin, thrown)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(failed(plugin, signal ? `was ended by ${signal}` : `ended with ${code}`, complaint));
    });
  });
}

const late = ({ command }: ExecEntry) =>
  new ProblemError(
    'timeout',
    `The credential plugin ${clipped(command, 200)} gave no credential in the time of a request`,
    'Run it by hand: it may ask something. A longer time: --request-timeout 2m',
  );

function notStarted({ command, installHint }: ExecEntry, { code }: NodeJS.ErrnoException): ProblemError {
  const why = code === 'ENOENT' ? 'is not there' : `could not be started (${code})`;
  const hint = installHint ? clipped(installHint, 1000) : 'The kubeconfig names it: kubectl config view --minify';
  return new ProblemError('denied', `The credential plugin ${clipped(command, 200)} ${why}`, hint);
}

const failed = ({ command, args }: ExecEntry, how: string, complaint = '') =>
  new ProblemError(
    'denied',
    `The credential plugin ${clipped(command, 200)} ${how}${complaint.trim() ? `: ${redact(withoutTokens(complaint)).text}` : ''}`,
    `Run it by hand, or log in again: ${clipped(command, 200)} ${withoutTokens(clipped(withoutSecrets(args ?? []).join(' '), 300))}`,
  );

function credentialIn(output: string, plugin: ExecEntry): Credential {
  let document: unknown;
  try {
    document = JSON.parse(output);
  } catch {
    throw failed(plugin, 'gave no JSON');
  }
  const { success, data } = answer.safeParse(document);
  if (!success || (!data.status.token && !data.status.clientCertificateData))
    throw failed(plugin, 'gave no credential');
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = data.status;
  const expiresAtMs = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.NaN;
  return {
    token: token ?? undefined,
    certificate: clientCertificateData ?? undefined,
    key: clientKeyData ?? undefined,
    expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs,
  };
}
