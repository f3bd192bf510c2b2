import { readFileSync, rmdirSync } from 'node:fs';
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesText } from '../../util/bytes.ts';

/** A real limit for a program that is about to be started. */
export interface LimitedCommand {
  readonly command: readonly string[];
  /** What was done, for the person at the terminal. */
  readonly says: string;
  /** Takes the limit's group away again, once the program has ended. */
  remove(): Promise<void>;
  /** The same for when whyoom has to go at once: waits half a second at most, doing nothing else. */
  removeNow(): void;
}

interface Group {
  readonly parent: string;
  readonly limitFile: string;
  /** Files that keep pages from going to swap instead of counting against the limit; may be absent. */
  readonly settings: readonly (readonly [file: string, value: string])[];
}

/**
 * The command under a memory limit: in a memory cgroup of its own where one can be made (the kernel then kills it as it
 * does in a container), else under RLIMIT_AS, where an allocation fails instead.
 */
export async function limited(command: readonly string[], limitBytes: number): Promise<LimitedCommand> {
  for (const group of groups()) {
    const path = await make(group, limitBytes);
    if (path) return inGroup(path, command, limitBytes);
  }
  const kib = Math.floor(limitBytes / 1024);
  return {
    command: ['/bin/sh', '-c', `ulimit -v ${kib}; exec "$@"`, 'sh', ...command],
    says: `limit ${bytesText(limitBytes)} of address space (no memory cgroup can be made here, so it meets MemoryError, not the OOM killer)`,
    remove: async () => {},
    removeNow: () => {},
  };
}

function inGroup(path: string, command: readonly string[], limitBytes: number): LimitedCommand {
  const script = 'echo $$ > "$0/cgroup.procs" || exit 125; exec "$@"';
  return {
    command: ['/bin/sh', '-c', script, path, ...command],
    says: `limit ${bytesText(limitBytes)} (memory cgroup ${path})`,
    remove: () => remove(path),
    removeNow: () => removeNow(path),
  };
}

/** A group can go once the kernel has cleared away its last process, a moment after that process has ended. */
async function remove(path: string): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const gone = await rmdir(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    );
    if (gone) return;
    await sleep(50);
  }
}

function removeNow(path: string): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 20; tries++) {
    try {
      return rmdirSync(path);
    } catch {
      Atomics.wait(clock, 0, 0, 25);
    }
  }
}

async function make(group: Group, limitBytes: number): Promise<string | undefined> {
  const path = join(group.parent, `whyoom-demo-${process.pid}`);
  try {
    await mkdir(path);
  } catch {
    return undefined;
  }
  try {
    await access(join(path, group.limitFile));
    await writeFile(join(path, group.limitFile), String(limitBytes));
    for (const [file, value] of group.settings) await writeFile(join(path, file), value).catch(() => {});
    if (Number(await readFile(join(path, group.limitFile), 'utf8')) <= limitBytes) return path;
  } catch {}
  await rmdir(path).catch(() => {});
  return undefined;
}

/**
 * Where a memory group could be made: under our own group, or beside it (cgroup v2 gives controllers only to groups
 * whose parent holds no processes; a systemd session owns the parent of its scopes). cgroups(7); kernel:
 * admin-guide/cgroup-v2 "No Internal Process Constraint", admin-guide/cgroup-v1/memory.
 */
function groups(): Group[] {
  const [own, mounts] = [readProc('/proc/self/cgroup'), readProc('/proc/self/mountinfo')];
  const v1 = placeOf(
    own,
    mounts,
    (id, controllers) => id !== '0' && controllers.split(',').includes('memory'),
    'cgroup',
  );
  const v2 = placeOf(own, mounts, (id) => id === '0', 'cgroup2');
  const made: Group[] = [];
  if (v1) made.push({ parent: v1, limitFile: 'memory.limit_in_bytes', settings: [['memory.swappiness', '0']] });
  for (const parent of v2 ? [v2, dirname(v2)] : []) {
    made.push({
      parent,
      limitFile: 'memory.max',
      settings: [['memory.swap.max', '0']],
    });
  }
  return made;
}

function placeOf(
  own: string,
  mounts: string,
  isIt: (id: string, controllers: string) => boolean,
  type: 'cgroup' | 'cgroup2',
): string | undefined {
  const line = own
    .split('\n')
    .map((each) => each.split(':'))
    .find(([id, controllers]) => isIt(id ?? '', controllers ?? ''));
  const mount = mounts
    .split('\n')
    .map(mountOf)
    .find((each) => each?.type === type && (type === 'cgroup2' || each.options.includes('memory')));
  if (!line || !mount) return undefined;
  const path = line.slice(2).join(':');
  const inside = path.startsWith(mount.root) ? relative(mount.root, path) : path.slice(1);
  return join(mount.point, inside);
}

/** proc_pid_mountinfo(5): fields 4 and 5 are root and mount point; after " - " come type, source and options. */
function mountOf(line: string): { root: string; point: string; type: string; options: string[] } | undefined {
  const [before, after] = line.split(' - ');
  if (!before || !after) return undefined;
  const [, , , root = '/', point = '/'] = before.split(' ');
  const [type = '', , options = ''] = after.split(' ');
  return { root, point, type, options: options.split(',') };
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
