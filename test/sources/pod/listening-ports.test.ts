import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listeningPorts } from '../../../src/sources/pod/listening-ports.ts';
import { localFiles, type ProcFiles } from '../../../src/sources/process/proc-files.ts';

const files = (texts: Record<string, string>): ProcFiles => ({
  ...localFiles(),
  read: (path) => (texts[path] === undefined ? { why: 'denied' } : { text: texts[path] }),
});
const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

test('a port of this machine on which somebody listens is among them, over IPv4 and IPv6', async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer().listen(0, host);
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    expect(listeningPorts(localFiles())).toContain((server.address() as { port: number }).port);
  }
});

test('connections are no ports that listen, and each port is there once', () => {
  const tcp = `${HEAD}   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1\n   1: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 2 1\n`;
  const tcp6 = `${HEAD}   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3 1\n   1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3 1\n`;
  expect(listeningPorts(files({ '/proc/net/tcp': tcp, '/proc/net/tcp6': tcp6 }))).toEqual([80, 8080]);
  expect(listeningPorts(files({ '/proc/net/tcp': tcp }))).toEqual([8080]);
});

test('tables that cannot be read are not taken for empty ones', () => {
  expect(() => listeningPorts(files({}))).toThrow(/cannot be read/);
  expect(listeningPorts(files({ '/proc/net/tcp': '\u0000garbage\n0: x' }))).toEqual([]);
});
