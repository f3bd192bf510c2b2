import { existsSync, statSync } from 'node:fs';
import { ProblemError } from '../../../core/problem.ts';
import { ancestorsOf, commandOf, readStat, readStatus, readText } from './proc-status.ts';

/** What decides whether the kernel lets one process trace another (ptrace(2), "Ptrace access mode checking"). */
export interface AccessFacts {
  readonly pid: number;
  /** Absent: there is no such process. */
  readonly state?: string;
  readonly kernelThread: boolean;
  readonly tracer?: { readonly pid: number; readonly command: string };
  /** Real, effective and saved, users then groups. */
  readonly targetIds: readonly number[];
  readonly ownIds: readonly number[];
  /** Who owns /proc/PID/mem: root when the process is not dumpable. */
  readonly memOwner: number | undefined;
  readonly targetCapabilities: bigint;
  readonly ownCapabilities: bigint;
  /** 0 off, 1 children only, 2 administrators only, 3 nobody. Absent: no Yama in this kernel. */
  readonly yamaScope?: number;
  readonly ownUserNamespace: boolean;
  readonly ownSeccomp: boolean;
  /** Label of AppArmor or SELinux that this process runs under. */
  readonly confinement?: string;
}

const CAP_SYS_PTRACE = 1n << 19n;
const WITH_CAPABILITY =
  'In a container: add the capability SYS_PTRACE (docker run --cap-add SYS_PTRACE; securityContext.capabilities.add).';

export function gatherAccessFacts(pid: number): AccessFacts {
  const target = readStatus(pid);
  const own = readStatus('self');
  const state = target?.get('State')?.[0];
  const tracerPid = Number(target?.get('TracerPid') ?? 0);
  const yama = readText('/proc/sys/kernel/yama/ptrace_scope');
  const label = confinementLabel();
  return {
    pid,
    ...(state === undefined ? {} : { state }),
    kernelThread: target?.get('Kthread') === '1' || (target !== undefined && state !== 'Z' && !target.has('VmSize')),
    ...(tracerPid > 0 ? { tracer: { pid: tracerPid, command: commandOf(tracerPid) } } : {}),
    targetIds: idsOf(target),
    ownIds: idsOf(own),
    memOwner: ownerOf(`/proc/${pid}/mem`),
    targetCapabilities: capabilities(target, 'CapPrm'),
    ownCapabilities: capabilities(own, 'CapEff'),
    ...(yama === undefined ? {} : { yamaScope: Number(yama) }),
    ownUserNamespace: !/^\s*0\s+0\s+4294967295\s*$/.test(readText('/proc/self/uid_map') ?? '0 0 4294967295'),
    ownSeccomp: own?.get('Seccomp') === '2',
    ...(label === undefined ? {} : { confinement: label }),
  };
}

const idsOf = (status: Map<string, string> | undefined): number[] =>
  ['Uid', 'Gid'].flatMap((name) => (status?.get(name) ?? '').split(/\s+/).filter(Boolean).slice(0, 3).map(Number));

const capabilities = (status: Map<string, string> | undefined, name: string): bigint =>
  BigInt(`0x${/^[0-9a-f]{1,16}$/.exec(status?.get(name) ?? '')?.[0] ?? '0'}`);

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

function confinementLabel(): string | undefined {
  const label = readText('/proc/self/attr/current')
    ?.replace(/[\x00-\x1f]/g, '')
    .trim();
  return label && !label.startsWith('unconfined') && existsSync('/sys/kernel/security') ? label : undefined;
}

/** Why the kernel said no, in words, with the next thing to do. Pure: the facts decide. */
export function explainRefusal(facts: AccessFacts): ProblemError {
  return notAProcess(facts) ?? alreadyTraced(facts) ?? byUserAndRights(facts) ?? bySandbox(facts) ?? unexplained(facts);
}

function notAProcess({ pid, state, kernelThread }: AccessFacts): ProblemError | undefined {
  if (state === undefined) {
    return new ProblemError('absent', `There is no process ${pid}.`, 'ps aux | grep python shows what runs here.');
  }
  if (state === 'Z' || state === 'X') {
    return new ProblemError('absent', `Process ${pid} has exited; only its exit status is left.`);
  }
  if (kernelThread) return new ProblemError('unsupported', `Process ${pid} is a thread of the kernel, not a program.`);
  return undefined;
}

function alreadyTraced({ pid, tracer }: AccessFacts): ProblemError | undefined {
  if (!tracer) return undefined;
  return new ProblemError(
    'denied',
    `Process ${pid} is already traced by ${tracer.command} (pid ${tracer.pid}), and the kernel allows one tracer only.`,
    `End that one first (detach the debugger, or: kill ${tracer.pid}), then try again.`,
  );
}

