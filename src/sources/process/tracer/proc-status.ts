import { readdirSync, readFileSync } from 'node:fs';

/** What /proc says of a process, read without any right beyond seeing it. */

/** The fields of /proc/PID/status by name; undefined when there is no such process. */
export function readStatus(pid: number | 'self'): Map<string, string> | undefined {
  const text = readText(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  return new Map(text.split('\n').map((line) => split(line)));
}

function split(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

export interface ProcStat {
  /** The state's letter. */
  readonly state: string;
  readonly parentPid: number;
  /** Start time in clock ticks after boot. */
  readonly startTicks: string;
  /** Where code and stack of its program begin: an exec puts them elsewhere, and keeps pid and start time. */
  readonly program: string;
}

/** What a process or thread says of itself in one line; undefined when it is gone. */
export function readStat(path: string): ProcStat | undefined {
  const text = readText(`${path}/stat`);
  return text === undefined ? undefined : statIn(text);
}

/** The same of a line that was read elsewhere. */
export function statIn(text: string): ProcStat {
  // The command may hold spaces and brackets: what counts starts after the last one (proc_pid_stat(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const program = `${fields[23]} ${fields[25]}`;
  return { state: fields[0] ?? '?', parentPid: Number(fields[1]), startTicks: fields[19] ?? '', program };
}

/** Thread ids of a process; none when it is gone. */
export function threadIds(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/** A short command name for messages, without control characters. */
export const commandOf = (pid: number): string =>
  (readText(`/proc/${pid}/comm`) ?? '?').trim().replace(/[\x00-\x1f\x7f-\x9f]/g, '?');

/** The pids above this process, nearest first. */
export function ancestorsOf(pid: number): number[] {
  const above: number[] = [];
  for (let at = readStat(`/proc/${pid}`)?.parentPid ?? 0; at > 0 && !above.includes(at); ) {
    above.push(at);
    at = readStat(`/proc/${at}`)?.parentPid ?? 0;
  }
  return above;
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
