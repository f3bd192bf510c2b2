import type { Stats } from 'node:fs';
import { type ProcFiles, THIS_MACHINE } from './proc-files.ts';

/** What a process may do with files, as the kernel reckons (credentials(7), path_resolution(7)). */
export interface Rights {
  /** The file system ids: those that decide. */
  readonly userId: number;
  readonly groupIds: ReadonlySet<number>;
  /** Root with CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH: modes do not hold it up. */
  readonly all: boolean;
}

/** Bits of a mode for one class: owner, group or others. */
export const MAY_READ = 4;
export const MAY_SEARCH = 1;

/** CAP_DAC_OVERRIDE is 1, CAP_DAC_READ_SEARCH 2 (capabilities(7)). */
const OVERRIDING = (1n << 1n) | (1n << 2n);

/** From /proc/PID/status; a process of which nothing is known has no rights. */
export const rightsOf = (pid: number, files: ProcFiles = THIS_MACHINE): Rights =>
  parseRights(files.read(`/proc/${pid}/status`).text ?? '');

/** Of the text of a status file. Capabilities alone do not count: anyone has them all in a user namespace of their own. */
function parseRights(status: string): Rights {
  const ids = (name: string) => (new RegExp(`^${name}:\t([\\d\\s]*?)\\s*$`, 'm').exec(status)?.[1] ?? '').split(/\s+/);
  // Real, effective, saved, file system.
  const userId = Number(ids('Uid')[3] ?? -1);
  const groups = [ids('Gid')[3], ...ids('Groups')].filter((id) => id !== undefined && id !== '').map(Number);
  const capabilities = BigInt(`0x${/^CapEff:\t([0-9a-f]{1,16})$/m.exec(status)?.[1] ?? '0'}`);
  return { userId, groupIds: new Set(groups), all: userId === 0 && (capabilities & OVERRIDING) !== 0n };
}

/** Whether the mode allows it. Access lists are not asked: they seldom give more, and then the file is only not read. */
export function mayAccess({ userId, groupIds, all }: Rights, { uid, gid, mode }: Stats, wanted: number): boolean {
  if (all) return true;
  const shift = uid === userId ? 6 : groupIds.has(gid) ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}
