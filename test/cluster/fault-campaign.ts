import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { reportSchema } from '../../src/core/report.ts';
import { seeded } from '../stats/series.ts';
import { apply, kubectl, waitUntil } from './cluster.ts';
import { type FaultPlan, type FaultProxy, startFaultProxy, type Upstream } from './fault-proxy.ts';
import { KUBECONFIG } from './places.ts';

/** How many runs there were, and what came of them; plain data, so that a script can go on where it ended. */
export interface FaultTally {
  readonly seed: number;
  runs: number;
  requests: number;
  faults: FaultProxy['faults'];
  /** Runs that ended with a report: of these, without one artifact or more. */
  reports: number;
  partial: number;
  /** Runs that ended with a clear error instead. */
  errors: number;
  longestMs: number;
  longest: string;
  failures: string[];
}

export const newFaultTally = (seed: number): FaultTally => ({
  seed,
  runs: 0,
  requests: 0,
  faults: {},
  reports: 0,
  partial: 0,
  errors: 0,
  longestMs: 0,
  longest: '',
  failures: [],
});

/** A token that is known, so that it can be looked for in all that whyoom says. */
const TOKEN = 'eyJhbGciOiJub25lIn0.c2VjcmV0LXRva2VuLW9mLXRoZS10ZXN0.c2lnbmF0dXJlMTIz';
const APP = 'orca';
const LIMIT = '48Mi';
/** OOM killed in its first life, and quiet in its second; it talks in both. */
const PROGRAM = `
import os, time
for i in range(5000): print("processed image", i, "cache size", i * 3, flush=False)
if not os.path.exists("/state/killed"):
    open("/state/killed", "w").close()
    kept = []
    while True: kept.append(bytearray(2**20))
time.sleep(1e6)
`;
const MANIFEST = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: APP },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: APP } },
    template: {
      metadata: { labels: { app: APP } },
      spec: {
        terminationGracePeriodSeconds: 1,
        volumes: [{ name: 'state', emptyDir: {} }],
        containers: [
          {
            name: 'app',
            image: 'python:3.9-slim',
            command: ['python', '-c', PROGRAM],
            resources: { limits: { memory: LIMIT } },
            volumeMounts: [{ name: 'state', mountPath: '/state' }],
          },
        ],
      },
    },
  },
};

/** What is looked at: two pods, each OOM killed once. */
export async function makeVictims(namespace: string): Promise<void> {
  await apply(JSON.stringify(MANIFEST), namespace);
  const ask = ['get', 'pods', '-n', namespace, '-o', 'jsonpath={.items[*].status.containerStatuses[*].restartCount}'];
  await waitUntil('two pods that were killed', async () => /^[1-9]\d* [1-9]/.test(await kubectl(...ask)), 90_000);
}

/** Runs whyoom through the proxy until there were so many runs; `after` is called after each, with the tally as it is then. */
export async function runFaults(
  tally: FaultTally,
  namespace: string,
  runs: number,
  after: (tally: FaultTally) => void,
): Promise<void> {
  // A process a run: most of its time would go into reading its own sources.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'whyoom-compile-cache');
  const upstream = upstreamOf(KUBECONFIG);
  while (tally.runs < runs) {
    await oneRun(tally, namespace, upstream);
    after(tally);
  }
}

async function oneRun(tally: FaultTally, namespace: string, upstream: Upstream): Promise<void> {
  const seed = tally.seed + tally.runs;
  const random = seeded(seed);
  const plan = planOf(seed, random);
  const options = optionsOf(namespace, random);
  const proxy = await startFaultProxy(upstream, TOKEN, plan);
  try {
    const ran = await whyoomThrough(proxy, options);
    judge(tally, ran, `run ${tally.runs}: ${JSON.stringify(plan)} whyoom ${options.join(' ')}`);
  } finally {
    proxy.close();
    tally.runs += 1;
    tally.requests += proxy.requests();
    for (const [fault, times] of Object.entries(proxy.faults)) {
      const known = fault as keyof FaultProxy['faults'];
      tally.faults[known] = (tally.faults[known] ?? 0) + times;
    }
  }
}

