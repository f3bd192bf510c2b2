import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run, succeed } from '../cluster/run.ts';
import { attempt, numbers } from './memory.ts';

/** What is looked at: what it holds, and the memory limit of its container. */
export const LOADS = [
  { kind: 'images', says: '100 images of 0.5–2 MB, 124 MB, and one more a second', limit: '512Mi', asksMs: 20 },
  { kind: 'dicts', says: '300,000 dicts, and 100 more a second', limit: '512Mi', asksMs: 150 },
  { kind: 'buffers', says: '2 GiB of bytearrays, and 1 MiB more a second', limit: '3Gi', asksMs: 20 },
  { kind: 'new-dicts', says: '300,000 dicts, and 5,000 more a second', limit: '768Mi', asksMs: 1000 },
] as const;
export type Load = (typeof LOADS)[number];

/** A process of a pod, as this machine, its node, numbers it. */
export interface Target {
  readonly namespace: string;
  readonly pod: string;
  readonly pid: number;
}

const PROGRAM = fileURLToPath(new URL('../programs/pod_load.py', import.meta.url));
const READY_MS = 120_000;
/** After its start a process is left alone for so long, that what it does in the look is what it always does. */
const SETTLED_MS = 4000;

/** Makes a pod that has its load. */
export async function startTarget(namespace: string, { kind, limit }: Load): Promise<Target> {
  const pod = `${kind}-${Math.random().toString(36).slice(2, 8)}`;
  const command = ['python', '-u', '-c', readFileSync(PROGRAM, 'utf8'), kind, pod];
  // Without a request a container gets next to nothing of a machine on which others work.
  const resources = { limits: { memory: limit }, requests: { memory: '64Mi', cpu: '1' } };
  const container = { name: 'app', image: 'python:3.12-slim', imagePullPolicy: 'IfNotPresent', command, resources };
  const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container] };
  const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: pod }, spec };
  await succeed('kubectl', ['apply', '--namespace', namespace, '-f', '-'], JSON.stringify(manifest));
  for (const deadline = performance.now() + READY_MS; performance.now() < deadline; await sleep(500)) {
    const { out } = await run('kubectl', ['logs', pod, '--namespace', namespace, '--limit-bytes', '100000']);
    const pid = /^ready$/m.test(out) ? pidOf(pod) : undefined;
    if (pid === undefined) continue;
    await sleep(SETTLED_MS);
    return { namespace, pod, pid };
  }
  throw new Error(`${pod} did not get ready`);
}

export const removeTarget = ({ namespace, pod }: Target) =>
  run('kubectl', ['delete', 'pod', pod, '--namespace', namespace, '--now']);

/** When it stood still, by its own clock. */
export interface Gap {
  readonly endedAtUnixSeconds: number;
  readonly ms: number;
}

export async function gapsOf({ namespace, pod }: Target): Promise<Gap[]> {
  const { out } = await succeed('kubectl', ['logs', pod, '--namespace', namespace]);
  return [...out.matchAll(/^stood ([\d.]+) ([\d.]+)$/gm)].map(([, at, ms]) => ({
    endedAtUnixSeconds: Number(at),
    ms: Number(ms),
  }));
}

/** The mark is its last argument. */
const pidOf = (mark: string) =>
  numbers().find((pid) => {
    const command = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    return command?.startsWith('python\0') && command.endsWith(`\0${mark}\0`);
  });
