import { ProblemError } from '../../core/problem.ts';
import type { ProcFiles } from '../process/proc-files.ts';

/** One line a socket; a server with more than some thousand connections has those that listen near the top. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const MOST_BYTES = 1024 * 1024;
/** TCP_LISTEN (include/net/tcp_states.h). */
const LISTEN = '0A';

/**
 * The TCP ports on which something in the pod's network listens, the lowest first: the containers of a pod share it, and one
 * that listens at 127.0.0.1 alone is reached by port-forward, too. proc(5): `sl local_address rem_address st …`, in hexadecimal.
 * Throws a ProblemError where no table can be read.
 */
export function listeningPorts(files: ProcFiles): number[] {
  const tables = TABLES.map((table) => files.read(table, MOST_BYTES).text);
  if (tables.every((text) => text === undefined))
    throw new ProblemError('denied', 'The tables of sockets in the pod cannot be read.');
  const lines = tables.flatMap((text = '') => text.split('\n'));
  const ports = lines.flatMap((line) => {
    const [, port, state] = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line) ?? [];
    return port !== undefined && state === LISTEN ? [Number.parseInt(port, 16)] : [];
  });
  return [...new Set(ports)].filter((port) => port > 0).sort((a, b) => a - b);
}
