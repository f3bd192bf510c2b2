import type { IncomingMessage } from 'node:http';
import { statusIn } from './api-problem.ts';
import { bodyOf } from './exchange.ts';
import { retryAfterMs, type Tried } from './patience.ts';

const MOST_ERROR_BYTES = 2 ** 20;

/** What a server says in place of what was asked for: its code, and its words where it has some. */
export async function refusalIn(
  response: IncomingMessage,
  signal: AbortSignal,
): Promise<Extract<Tried<never>, { is: 'refused' }>> {
  const body = await bodyOf(response, signal, MOST_ERROR_BYTES).catch(() => Buffer.alloc(0));
  const code = response.statusCode ?? 0;
  const said = statusIn(body, code, response.headers['content-type']);
  return { is: 'refused', code, said, afterMs: retryAfterMs(response, said) };
}
