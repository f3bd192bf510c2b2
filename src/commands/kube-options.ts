import type { Command } from 'commander';
import type { KubeConnection } from '../core/kube-port.ts';
import { WAYS } from '../core/pod-port.ts';
import type { KubeOptions } from '../core/step.ts';
import { durationOf, durationOrNoneOf } from './parse-duration.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** kubectl's flags, with kubectl's meanings, and how far to go into a pod. */
export interface PodOptions {
  readonly namespace?: string;
  readonly selector?: string;
  readonly container?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly requestTimeout: number;
  readonly allow: readonly Rung[];
  readonly waitStart?: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** The same, and what else is asked of a cluster in a diagnosis. */
export interface ClusterOptions extends PodOptions {
  readonly since?: number;
  readonly tail?: number;
  readonly logBytes: number;
  readonly prometheus?: string;
  /** False with `--no-probe`. */
  readonly probe: boolean;
}

/** How far it may go: `api` alone says that it goes no further than that. */
export const RUNGS = ['api', 'exec', 'ephemeral', 'node-stats'] as const;
export type Rung = (typeof RUNGS)[number];

const REQUEST_TIMEOUT_MS = 30_000;
const LOG_BYTES = 16 * 2 ** 20;

/** The flags that say which cluster, and as whom. */
export const withConnection = (command: Command): Command =>
  command
    .option('-n, --namespace <name>')
    .option('--kubeconfig <file>')
    .option('--context <name>')
    .option('--cluster <name>')
    .option('--user <name>')
    .option('--as <user>')
    .option('--as-group <group>', '', appended)
    .option('--as-uid <uid>')
    .option('--request-timeout <time>', '', requestTimeoutOf, REQUEST_TIMEOUT_MS);

/** The flags that say which pod of it, and how far to go into it. */
export const withPod = (command: Command): Command =>
  withConnection(command)
    .option('-l, --selector <labels>')
    .option('-c, --container <name>')
    .option('--dry-run')
    .option('--yes')
    .option('--wait-start <time>', '', durationOf('--wait-start'))
    .option('--allow <rungs>', '', rungsOf, ['exec'] as Rung[]);

/** The same, and what else a diagnosis asks for. */
export const withWorkload = (command: Command): Command =>
  withPod(command)
    .option('--since <time>', '', durationOrNoneOf('--since'))
    .option('--tail <lines>', '', tailOf)
    .option('--log-bytes <size>', '', sizeOf('--log-bytes'), LOG_BYTES)
    .option('--prometheus <url>')
    .option('--no-probe');

export const connectionOf = (options: PodOptions, { env, interrupted }: Terminal): KubeConnection => ({
  kubeconfig: options.kubeconfig,
  context: options.context,
  cluster: options.cluster,
  user: options.user,
  namespace: options.namespace,
  as: options.as,
  asGroup: options.asGroup,
  asUid: options.asUid,
  requestTimeoutMs: options.requestTimeout,
  env,
  interrupted,
});

export const kubeOptionsOf = (options: ClusterOptions): KubeOptions => ({
  container: options.container,
  logBytes: options.logBytes,
  sinceSeconds: options.since === undefined || options.since === 0 ? undefined : Math.ceil(options.since / 1000),
  tailLines: options.tail,
  requestTimeoutMs: options.requestTimeout,
  prometheus: options.prometheus,
  mayAskNodes: options.allow.includes('node-stats'),
  mayProbe: options.probe && options.allow.includes('exec'),
  waitStartMs: options.waitStart,
  ways: WAYS.filter((way) => options.allow.includes(way)),
});

const appended = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** kubectl takes a bare number for seconds, and 0 for no end. */
function requestTimeoutOf(text: string): number {
  return durationOrNoneOf('--request-timeout')(/^[1-9]\d*$/.test(text) ? `${text}s` : text);
}

/** kubectl takes -1 for all lines. */
function tailOf(text: string): number | undefined {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  if (text === '-1') return undefined;
  throw new UsageError(`--tail ${text}: not a number of lines.`, 'For example: --tail 1000');
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};
const MOST_BYTES = 2 ** 30;

const sizeOf = (option: string) => (text: string) => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?(k|M|G|Ki|Mi|Gi)?B?$/.exec(text) ?? [];
  const bytes = Number(number) * UNIT_BYTES[unit]!;
  if (bytes >= 1024 && bytes <= MOST_BYTES) return Math.round(bytes);
  throw new UsageError(`${option} ${text}: not a size between 1Ki and 1Gi.`, `For example: ${option} 16Mi`);
};

function rungsOf(text: string): Rung[] {
  const names = text.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !RUNGS.includes(name as Rung));
  if (unknown === undefined) return names as Rung[];
  throw new UsageError(`--allow ${unknown}: there is no such step.`, `Steps: ${RUNGS.join(', ')}`);
}
