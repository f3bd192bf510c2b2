import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { onMachine } from './machine.ts';
import { inState } from './places.ts';
import type { ProcessRecord } from './processes.ts';
import { waitUntil } from './wait.ts';

/** Imports the images that the node lacks, as soon as its containerd answers. */
export async function importImages(
  machine: ProcessRecord,
  archives: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const markOf = (file: string) => inState('imported', basename(dirname(file)));
  const missing = archives.filter((file) => !existsSync(markOf(file)));
  if (missing.length === 0) return;
  // Its own time-out for connecting does not cover a socket at which nobody listens yet.
  await waitUntil('containerd', () => onMachine(machine, 'ctr', ['--connect-timeout', '2s', 'version'], environment));
  for (const file of missing) {
    onMachine(machine, 'ctr', ['--namespace', 'k8s.io', 'images', 'import', file], environment);
    mkdirSync(inState('imported'), { recursive: true });
    writeFileSync(markOf(file), '');
  }
}
