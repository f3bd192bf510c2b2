import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach } from 'vitest';
import type { ByteStream, StreamEnd } from '../../../src/core/byte-stream.ts';
import { ProblemError } from '../../../src/core/problem.ts';

const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

export interface ChildStream extends ByteStream {
  readonly child: ChildProcess;
}

/** A command of this machine in place of one in a container: what `exec` in a pod gives, without a cluster. */
export function childStream(command: readonly string[], options: { uid?: number } = {}): ChildStream {
  const [program, ...args] = command;
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  children.add(child);
  let stderr = '';
  let cut: ProblemError | undefined;
  child.stderr.on('data', (text: Buffer) => {
    stderr = (stderr + text.toString()).slice(-4000);
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<StreamEnd>((resolve) => {
    child.once('error', ({ message }) => resolve({ problem: new ProblemError('absent', notThere(message)), stderr }));
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(cut ? { problem: cut, stderr } : { exitCode: code ?? (signal === 'SIGKILL' ? 137 : 128), stderr });
    });
  });
  return {
    child,
    async write(bytes) {
      if (!child.stdin.writable) throw new ProblemError('broken', 'nobody reads any longer');
      if (!child.stdin.write(bytes)) await Promise.race([once(child.stdin, 'drain'), ended]);
    },
    end: () => void child.stdin.end(),
    received: child.stdout.iterator({ destroyOnReturn: false }),
    ended,
    close() {
      cut = new ProblemError('broken', 'the stream was closed');
      child.stdin.destroy();
      child.stdout.destroy();
    },
  };
}

/** As the container runtime says it. */
const notThere = (message: string) => `exec: ${message}: executable file not found in $PATH: no such file or directory`;
