import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { python } from './cli/whyoom.ts';
import { temporaryFolder } from './temporary.ts';

export interface Stepped {
  readonly pid: number;
  /** Lets the program do so many steps, and waits until they are done. */
  steps(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Reads how many steps to do, does them, and says how many it has done in all: hours of work in a moment. */
const DRIVER = `
def main():
    done = 0
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(int(line)):
            done += 1
            step(done)
        print(done, flush=True)


main()
`;

/**
 * Starts a program that does `step(n)` as often as it is told to, and nothing in between. `path` is where its file lies
 * in a folder of its own.
 */
export async function startStepped(source: string, path = 'app.py', interpreter?: string): Promise<Stepped> {
  const file = join(temporaryFolder(), path);
  writeFileSync(file, `import sys\n${source}\n${DRIVER}`);
  const child = spawn(interpreter ?? (await python()), [file], { stdio: ['pipe', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await said(lines);
  return {
    pid: child.pid!,
    async steps(count) {
      child.stdin.write(`${count}\n`);
      await said(lines);
    },
    async stop() {
      endOf(child);
      await exited;
    },
  };
}

async function said(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done) throw new Error('the program ended');
  return value;
}

const endOf = (child: ChildProcess): void => void child.kill('SIGKILL');
