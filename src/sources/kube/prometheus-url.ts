import { ProblemError } from '../../core/problem.ts';

/** Asks a Prometheus by a path of its API (`api/v1/query`); gives the JSON that it answers. */
export type AskPrometheus = (path: string, query: Readonly<Record<string, string>>) => Promise<unknown>;

const MOST_BYTES = 128 * 2 ** 20;

/** Asks one at a URL, with the login that the URL may hold. Throws ProblemErrors that never name the login. */
export function prometheusAt(given: string, timeoutMs: number, interrupted: AbortSignal): AskPrometheus {
  const { base, headers } = placeOf(given);
  const signals = () => AbortSignal.any([interrupted, ...(timeoutMs > 0 ? [AbortSignal.timeout(timeoutMs)] : [])]);
  return async (path, query) => {
    const url = new URL(`${base.pathname.replace(/\/+$/, '')}/${path}?${new URLSearchParams(query)}`, base);
    try {
      const response = await fetch(url, { headers, signal: signals() });
      return jsonOf(await textIn(response), response.status, urlText(given));
    } catch (thrown) {
      throw thrown instanceof ProblemError ? thrown : unreachable(thrown, urlText(given));
    }
  };
}

/** A URL without its login, and without what might be one. */
export const urlText = (given: string): string => {
  const { origin, pathname } = new URL(given);
  return `${origin}${pathname === '/' ? '' : pathname}`;
};

function placeOf(given: string): { base: URL; headers: Record<string, string> } {
  const base = new URL(given);
  const login = `${decoded(base.username)}:${decoded(base.password)}`;
  const headers = login === ':' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  base.username = '';
  base.password = '';
  return { base, headers };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function textIn(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new ProblemError('unsupported', 'The answer of Prometheus is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string, status: number, at: string): unknown {
  if (status === 401 || status === 403)
    throw new ProblemError('denied', `Prometheus at ${at} refuses the login (${status}).`, 'http://USER:PASSWORD@HOST');
  try {
    return JSON.parse(text);
  } catch {
    throw new ProblemError('broken', `What answers at ${at} is no Prometheus (${status}, not JSON).`);
  }
}

function unreachable(thrown: unknown, at: string): ProblemError {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'TimeoutError' || name === 'AbortError')
    return new ProblemError('timeout', `Prometheus at ${at} did not answer in time.`);
  const cause = thrown instanceof Error ? (thrown.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
  const why = cause === undefined ? '' : ` (${cause})`;
  return new ProblemError('absent', `Prometheus at ${at} does not answer${why}.`, 'Is --prometheus URL right?');
}
