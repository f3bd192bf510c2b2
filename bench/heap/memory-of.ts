import { readFileSync, writeFileSync } from 'node:fs';

/** Memory of a process by the kernel's account (proc_pid_status(5)), in bytes. */

export const residentBytes = (pid: number): number => fieldBytes(pid, 'VmRSS');

/** Of its own: what no file backs, and cannot be dropped. */
export const ownBytes = (pid: number): number => fieldBytes(pid, 'RssAnon');

/** Pages of files that are mapped: the kernel drops them when it wants to. */
export const filePageBytes = (pid: number): number => fieldBytes(pid, 'RssFile');

/** The most that was resident since its start, or since `forgetPeak`. */
export const peakBytes = (pid: number | 'self'): number => fieldBytes(pid, 'VmHWM');

/** Sets the peak back to what is resident now (proc_pid_clear_refs(5), value 5). */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

function fieldBytes(pid: number | 'self', name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no ${name}`);
  return Number(kib) * 1024;
}
