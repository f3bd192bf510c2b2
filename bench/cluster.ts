import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { imageService } from '../test/cluster/image-service.ts';
import { run, succeed } from './cluster/run.ts';
import { runbook } from './cluster/runbook.ts';
import { machineFacts } from './heap/machine.ts';

/**
 * `npm run bench:cluster`: the time to a report against that of the runbook's commands, one after another, on the same pod.
 * It takes kubectl and a cluster that KUBECONFIG leads to: eval "$(npm run -s cluster:up)".
 */
const WHYOOM = fileURLToPath(new URL('../bin/whyoom.js', import.meta.url));
const APP = 'orca';
/** After it was killed once, so that both have a kill and a log of before to find. */
const MOST_MS = 120_000;
const ASKED = 1 / 5;

interface Round {
  readonly commandsMs: readonly number[];
  readonly whyoomMs: number;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' }, out: { type: 'string' } } });
const startedAt = new Date().toISOString();
const text = await measured(Number(values.rounds));
process.stdout.write(text);
const out = values.out ?? `bench/results/cluster-${startedAt.slice(0, 10)}.md`;
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, text);

async function measured(rounds: number): Promise<string> {
  const namespace = `bench-${randomBytes(4).toString('hex')}`;
  await succeed('kubectl', ['create', 'namespace', namespace]);
  try {
    await succeed('kubectl', ['apply', '--namespace', namespace, '-f', '-'], imageService(APP));
    await untilKilled(namespace);
    const commands = runbook(namespace, APP);
    // Both know the cluster from one time before: kubectl keeps what it discovers in ~/.kube/cache.
    await oneRound(namespace, commands, false);
    const results: Round[] = [];
    for (let at = 0; at < rounds; at++) results.push(await oneRound(namespace, commands, at % 2 === 1));
    return report(runbook('NS', APP), results);
  } finally {
    await run('kubectl', ['delete', 'namespace', namespace, '--wait=false']);
  }
}

async function untilKilled(namespace: string): Promise<void> {
  const path = 'jsonpath={.items[*].status.containerStatuses[0].lastState.terminated.reason}';
  for (const deadline = performance.now() + MOST_MS; performance.now() < deadline; await sleep(1000)) {
    const { out } = await run('kubectl', ['get', 'pods', '--namespace', namespace, '--output', path]);
    if (out === 'OOMKilled') return;
  }
  throw new Error('the service was not killed');
}

/** Both in turn, each first every other time. */
async function oneRound(namespace: string, commands: readonly string[], isWhyoomFirst: boolean): Promise<Round> {
  const first = isWhyoomFirst ? await whyoom(namespace) : undefined;
  const commandsMs: number[] = [];
  for (const command of commands) commandsMs.push((await run('bash', ['-c', command])).ms);
  return { commandsMs, whyoomMs: first ?? (await whyoom(namespace)) };
}

async function whyoom(namespace: string): Promise<number> {
  const { ms } = await succeed(process.execPath, [WHYOOM, `deploy/${APP}`, '-n', namespace, '--for', '0']);
  return ms;
}

function report(commands: readonly string[], rounds: readonly Round[]): string {
  const ratios = rounds.map(({ commandsMs, whyoomMs }) => whyoomMs / sum(commandsMs));
  const rows = [
    ...commands.map(
      (command, at) => [`\`${command.replaceAll('|', '\\|')}\``, rounds.map((each) => each.commandsMs[at]!)] as const,
    ),
    ['all of them, one after another', rounds.map(({ commandsMs }) => sum(commandsMs))] as const,
    [`\`whyoom deploy/${APP} -n NS --for 0\``, rounds.map(({ whyoomMs }) => whyoomMs)] as const,
  ];
  return [
    `# bench:cluster, ${startedAt}`,
    ...machineFacts().map((fact) => `- ${fact}`),
    `- ${rounds.length} rounds in turn on one pod that was OOM killed once; medians, with the lowest and highest in brackets.`,
    '',
    '| | ms |',
    '|---|---|',
    ...rows.map(([name, ms]) => `| ${name} | ${spread(ms, 0)} |`),
    '',
    `whyoom ÷ the runbook's commands: **${spread(ratios, 2)}**; at most ${ASKED.toFixed(2)} is asked.`,
    '',
  ].join('\n');
}

function spread(numbers: readonly number[], digits: number): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const shown = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!].map((each) => each.toFixed(digits));
  return `${shown[0]} (${shown[1]}–${shown[2]})`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
