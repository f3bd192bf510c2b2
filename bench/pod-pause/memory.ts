import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export const numbers = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The most there was while the reader ran, in bytes. */
export interface ReaderMemory {
  /** Of its own, by the kernel's numbers of its mappings. */
  readonly ownBytes: number;
  /** In the container's control group and neither the target's nor file pages, more than before: with what the kernel holds for the reader. */
  readonly groupBytes: number;
}

const EVERY_MS = 100;
const BEFORE_TIMES = 10;

/** Watches the reader beside a target, and says at the end what it had. To be called before it is there. */
export async function watchReader(target: number): Promise<() => ReaderMemory> {
  const own = namespaceOf(target);
  const before: number[] = [];
  for (let time = 0; time < BEFORE_TIMES; time += 1) {
    before.push(besideTarget(target));
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const usual = before.sort((a, b) => a - b)[BEFORE_TIMES >> 1]!;
  let reader: number | undefined;
  let [ownBytes, groupBytes] = [0, 0];
  const timer = setInterval(() => {
    reader ??= numbers().find((pid) => pid !== target && namespaceOf(pid) === own && isReader(pid));
    const bytes = reader === undefined ? undefined : attempt(() => privateBytes(reader!));
    if (bytes === undefined) {
      reader = undefined;
      return;
    }
    ownBytes = Math.max(ownBytes, bytes);
    groupBytes = Math.max(groupBytes, attempt(() => besideTarget(target) - usual) ?? 0);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    return { ownBytes, groupBytes };
  };
}

const namespaceOf = (pid: number) => attempt(() => readlinkSync(`/proc/${pid}/ns/pid`));

const isReader = (pid: number) =>
  attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.includes('\0-I\0-S\0-c\0') === true;

const sumOf = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].reduce((sum, [, each]) => sum + Number(each), 0);

const privateBytes = (pid: number) =>
  1024 * sumOf(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), /^Private_(?:Clean|Dirty): +(\d+) kB$/gm);

/** What cannot be reclaimed of the group that a process is in, without what is its own. */
function besideTarget(pid: number): number {
  const text = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  const first = /^\d+:memory:(.*)$/m.exec(text)?.[1];
  const group = first === undefined ? `/sys/fs/cgroup${/^0::(.*)$/m.exec(text)![1]}` : `/sys/fs/cgroup/memory${first}`;
  const usage = readFileSync(`${group}/${first === undefined ? 'memory.current' : 'memory.usage_in_bytes'}`, 'utf8');
  const filed = sumOf(readFileSync(`${group}/memory.stat`, 'utf8'), /^(?:in)?active_file (\d+)$/gm);
  const target = 1024 * sumOf(readFileSync(`/proc/${pid}/status`, 'utf8'), /^RssAnon:\s+(\d+) kB$/gm);
  return Number(usage) - filed - target;
}
