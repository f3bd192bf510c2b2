import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CONTROL_GROUP, inState, NETWORK, NODE, STATE } from './places.ts';
import { isAlive, type ProcessRecord, processesIn, recordOf } from './processes.ts';
import { runProgram, succeeds } from './run-program.ts';
import { waitUntil } from './wait.ts';

/**
 * The node is a machine within this machine: namespaces of its own for processes, mounts and the network, held open by
 * one process. Its bridge, iptables chains, mounts, containers and their shims live in there, and when that process is killed
 * the kernel takes all of them away. Nothing that this machine has of its own (a Docker, /run, mounts) is touched or in the way.
 */
const RECORD = inState('machine.json');

/** Folders that the node has for itself: what is on the left there is kept under the state folder here. */
const OWN_FOLDERS = { '/run': 'run', '/var/lib': 'var-lib', '/var/log': 'var-log' };

/** The machine's first process; undefined where none runs. */
export function livingMachine(): ProcessRecord | undefined {
  try {
    const record: ProcessRecord = JSON.parse(readFileSync(RECORD, 'utf8'));
    return isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Starts it, with its network and its own folders. `pause` is the program that becomes its first process. */
export async function startMachine(pause: string): Promise<ProcessRecord> {
  const own = ['--mount', '--net', '--pid', '--uts', '--ipc', '--fork', '--kill-child', '--mount-proc'];
  const outside = spawn('unshare', [...own, '--propagation', 'private', pause], { detached: true, stdio: 'ignore' });
  outside.unref();
  const first = await waitUntil('first process of the node', () => childOf(outside.pid!), 60_000, 20);
  // Recorded before anything else happens: whatever goes wrong from here on, `down` finds it.
  writeFileSync(RECORD, JSON.stringify(first));
  const script = [
    'set -e',
    // A kubelet shares mounts with its containers, within the node.
    'mount --make-rshared /',
    ...Object.entries(OWN_FOLDERS).map(([folder, name]) => `mount --bind ${inState(name)} ${folder}`),
    `echo ${NODE} > /proc/sys/kernel/hostname`,
    'ip link set lo up',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
  ];
  runProgram('nsenter', [...into(first), 'sh', '-c', script.join('\n')]);
  connect(first);
  return first;
}

/** Folders on this machine for those that the node has for itself. Must be there before it starts. */
export function makeOwnFolders(): void {
  for (const name of Object.values(OWN_FOLDERS)) mkdirSync(inState(name), { recursive: true });
}

/** The pair of interfaces. A left-over one (its node died this moment) goes first. */
function connect({ pid }: ProcessRecord): void {
  const { hostInterface: outer, host, node, prefix } = NETWORK;
  succeeds('ip', ['link', 'delete', outer]);
  runProgram('ip', ['link', 'add', outer, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  runProgram('ip', ['address', 'add', `${host}/${prefix}`, 'dev', outer]);
  runProgram('ip', ['link', 'set', outer, 'up']);
  const inside = `ip address add ${node}/${prefix} dev eth0 && ip link set eth0 up && ip route add default via ${host}`;
  runProgram('nsenter', [...into({ pid }), 'sh', '-c', inside]);
}

/** Runs a program on the node and returns what it prints. */
export const onMachine = (machine: ProcessRecord, program: string, options: readonly string[], env = {}): string =>
  runProgram('nsenter', [...into(machine), program, ...options], {
    env: { ...process.env, ...env },
    timeoutMs: 300_000,
  });

/** Starts a program on the node that stays when this one ends. It writes to a log under the state folder. */
export function startOnMachine(
  machine: ProcessRecord,
  name: string,
  command: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): void {
  mkdirSync(inState('logs'), { recursive: true });
  const log = openSync(inState('logs', `${name}.log`), 'a');
  const stdio = ['ignore', log, log] as const;
  spawn('nsenter', [...into(machine), ...command], { detached: true, stdio: [...stdio], env }).unref();
  closeSync(log);
}

/** Whether a program runs there, by the path that it was started with. */
export const runsOnMachine = (machine: ProcessRecord, program: string): boolean =>
  processesIn(machine).some(({ command }) => command[0] === program);

const into = ({ pid }: { pid: number }): string[] => [
  '--target',
  String(pid),
  '--mount',
  '--net',
  '--pid',
  '--uts',
  '--ipc',
];

function childOf(pid: number): ProcessRecord | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const child = children === '' ? undefined : recordOf(Number(children.split(' ')[0]));
  // Before it has become the program it is still `unshare`, which has yet to mount /proc.
  return child && readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim() === 'pause' ? child : undefined;
}

/** Kills the machine with all that runs on it, and removes what is left: its control groups and its state folder. */
export async function stopMachine(): Promise<void> {
  const machine = livingMachine();
  if (machine) {
    process.kill(machine.pid, 'SIGKILL');
    await waitUntil('end of the node', () => !isAlive(machine), 120_000, 20);
  }
  await removeGroups();
  // A mount would only be left if the folder had been used in another way; nothing is deleted through one.
  rmSync(STATE, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** The kubelet's control groups, in every hierarchy, once nothing is in them any more. */
async function removeGroups(): Promise<void> {
  for (const folder of controlGroups()) await waitUntil(`end of ${folder}`, () => removeGroup(folder), 60_000, 100);
}

/** The cluster's group in every hierarchy that is mounted (v1 has several, v2 one). */
function controlGroups(): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return mounts.filter((line) => / - cgroup2? /.test(line)).map((line) => line.split(' ')[4]! + CONTROL_GROUP);
}

/** The kubelet wants it to be there. */
export function makeControlGroups(): void {
  for (const folder of controlGroups()) mkdirSync(folder, { recursive: true });
}

function removeGroup(folder: string): boolean {
  if (!existsSync(folder)) return true;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(`${folder}/${entry.name}`);
  }
  return succeeds('rmdir', [folder]);
}
