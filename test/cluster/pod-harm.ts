import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { processPort } from '../../src/app.ts';
import { CLI } from '../cli/whyoom.ts';
import { seeded } from '../stats/series.ts';
import { apply, kubectl, waitUntil } from './cluster.ts';
import { KUBECONFIG } from './places.ts';
import { untilRunning } from './pod.ts';

/** What is broken off at a random moment of a look into a pod. */
export const BLOWS = ['connection', 'whyoom', 'reader', 'api-server'] as const;
type Blow = (typeof BLOWS)[number];

/** How many looks there were, and what came of the target; plain data, so that a script can go on where it ended. */
export interface PodHarmTally {
  readonly seed: number;
  runs: number;
  blows: Partial<Record<Blow, number>>;
  /** Runs in which the blow came after the look had ended. */
  late: number;
  /** The longest that the target stood, in seconds, by its own clock. */
  longestGap: number;
  /** What its group had more after a run than before, at most, in bytes. */
  mostGainedBytes: number;
  failures: string[];
}

export const newPodHarmTally = (seed: number): PodHarmTally => ({
  seed,
  runs: 0,
  blows: {},
  late: 0,
  longestGap: 0,
  mostGainedBytes: 0,
  failures: [],
});

/** Does a little work all the time, keeps no more than at its start, and writes when it stood still. */
const program = (mark: string): string => `
import time
kept = [{"number": number, "text": str(number)} for number in range(60_000)]
last = time.monotonic()
while True:
    time.sleep(0.01)
    now = time.monotonic()
    if now - last > 0.2: print("stood", round(now - last, 3), flush=True)
    last = now
    kept.append({"number": len(kept), "text": "new"})
    kept.pop(0)
# ${mark}
`;

export interface Victim {
  readonly namespace: string;
  readonly pod: string;
  /** As this machine numbers it. */
  readonly pid: number;
}

/** The pod that is looked into; every kill of the reader, of whyoom and of the connection is to leave it as it is. */
export async function makeVictim(namespace: string, name: string): Promise<Victim> {
  const mark = `victim ${namespace} ${name}`;
  const container = {
    name: 'app',
    image: 'python:3.12-slim',
    command: ['python', '-u', '-c', program(mark)],
    resources: { limits: { memory: '256Mi' } },
  };
  const spec = { terminationGracePeriodSeconds: 1, containers: [container] };
  const metadata = { name, labels: { app: name } };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }), namespace);
  await untilRunning(namespace, name);
  const pid = await waitUntil(`process of ${name}`, async () => pidOf(mark));
  await sleep(3000);
  return { namespace, pod: name, pid };
}

const numbers = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

