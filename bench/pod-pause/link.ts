import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

/** A way to the API server that takes its time. */
export interface Link {
  readonly kubeconfig: string;
  /** What the server had sent when, all in all: [Unix seconds, bytes]. */
  readonly received: readonly (readonly [number, number])[];
  close(): void;
}

/** For all connections together, a direction; the delay is that of each way. */
export interface LinkLimits {
  readonly bytesPerSecond: number;
  readonly delayMs: number;
}

/** What a relay holds, beside what is on the way, before it stops reading: the rest waits in the sender. */
const QUEUED_BYTES = 256 << 10;
const PIECE_BYTES = 16 << 10;

/** Starts a relay of bytes on loopback: TLS goes through untouched, so that the name in the server's certificate is told apart. */
export async function startLink(kubeconfig: string, limits: LinkLimits): Promise<Link> {
  const config = parse(readFileSync(kubeconfig, 'utf8')) as { clusters: { cluster: Record<string, string> }[] };
  const entry = config.clusters[0]!.cluster;
  const { hostname, port } = new URL(entry.server!);
  const received: [number, number][] = [];
  const [up, down] = [new Way(limits), new Way(limits)];
  const open = new Set<Socket>();
  let bytes = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const end of [near, far]) open.add(end.setNoDelay());
    up.carry(near, far, () => {});
    down.carry(far, near, (length) => {
      bytes += length;
      received.push([Date.now() / 1000, bytes]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-bench-link-'));
  entry.server = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  entry['tls-server-name'] ??= hostname;
  writeFileSync(join(folder, 'config'), stringify(config), { mode: 0o600 });
  const close = () => {
    server.close();
    for (const socket of open) socket.destroy();
    rmSync(folder, { recursive: true });
  };
  return { kubeconfig: join(folder, 'config'), received, close };
}

/** One direction. What is sent takes its time on a line that all share, and then the delay. */
class Way {
  private readonly limits: LinkLimits;
  private readonly onTheWay: { readonly atMs: number; readonly arrive: () => void }[] = [];
  private freeAtMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(limits: LinkLimits) {
    this.limits = limits;
  }

  carry(from: Socket, to: Socket, told: (bytes: number) => void): void {
    let queued = 0;
    const arrive = (piece: Buffer) => {
      queued -= piece.length;
      if (from.isPaused() && queued < this.mostQueuedBytes) from.resume();
      told(piece.length);
      if (!to.destroyed) to.write(piece);
    };
    from.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        queued += piece.length;
        this.send(piece.length, () => arrive(piece));
      }
      if (queued >= this.mostQueuedBytes) from.pause();
    });
    from.on('end', () => this.send(0, () => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => this.send(0, () => to.destroySoon()));
  }

  private get mostQueuedBytes(): number {
    return QUEUED_BYTES + (this.limits.bytesPerSecond * this.limits.delayMs) / 1000;
  }

  private send(bytes: number, arrive: () => void): void {
    this.freeAtMs = Math.max(performance.now(), this.freeAtMs) + (1000 * bytes) / this.limits.bytesPerSecond;
    this.onTheWay.push({ atMs: this.freeAtMs + this.limits.delayMs, arrive });
    this.wait();
  }

  /** One timer for all: timers of their own would come out of order. */
  private wait(): void {
    const [first] = this.onTheWay;
    if (first === undefined || this.timer !== undefined) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        const now = performance.now();
        while (this.onTheWay.length > 0 && this.onTheWay[0]!.atMs <= now) this.onTheWay.shift()!.arrive();
        this.wait();
      },
      Math.max(0, first.atMs - performance.now()),
    );
  }
}
