import { readElfParts } from '../../heap/elf/parts.ts';
import { HeapError } from '../../heap/heap-error.ts';
import type { ImagePart, LiveTarget } from '../../heap/live-target.ts';
import type { MemoryMap, MemoryReader } from '../../heap/memory/reader.ts';
import type { FilePart, RemoteMemory } from '../../heap/memory/remote.ts';
import { ReaderCalls, type SyncLink } from '../../pod-reader/link.ts';
import { readRemotely } from '../../pod-reader/remote-memory.ts';
import { pathsOf } from '../process/image.ts';
import { readKernelMemory } from '../process/kernel-memory.ts';
import { availableHere } from '../process/live-target.ts';
import type { ProcFiles } from '../process/proc-files.ts';
import { inRoundsNow } from '../process/proc-rounds.ts';
import { threadStates } from '../process/thread-states.ts';
import { statIn } from '../process/tracer/proc-status.ts';
import { filesNow } from './container-files.ts';

/**
 * A process of a container as the heap reader wants it, through the reader there. The same one all the time: a pid that is used
 * again is not alive, nor is a process that runs another program by now. Throws HeapError, here and later.
 */
export function remoteTarget(link: SyncLink, pid: number): LiveTarget {
  const { memory, readFiles } = readRemotely(link, pid);
  const ask = filesNow(new ReaderCalls(link));
  const files = <T>(work: (files: ProcFiles) => T): T => inRoundsNow(ask, work);
  const stat = () => {
    const text = files((each) => each.read(`/proc/${pid}/stat`).text);
    return text === undefined ? undefined : statIn(text);
  };
  const readParts = (parts: readonly ImagePart[]) => readFiles(parts.map((part) => filePart(pid, part)));
  const born = stat();
  if (born === undefined) throw new HeapError('absent', `There is no process ${pid} in the container.`);
  return {
    pid,
    remote: memory,
    reader: () => readerOver(memory),
    readImage: (map) => readElfParts((parts) => readParts(parts.map((part) => ({ map, ...part })))),
    readFile(map, offset, into) {
      const [bytes] = readParts([{ map, offset, bytes: into.length }]);
      into.set(bytes!);
      return bytes!.length;
    },
    readParts,
    alive() {
      const now = stat();
      if (now === undefined || now.state === 'Z' || now.state === 'X') return false;
      return now.startTicks === born.startTicks && now.program === born.program;
    },
    availableBytes: availableHere,
    kernelMemory: () => files((each) => readKernelMemory(pid, each)),
    threads: () => files((each) => threadStates(pid, each)),
    nowUnixSeconds: () => Date.now() / 1000,
    nowMs: () => performance.now(),
  };
}

/** By its path where that leads there, for what the mapping itself leads to takes a capability that containers lack. */
const filePart = (pid: number, { map, offset, bytes }: ImagePart): FilePart => ({
  path: pathsOf(pid, map).at(-1)!,
  offset,
  bytes,
});

const readerOver = (memory: RemoteMemory): MemoryReader => {
  const maps: readonly MemoryMap[] = memory.maps();
  return {
    maps,
    read: (address, into) => memory.read(address, into),
    gather: (addresses, bytes) => memory.gather(addresses, bytes),
    pages: (start, end) => memory.pages([{ start, end }])[0]!,
  };
};