function pidOf(mark: string): number | undefined {
  return numbers().find((pid) => {
    const command = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    return command?.startsWith('python\0-u\0-c\0') && command.includes(mark);
  });
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Every process that runs where the target does: what a look left behind is one of them. */
function besideIn({ pid }: Victim): number[] {
  const namespaceOf = (each: number) => attempt(() => readlinkSync(`/proc/${each}/ns/pid`));
  const own = namespaceOf(pid);
  return numbers().filter((each) => each !== pid && own !== undefined && namespaceOf(each) === own);
}

/** Looks into the pod until there were so many runs; `after` is called after each, with the tally as it is then. */
export async function harmPod(
  tally: PodHarmTally,
  victim: Victim,
  runs: number,
  after: (tally: PodHarmTally) => void,
): Promise<void> {
  while (tally.runs < runs) {
    await oneRun(tally, victim);
    tally.runs += 1;
    after(tally);
  }
}

/** As long as a look may take here: a blow comes at any moment of it. */
const LOOK_MS = 9000;
const SETTLED_MS = 10_000;
/** What a reader may leave in the target's group: pages of files that are mapped by nobody any more, and the kernel's own. */
export const MOST_LEFT_BYTES = 6 * 2 ** 20;

async function oneRun(tally: PodHarmTally, victim: Victim): Promise<void> {
  const random = seeded(tally.seed + tally.runs);
  const blow = BLOWS[Math.floor(random() * BLOWS.length)]!;
  const afterMs = 300 + random() * LOOK_MS;
  tally.blows[blow] = (tally.blows[blow] ?? 0) + 1;
  const about = `run ${tally.runs} (seed ${tally.seed}): ${blow} after ${Math.round(afterMs)} ms`;
  const fail = (why: string) => void tally.failures.push(`${about}: ${why}`);
  const before = await unreclaimable(victim);
  const since = new Date(Date.now() - 1000).toISOString();
  const link = await startLink();
  const look = startLook(link.kubeconfig, victim);
  try {
    await Promise.race([sleep(afterMs), look.ended]);
    if (look.hasEnded()) tally.late += 1;
    else strike(blow, { link, look, victim });
    const ended = await Promise.race([look.ended.then(() => true), sleep(60_000, false)]);
    if (!ended) fail('whyoom did not end');
    const said = ended ? await look.said : '';
    if (/^\s+at .*\(?(file|node):/m.test(said)) fail(`a stack trace: ${said.slice(0, 500)}`);
  } finally {
    look.kill();
    link.close();
  }
  const isClean = await settles(() => besideIn(victim).length === 0);
  if (!isClean) fail(`left running in the pod: ${besideIn(victim).map(commandOf).join('; ')}`);
  const state = attempt(() => readFileSync(`/proc/${victim.pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0]);
  if (state === undefined) fail('the target is gone');
  else if (/[tT]/.test(state)) fail(`the target is left stopped (${state})`);
  const gained = (await unreclaimable(victim)) - before;
  tally.mostGainedBytes = Math.max(tally.mostGainedBytes, gained);
  if (gained > MOST_LEFT_BYTES) fail(`its group has ${gained} bytes more than before`);
  const gaps = await gapsSince(victim, since);
  tally.longestGap = Math.max(tally.longestGap, ...gaps);
}

const commandOf = (pid: number): string =>
  (attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').replaceAll('\0', ' ').slice(0, 80);

async function settles(isSettled: () => boolean): Promise<boolean> {
  const until = Date.now() + SETTLED_MS;
  while (!isSettled() && Date.now() < until) await sleep(100);
  return isSettled();
}

async function unreclaimable({ pid }: Victim): Promise<number> {
  const port = processPort();
  return (await port.sample(pid, await port.memoryLimit(pid))).bytes;
}

async function gapsSince({ namespace, pod }: Victim, since: string): Promise<number[]> {
  const log = await kubectl('logs', pod, '-n', namespace, `--since-time=${since}`);
  return [...log.matchAll(/^stood ([\d.]+)$/gm)].map(([, seconds]) => Number(seconds));
}

interface Link {
  readonly kubeconfig: string;
  /** Cuts what is connected. */
  cut(): void;
  /** Nobody answers any more. */
  refuse(): void;
  close(): void;
}

/** A way to the API server of bytes alone, which can be cut: TLS is between whyoom and the server. */
async function startLink(): Promise<Link> {
  const config = parse(readFileSync(KUBECONFIG, 'utf8')) as { clusters: { cluster: Record<string, string> }[] };
  const entry = config.clusters[0]!.cluster;
  const upstream = new URL(entry.server!);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(upstream.port), upstream.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-link-'));
  const kubeconfig = join(folder, 'config');
  // The certificate names the server's own address.
  entry.server = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  entry['tls-server-name'] = 'kubernetes';
  writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
  const refuse = () => {
    server.close();
    cut();
  };
  return {
    kubeconfig,
    cut,
    refuse,
    close: () => {
      refuse();
      rmSync(folder, { recursive: true });
    },
  };
}

interface StartedLook {
  readonly ended: Promise<unknown>;
  readonly said: Promise<string>;
  hasEnded(): boolean;
  kill(): void;
}

function startLook(kubeconfig: string, { namespace, pod }: Victim): StartedLook {
  const options = [`pod/${pod}`, '-n', namespace, '--kubeconfig', kubeconfig, '--for', '4s', '--request-timeout', '5s'];
  const child = spawn(process.execPath, [CLI, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  const kill = () => void child.kill('SIGKILL');
  return {
    ended: once(child, 'close'),
    said,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    kill,
  };
}

function strike(blow: Blow, { link, look, victim }: { link: Link; look: StartedLook; victim: Victim }): void {
  switch (blow) {
    case 'connection':
      return link.cut();
    case 'api-server':
      return link.refuse();
    case 'whyoom':
      return look.kill();
    case 'reader':
      for (const pid of besideIn(victim)) attempt(() => process.kill(pid, 'SIGKILL'));
      return;
    default:
      return blow satisfies never;
  }
}
