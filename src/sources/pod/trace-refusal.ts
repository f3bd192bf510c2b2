import type { Way } from '../../core/pod-port.ts';
import { ProblemError } from '../../core/problem.ts';
import { visible } from '../process/command-line.ts';
import type { ProcFiles } from '../process/proc-files.ts';

/** CAP_SYS_PTRACE (capabilities(7)). */
const SYS_PTRACE = 1n << 19n;

/**
 * Why the reader cannot stop and read a process of the container (ptrace(2), "Ptrace access mode checking"); undefined: nothing is
 * known to be in the way. Nothing is tried.
 */
export const traceRefusal = (pid: number, way: Way, files: ProcFiles): ProblemError | undefined =>
  refusedToAll(pid, files) ?? refusedToReader(pid, way, files);

/** The same, where a reader that came by another way might be allowed to. */
export const traceRefusalOfWay = (pid: number, way: Way, files: ProcFiles): ProblemError | undefined =>
  refusedToAll(pid, files) ? undefined : refusedToReader(pid, way, files);

/** What holds for everybody, whatever they are capable of. */
function refusedToAll(pid: number, files: ProcFiles): ProblemError | undefined {
  const target = statusOf(pid, files);
  if (target === undefined) return undefined;
  const tracer = Number(target.TracerPid ?? 0);
  if (tracer > 0) return traced(pid, tracer, (files.read(`/proc/${tracer}/comm`).text ?? '').trim());
  return yamaOf(files) === '3' ? new ProblemError('denied', NOBODY_TRACES, NEXT.ephemeral) : undefined;
}

function refusedToReader(pid: number, way: Way, files: ProcFiles): ProblemError | undefined {
  const target = statusOf(pid, files);
  if (target === undefined) return undefined;
  const why = whyNot(pid, target, statusOf('self', files) ?? {}, files);
  return why === undefined ? undefined : new ProblemError('denied', why, NEXT[way]);
}

const yamaOf = (files: ProcFiles): string | undefined => files.read('/proc/sys/kernel/yama/ptrace_scope').text?.trim();

type Status = Readonly<Record<string, string>>;

function statusOf(pid: number | 'self', files: ProcFiles): Status | undefined {
  const { text } = files.read(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  return Object.fromEntries([...text.matchAll(/^(\w+):[ \t]*(.*)$/gm)].map(([, name, value]) => [name!, value!]));
}

const NOBODY_TRACES = 'Yama forbids tracing on this node altogether (kernel.yama.ptrace_scope is 3).';

function whyNot(pid: number, target: Status, own: Status, files: ProcFiles): string | undefined {
  if ((BigInt(`0x${own.CapEff ?? '0'}`) & SYS_PTRACE) !== 0n) return undefined;
  const [user] = idsOf(target);
  const [, reader] = idsOf(own);
  if (idsOf(target).some((id) => id !== reader))
    return `Process ${pid} belongs to user ${user}, and the reader runs as user ${reader} without the capability SYS_PTRACE.`;
  if (files.read(`/proc/${pid}/maps`, 1).why === 'denied')
    return `Process ${pid} has made itself unreadable (it changed its user, or asked for it with prctl).`;
  const yama = yamaOf(files);
  if (yama === '1' || yama === '2')
    return `Yama lets only a process with the capability SYS_PTRACE trace another one on this node (kernel.yama.ptrace_scope is ${yama}).`;
  return undefined;
}

/** Real, effective, saved. */
const idsOf = (status: Status): string[] => (status.Uid ?? '').split(/\s+/).slice(0, 3);

const NEXT: Readonly<Record<Way, string>> = {
  exec: 'A diagnosis has memory, limit and source all the same. For the heap go in by an ephemeral container: --allow ephemeral',
  ephemeral: 'A diagnosis has memory, limit and source all the same.',
};

const traced = (pid: number, tracer: number, name: string) =>
  new ProblemError(
    'denied',
    `Process ${pid} is already traced by ${name === '' ? 'a process' : visible(name)} (pid ${tracer} in the pod), and the kernel allows one tracer only.`,
    'Another whyoom, or a debugger, looks at it just now: try again when that has ended.',
  );
