import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { STATE } from './places.ts';
import { say } from './say.ts';

/**
 * Waits until no other process starts or ends this cluster. Held until this process ends, however it does:
 * an abstract socket (unix(7)) is its process's alone, and no file is left behind.
 */
export async function lock(): Promise<void> {
  for (let turn = 0; !(await listens()); turn++) {
    if (turn === 0) say('another process starts or ends the cluster: waiting for it');
    await sleep(500);
  }
}

const listens = (): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen(`\0${STATE}`, () => {
      server.unref();
      resolve(true);
    });
  });