function byUserAndRights(facts: AccessFacts): ProblemError | undefined {
  const { pid, yamaScope } = facts;
  if (yamaScope === 3) {
    return denied(
      `Yama forbids tracing on this machine altogether (kernel.yama.ptrace_scope is 3).`,
      'That cannot be undone without a reboot: set kernel.yama.ptrace_scope to 1 in /etc/sysctl.d and restart the machine.',
    );
  }
  if ((facts.ownCapabilities & CAP_SYS_PTRACE) !== 0n) return undefined;
  if (differentUser(facts)) {
    const [user] = facts.targetIds;
    const [, own] = facts.ownIds;
    return denied(
      `Process ${pid} belongs to another user or group (uid ${user}, you are ${own}).`,
      `sudo whyoom --pid ${pid}, or run it as that user. ${WITH_CAPABILITY}`,
    );
  }
  if (facts.memOwner === 0 && facts.ownIds[1] !== 0) {
    return denied(
      `Process ${pid} is yours but marked non-dumpable (it changed its user, or asked for it with prctl).`,
      `sudo whyoom --pid ${pid}. ${WITH_CAPABILITY}`,
    );
  }
  if ((facts.targetCapabilities & ~facts.ownCapabilities) !== 0n) {
    return denied(
      `Process ${pid} holds capabilities that whyoom has not, and only CAP_SYS_PTRACE overrides that.`,
      `sudo whyoom --pid ${pid}. ${WITH_CAPABILITY}`,
    );
  }
  return byYama(facts);
}

function byYama({ pid, yamaScope }: AccessFacts): ProblemError | undefined {
  if (yamaScope === 1) {
    return denied(
      `Yama lets a process trace its own children only (kernel.yama.ptrace_scope is 1).`,
      `sudo whyoom --pid ${pid}, or until the next boot: sudo sysctl kernel.yama.ptrace_scope=0. ${WITH_CAPABILITY}`,
    );
  }
  if (yamaScope === 2) {
    return denied(
      `Yama lets administrators trace only (kernel.yama.ptrace_scope is 2).`,
      `sudo whyoom --pid ${pid}. ${WITH_CAPABILITY}`,
    );
  }
  return undefined;
}

function bySandbox(facts: AccessFacts): ProblemError | undefined {
  if (facts.ownUserNamespace) {
    return denied(
      `whyoom runs in a user namespace of its own, so its rights do not reach process ${facts.pid}.`,
      'Run it in the user namespace of the process (inside the same container) or as root on the host.',
    );
  }
  if (facts.ownSeccomp) {
    return denied(
      `A seccomp filter forbids ptrace here, as container runtimes do by default on old kernels.`,
      `${WITH_CAPABILITY} Or, with docker: --security-opt seccomp=unconfined.`,
    );
  }
  if (facts.confinement !== undefined) {
    return denied(
      `The security profile "${facts.confinement.slice(0, 80)}" (AppArmor or SELinux) keeps whyoom from tracing.`,
      'Run it outside that profile: docker run --security-opt apparmor=unconfined, or on the host as root.',
    );
  }
  return undefined;
}

const unexplained = ({ pid }: AccessFacts): ProblemError =>
  denied(
    `The kernel does not let whyoom trace process ${pid}, and no usual reason applies.`,
    `sudo whyoom --pid ${pid}; sudo dmesg | tail often shows which security module said no.`,
  );

const denied = (message: string, hint: string): ProblemError => new ProblemError('denied', message, hint);

/** The same user in all of real, effective and saved (__ptrace_may_access in kernel/ptrace.c). */
function differentUser({ targetIds, ownIds }: AccessFacts): boolean {
  const [, ownUser, , , ownGroup] = ownIds;
  return targetIds.some((id, at) => id !== (at < 3 ? ownUser : ownGroup));
}

/** Throws a ProblemError when the process is this one, started this one, or was started by it. */
export function refuseOwnFamily(pid: number): void {
  if (pid === process.pid || ancestorsOf(process.pid).includes(pid)) {
    throw new ProblemError(
      'refused',
      `Process ${pid} is whyoom itself or one that started it: stopping it could stop whyoom.`,
      'Start whyoom from another terminal, or name the Python process itself.',
    );
  }
  if (readStat(`/proc/${pid}`)?.parentPid === process.pid) {
    throw new ProblemError(
      'refused',
      `Process ${pid} is a child of the tracer, which would take its exit for its own.`,
    );
  }
}
