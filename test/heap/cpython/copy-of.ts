import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { locatePython } from '../../../src/heap/cpython/locate.ts';
import { copyInto, planCopy, prepareSnapshot } from '../../../src/heap/memory/copy.ts';
import type { Snapshot } from '../../../src/heap/memory/snapshot.ts';
import { liveTarget } from '../../../src/sources/process/live-target.ts';

/** A copy of the memory of a program that prints a line and then waits for its input, and so stands still. */
export async function copyOf(path: string, program: string): Promise<{ snapshot: Snapshot; runtime: number }> {
  const child = spawn(path, ['-S', '-E', '-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const target = liveTarget(child.pid!);
  const reader = target.reader();
  const plan = planCopy(reader);
  const snapshot = prepareSnapshot(plan, reader, 2 ** 34);
  copyInto(snapshot, plan, reader, () => false);
  return { snapshot, runtime: locatePython(reader, target.readImage).runtime };
}
