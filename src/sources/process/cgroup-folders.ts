import { type ProcFiles, THIS_MACHINE, textOf } from './proc-files.ts';

/** The control groups that a process's memory is charged to: its own first, then those above it. */
export interface GroupFolders {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
}

/** A file that each group with memory accounting has. The root group of version 2 has none: it has no limit either. */
const USAGE_FILE = { 1: 'memory.usage_in_bytes', 2: 'memory.current' } as const;

/**
 * Finds the groups of a process (cgroups(7)): in /proc/PID/cgroup, memory is a controller of version 1 or else belongs
 * to the line `0::`. In hybrid mode both are there and the controller's own line wins. The folders are looked for in this
 * program's mounts first, for a container hides the groups above it from itself; then as the process sees them.
 * Undefined where there is no memory controller, or none can be seen.
 */
export function groupFolders(pid: number, files: ProcFiles = THIS_MACHINE): GroupFolders | undefined {
  const lines = parseGroups(textOf(`/proc/${pid}/cgroup`, files) ?? '');
  const views = [
    { mounts: '/proc/self/mountinfo', prefix: '' },
    { mounts: `/proc/${pid}/mountinfo`, prefix: `/proc/${pid}/root` },
  ].map(({ mounts, prefix }) => ({ prefix, mounts: parseMounts(textOf(mounts, files) ?? '') }));
  for (const version of [1, 2] as const) {
    const path = lines[version];
    if (path === undefined) continue;
    for (const { mounts, prefix } of views) {
      const folders = mounts
        .filter((mount) => mount.version === version)
        .map((mount) => foldersUp(mount, path, version, files, prefix))
        .find((up) => up.length > 0);
      if (folders !== undefined) return { version, folders };
    }
  }
  return undefined;
}

/** The path of the group that counts memory, for each version. */
export function parseGroups(text: string): { 1?: string; 2?: string } {
  const groups: { 1?: string; 2?: string } = {};
  for (const line of text.split('\n')) {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (!match) continue;
    const path = match[3]!.replace(/ \(deleted\)$/, '');
    if (match[2]!.split(',').includes('memory')) groups[1] = path;
    else if (match[1] === '0' && match[2] === '') groups[2] = path;
  }
  return groups;
}

interface GroupMount {
  readonly version: 1 | 2;
  /** The group that is mounted: "/" or, in a container without a namespace of its own for groups, the container's. */
  readonly top: string;
  readonly point: string;
}

/** Mounts with memory groups in a mountinfo (proc_pid_mountinfo(5)); those that show most of the hierarchy first. */
export function parseMounts(text: string): GroupMount[] {
  const mounts = text.split('\n').flatMap((line): GroupMount[] => {
    const [before, after] = line.split(' - ');
    const [, , , top, point] = before!.split(' ');
    const [type, , options] = (after ?? '').split(' ');
    if (top === undefined || point === undefined) return [];
    const version =
      type === 'cgroup2' ? 2 : type === 'cgroup' && options?.split(',').includes('memory') ? 1 : undefined;
    return version === undefined ? [] : [{ version, top: unescaped(top), point: unescaped(point) }];
  });
  return mounts.sort((a, b) => a.top.length - b.top.length);
}

/** Spaces, tabs, line ends and backslashes are octal in mountinfo. */
const unescaped = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** The folders with memory accounting from the group up to the mount point; none where the mount does not show the group. */
function foldersUp(mount: GroupMount, path: string, version: 1 | 2, files: ProcFiles, prefix: string): string[] {
  const inside = below(path, mount.top);
  if (inside === undefined) return [];
  const names = inside.split('/').filter(Boolean);
  const folders: string[] = [];
  for (let depth = names.length; depth >= 0; depth--) {
    const folder = prefix + [mount.point.replace(/\/$/, ''), ...names.slice(0, depth)].join('/');
    if (!files.exists(`${folder}/${USAGE_FILE[version]}`)) continue;
    // Version 1 before kernel 5.11: a group without use_hierarchy does not count what is charged below it.
    if (folders.length > 0 && textOf(`${folder}/memory.use_hierarchy`, files)?.trim() === '0') break;
    folders.push(folder);
  }
  return folders;
}

/** What is left of a group's path under the group `top`. A path with `..` lies outside this program's namespace. */
function below(path: string, top: string): string | undefined {
  const above = top === '/' ? '' : top;
  if (path !== above && !path.startsWith(`${above}/`)) return undefined;
  const rest = path.slice(above.length);
  return rest.split('/').includes('..') ? undefined : rest;
}
