import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process that is certainly the same one later: a pid alone is used again. */
export interface ProcessRecord {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat (proc_pid_stat(5)): clock ticks between boot and its start. */
  readonly startTicks: string;
}

/** A process by its pid; undefined: there is none, or only its remains (a zombie). */
export function recordOf(pid: number): ProcessRecord | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : { pid, startTicks: fields[19]! };
  } catch {
    return undefined;
  }
}

export const isAlive = ({ pid, startTicks }: ProcessRecord): boolean => recordOf(pid)?.startTicks === startTicks;

/** The processes of a pid namespace (those in namespaces below it not counted), with their command lines. */
export function processesIn(init: ProcessRecord): { pid: number; command: string[] }[] {
  const namespace = link(init.pid);
  if (namespace === undefined || !isAlive(init)) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => link(pid) === namespace && recordOf(pid) !== undefined)
    .map((pid) => ({ pid, command: commandOf(pid) }));
}

function link(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
