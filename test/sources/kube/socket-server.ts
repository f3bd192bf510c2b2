import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { KubeConnection } from '../../../src/core/kube-port.ts';
import { fakeApi, json } from './fake-api.ts';

export interface SocketServer {
  readonly url: string;
  readonly connection: KubeConnection;
  /** The requests, in order. */
  readonly asked: IncomingMessage[];
}

type Serve = (socket: WebSocket, request: IncomingMessage) => void;
/** What is done in place of a handshake; undefined: the handshake. */
type Instead = (request: IncomingMessage, raw: Duplex, times: number) => boolean;

/** An API server of which nothing is there but its WebSockets. */
export async function socketServer(
  serve: Serve,
  { instead, protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] }: { instead?: Instead; protocols?: string[] } = {},
): Promise<SocketServer> {
  const asked: IncomingMessage[] = [];
  const { server, url, connection } = await fakeApi((_, response) => json(response, {}, 404));
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (wanted) => protocols.find((each) => wanted.has(each)) ?? false,
  });
  server.on('upgrade', (request, raw, head) => {
    asked.push(request);
    raw.on('error', () => {});
    if (instead?.(request, raw, asked.length)) return;
    sockets.handleUpgrade(request, raw, head, (socket) => {
      socket.on('error', () => {});
      serve(socket, request);
    });
  });
  onTestFinished(() => {
    for (const each of sockets.clients) each.terminate();
  });
  return { url, connection, asked };
}

/** An answer to an upgrade that is none. */
export function answer(raw: Duplex, code: number, body: object | string, type = 'application/json'): true {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const head = `HTTP/1.1 ${code} No\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`;
  raw.end(head + text);
  return true;
}

export const frame = (channel: number, payload: string | Uint8Array = '') =>
  Buffer.concat([Buffer.of(channel), Buffer.from(payload as string)]);

/** The status of a command that ended by itself. */
export const SUCCESS = frame(3, JSON.stringify({ kind: 'Status', status: 'Success' }));
