import { platform } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { ProcessPort } from '../../core/ports.ts';
import { ProblemError } from '../../core/problem.ts';
import { readTargetFile } from './files.ts';
import { readMemoryLimit } from './memory-limit.ts';
import { processTree } from './process-tree.ts';
import { readSample } from './sample.ts';

/**
 * The processes of this machine, read from /proc. Every call throws a ProblemError where that cannot be: `absent`,
 * `denied`, or `unsupported` on anything but Linux (the module itself loads everywhere).
 */
export function createProcessPort(openHeap: ProcessPort['openHeap']): ProcessPort {
  return {
    tree: async (pid) => onLinux(() => processTree(pid)),
    memoryLimit: async (pid) => onLinux(() => readMemoryLimit(pid)),
    sample: async (pid, limit) => onLinux(() => readSample(pid, limit, nowUnixSeconds())),
    openHeap: async (pid, options) => onLinux(() => openHeap(pid, options)),
    readFile: async (pid, path) => onLinux(() => readTargetFile(pid, path)),
    sleep,
    nowUnixSeconds,
  };
}

function onLinux<T>(look: () => T): T {
  if (platform() === 'linux') return look();
  throw new ProblemError(
    'unsupported',
    `whyoom reads processes of Linux, and this is ${platform()}.`,
    'Run it on the machine, or in the container, where the process runs.',
  );
}

const nowUnixSeconds = () => Date.now() / 1000;

/** Waits, but no longer than until the signal. */
async function sleep(ms: number, until: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal: until });
  } catch (error) {
    if (!until.aborted) throw error;
  }
}
