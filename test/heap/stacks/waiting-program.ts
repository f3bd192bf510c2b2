import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../../temporary.ts';

const frame = z.tuple([z.string(), z.string(), z.number()]);
const saidSchema = z.object({
  threads: z.array(z.object({ id: z.number(), name: z.string(), frames: z.array(frame) })),
  tasks: z.array(z.object({ name: z.string(), frames: z.array(frame), own: z.array(frame) })),
  collector: z.object({
    enabled: z.boolean(),
    thresholds: z.array(z.number()),
    frozen: z.number(),
    garbage: z.number(),
    generations: z.array(z.object({ collections: z.number(), collected: z.number(), uncollectable: z.number() })),
  }),
});
export type Said = z.infer<typeof saidSchema>;

export interface Waiting {
  readonly pid: number;
  readonly said: Said;
  /** Asks for `gc.get_count()`. */
  counts(): Promise<number[]>;
}

/** Starts the program whose threads and tasks wait, and gives what it says of itself. It ends with the test. */
export async function startWaiting(python: string): Promise<Waiting> {
  const file = join(temporaryFolder(), 'said');
  const child = spawn(python, ['-B', '-W', 'ignore', join(import.meta.dirname, 'waiting.py'), file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout);
  const [ready] = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
  if (ready !== 'ready') throw new Error(`waiting.py ended: ${ready}`);
  return {
    pid: child.pid!,
    said: saidSchema.parse(JSON.parse(readFileSync(file, 'utf8'))),
    async counts() {
      const answered = once(lines, 'line');
      child.stdin.write('\n');
      const [answer] = await answered;
      return String(answer).trim().split(' ').map(Number);
    },
  };
}
