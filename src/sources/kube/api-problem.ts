import { z } from 'zod';
import { ProblemError } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { withoutTokens } from './without-tokens.ts';

/** The API's own answer to what it will not do: a `Status` (meta/v1). */
const status = z.object({
  kind: z.literal('Status'),
  message: z.string().optional(),
  reason: z.string().optional(),
  metadata: z.object({ continue: z.string().optional() }).optional(),
  details: z.object({ retryAfterSeconds: z.number().optional() }).optional(),
});
export type ApiStatus = z.infer<typeof status>;

/** The Status in a body, or its one line of plain text; undefined where it is something else, such as a proxy's page. */
export function statusIn(body: Buffer, code: number, contentType = 'text/plain'): ApiStatus | undefined {
  const text = body.toString('utf8').trim();
  try {
    return status.safeParse(JSON.parse(text)).data;
  } catch {
    // "404 page not found" tells less than the path that was asked for.
    const isLine = contentType.startsWith('text/plain') && /^[^<{\n]+$/.test(text) && code !== 404;
    return isLine ? { kind: 'Status', message: clipped(text, 300) } : undefined;
  }
}

/** In words of the API server where it has some: those of a 403 name the user, the verb and the resource. */
export function problemOfStatus(code: number, said: ApiStatus | undefined, asked: string): ProblemError {
  const words = said?.message ? visible(clipped(withoutTokens(said.message), 2000)) : undefined;
  switch (code) {
    case 401:
      return new ProblemError(
        'denied',
        `The API server refuses the credentials: they are wrong, or have expired (401)`,
        'Log in again; check with: kubectl auth whoami',
      );
    case 403:
      return new ProblemError('denied', words ?? `${asked}: forbidden (403)`);
    case 404:
    case 410:
      return new ProblemError('absent', words ?? `${asked}: there is no such thing (${code})`);
    case 400:
    case 405:
    case 406:
    case 415:
    case 422:
      return new ProblemError(
        'unsupported',
        `${asked}: ${words ?? 'the API server does not know this request'} (${code})`,
      );
    case 429:
      return new ProblemError(
        'timeout',
        `${asked}: the API server has too much to do (429), and still had after retries`,
      );
    default:
      return new ProblemError('broken', `${asked}: ${words ?? 'the API server failed'} (${code})`, REPEAT);
  }
}

const REPEAT = 'Try again; if it stays so: kubectl get --raw /readyz?verbose';

/** What happened on the way: no answer, a broken connection, a certificate that is not trusted. */
export function problemOfNetwork(thrown: unknown, server: URL, asked: string): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  const { code = '', message } =
    thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : { message: String(thrown) };
  const at = `${server.protocol}//${server.host}`;
  if (UNANSWERED[code]) {
    return new ProblemError(
      'timeout',
      `The API server ${at} does not answer: ${UNANSWERED[code]}`,
      'Is the cluster up, and the right --context chosen?',
    );
  }
  if (/EPROTO|ERR_SSL/.test(code)) {
    // Else it would be OpenSSL's words with its line numbers.
    const why = /wrong version number/i.test(message) ? 'it does not speak TLS' : `TLS with it fails (${code})`;
    return new ProblemError('broken', `The API server ${at}: ${why}`, "Check the kubeconfig's server and proxy-url.");
  }
  if (/CERT|SIGNATURE|ERR_TLS|SELF_SIGNED|ISSUER/.test(code)) {
    const why = clipped(withoutTokens(message), 300);
    return new ProblemError(
      'refused',
      `The API server ${at} cannot be trusted: ${why}`,
      'Check certificate-authority in the kubeconfig.',
    );
  }
  const why = clipped(withoutTokens(code === 'ECONNRESET' ? 'the connection broke' : message), 300);
  return new ProblemError('broken', `${asked}: no whole answer from ${at}: ${why}`, REPEAT);
}

const UNANSWERED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no network to it',
  ETIMEDOUT: 'no connection in time',
};

export const problemOfTime = (ms: number, asked: string) =>
  new ProblemError(
    'timeout',
    `${asked}: no whole answer within ${ms / 1000} s`,
    'Give it more time with --request-timeout.',
  );