function planOf(seed: number, random: () => number): FaultPlan {
  const rate = pick(random, [0.05, 0.15, 0.3, 0.6, 0.95]);
  return { seed, rate, goneAfter: random() < 0.15 ? Math.floor(random() * 25) : undefined };
}

const REQUEST_SECONDS = [1, 2];

function optionsOf(namespace: string, random: () => number): string[] {
  const target = pick(random, [
    [`deploy/${APP}`],
    ['deployment', APP],
    ['-l', `app=${APP}`],
    [`endpoints/${APP}`],
    [`deploy/${APP}x`],
  ]);
  const seconds = pick(random, REQUEST_SECONDS);
  const watch = pick(random, ['0', '0', '2s']);
  const output = pick(random, ['json', 'json', 'json', 'terminal', 'markdown']);
  return [...target, '-n', namespace, '--for', watch, '--request-timeout', `${seconds}s`, '-o', output];
}

const pick = <T>(random: () => number, choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly ms: number;
}

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
/**
 * The longest chain of requests that wait for one another has about fifteen (who, the workload, its pods, their owners, each
 * page of what belongs to them), each with its 2 s; the watch of 2 s, and the start of a process on a busy machine.
 */
const MOST_MS = 45_000;

async function whyoomThrough(proxy: FaultProxy, options: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-faults-'));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigOf(proxy.url)));
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, ...options, '--kubeconfig', kubeconfig], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
    timeout: MOST_MS,
    killSignal: 'SIGKILL',
  });
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  rmSync(folder, { recursive: true });
  return { code, out, err, ms: performance.now() - started };
}

const kubeconfigOf = (server: string) => ({
  'current-context': 'faults',
  clusters: [{ name: 'faults', cluster: { server } }],
  users: [{ name: 'faults', user: { token: TOKEN } }],
  contexts: [{ name: 'faults', context: { cluster: 'faults', user: 'faults' } }],
});

const FAULT_OF_ITS_OWN = /^\s+at .*:\d+:\d+\)?$|node:internal|UnhandledPromise|looks like a fault in whyoom/m;

/** A report or a clear error, in time; never a stack trace, never the token. */
function judge(tally: FaultTally, { code, out, err, ms }: Ran, run: string): void {
  if (ms > tally.longestMs) [tally.longestMs, tally.longest] = [Math.round(ms), run];
  const fail = (why: string) => void tally.failures.push(`${run}: ${why}\n${err.slice(0, 2000)}\n${out.slice(0, 500)}`);
  const said = out + err;
  if (code === null) return fail(`still ran after ${MOST_MS / 1000} s`);
  const own = FAULT_OF_ITS_OWN.exec(said);
  if (own)
    return fail(`a stack trace, or a fault of its own: ${said.slice(Math.max(0, own.index - 500), own.index + 500)}`);
  if (said.includes(TOKEN) || said.includes(TOKEN.split('.')[1]!)) return fail('the token is told');
  if (code === 3) {
    tally.errors += 1;
    if (!/^whyoom: \S.{10,}/.test(err)) fail('no clear error');
    return;
  }
  if (code !== 0) return fail(`it ended with ${code}`);
  tally.reports += 1;
  if (!/-o json/.test(run)) {
    if (out.length < 100) fail('no report');
    return;
  }
  const report = reportSchema.safeParse(JSON.parse(out));
  if (!report.success) return fail(`no report: ${report.error.issues[0]?.path.join('.')}`);
  if (report.data.unknown.length > 0) tally.partial += 1;
}

const kubeconfigSchema = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ]),
  users: z.tuple([
    z.object({ user: z.object({ 'client-certificate-data': z.string(), 'client-key-data': z.string() }) }),
  ]),
});

function upstreamOf(kubeconfig: string): Upstream {
  const { clusters, users } = kubeconfigSchema.parse(JSON.parse(readFileSync(kubeconfig, 'utf8')));
  const bytes = (base64: string) => Buffer.from(base64, 'base64');
  return {
    url: new URL(clusters[0].cluster.server),
    ca: bytes(clusters[0].cluster['certificate-authority-data']),
    cert: bytes(users[0].user['client-certificate-data']),
    key: bytes(users[0].user['client-key-data']),
  };
}
