import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { run, succeed } from './cluster/run.ts';
import { machineFacts } from './heap/machine.ts';
import { oneRound, type Round } from './pod-pause/round.ts';
import { table, tellRound } from './pod-pause/table.ts';
import { LOADS } from './pod-pause/target.ts';

/**
 * `npm run bench:pod-pause`: how long a process in a pod stands while whyoom looks into it, over a quick link and a slow one, by whyoom's
 * word and by the process's own clock. It takes kubectl, a cluster whose node is this machine, and KUBECONFIG:
 * eval "$(npm run -s cluster:up)".
 */
const SLOW = { bytesPerSecond: 12e6, delayMs: 20 };
const LINKS = [
  { name: 'straight', limits: undefined },
  { name: '12 MB/s, 40 ms', limits: SLOW },
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    only: { type: 'string' },
    namespace: { type: 'string' },
    out: { type: 'string' },
  },
});
const startedAt = new Date().toISOString();
const text = await measured(Number(values.rounds), Number(values.seconds));
process.stdout.write(text);
const out = values.out ?? `bench/results/pod-pause-${startedAt.slice(0, 10)}.md`;
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, text);

async function measured(rounds: number, seconds: number): Promise<string> {
  const kubeconfig = process.env.KUBECONFIG;
  if (!kubeconfig) throw new Error('KUBECONFIG says no cluster');
  const namespace = values.namespace ?? `bench-${randomBytes(4).toString('hex')}`;
  if (values.namespace === undefined) await succeed('kubectl', ['create', 'namespace', namespace]);
  const loads = LOADS.filter(({ kind }) => values.only === undefined || values.only.split(',').includes(kind));
  const rows = loads.flatMap((load) =>
    LINKS.map((link) => ({ load, link: link.name, limits: link.limits, rounds: [] as Round[] })),
  );
  try {
    for (let at = 0; at < rounds; at += 1) {
      for (const row of rows) {
        const round = await oneRound({ namespace, kubeconfig, seconds, load: row.load, limits: row.limits });
        process.stderr.write(`${row.load.kind}, ${row.link}: ${tellRound(round)}\n`);
        row.rounds.push(round);
      }
    }
  } finally {
    if (values.namespace === undefined) await run('kubectl', ['delete', 'namespace', namespace, '--wait=false']);
  }
  return [
    `# bench:pod-pause, ${startedAt}`,
    ...machineFacts().map((fact) => `- ${fact}`),
    `- CPython 3.12 in a new pod each round, ${rounds} rounds, medians with the lowest and highest in brackets; \`whyoom pod/NAME -o json --for ${seconds}s\`.`,
    '- Each container requests one CPU and has no CPU limit: what others do on the machine slows it no more than that.',
    '- The slow link is a relay on loopback: 12 MB/s each way for all connections, 20 ms each way.',
    '',
    table(rows),
  ].join('\n');
}
