import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { KubeConnection } from '../../../src/core/kube-port.ts';

export type Answer = (request: IncomingMessage & { url: string }, response: ServerResponse, at: URL) => void;

/** A server on this machine that answers as told, and a connection to it; both end with the test. */
export async function fakeApi(answer: Answer): Promise<{ server: Server; url: string; connection: KubeConnection }> {
  const server = createServer((request, response) =>
    answer(request as IncomingMessage & { url: string }, response, new URL(request.url ?? '/', 'http://api')),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, url, connection: connectionTo(url) };
}

/** By a kubeconfig of its own, with these fields of the user. */
export function connectionTo(url: string, user: object = {}, more: Partial<KubeConnection> = {}): KubeConnection {
  return { ...connectionBy(kubeconfig(url, user)), ...more };
}

export const connectionBy = (config: object): KubeConnection => ({
  kubeconfig: written(config),
  requestTimeoutMs: 30_000,
  env: {},
  interrupted: new AbortController().signal,
});

export const kubeconfig = (url: string, user: object = {}, name = 'test') => ({
  'current-context': name,
  clusters: [{ name, cluster: { server: url } }],
  users: [{ name, user }],
  contexts: [{ name, context: { cluster: name, user: name, namespace: 'shop' } }],
});

/** JSON is YAML. */
export function written(config: object): string {
  const file = join(mkdtempSync(join(tmpdir(), 'whyoom-kubeconfig-')), 'config');
  writeFileSync(file, JSON.stringify(config));
  return file;
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export const status = (message: string, reason: string, code: number) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message,
  reason,
  code,
});
