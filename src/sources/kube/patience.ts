import type { IncomingMessage } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { ProblemError } from '../../core/problem.ts';
import { type ApiStatus, problemOfNetwork, problemOfStatus, problemOfTime } from './api-problem.ts';

/** How one attempt at a request went. */
export type Tried<T> =
  | { readonly is: 'done'; readonly value: T }
  | {
      readonly is: 'refused';
      readonly code: number;
      readonly said: ApiStatus | undefined;
      readonly afterMs?: number | undefined;
    }
  | { readonly is: 'garbage'; readonly why: string }
  | { readonly is: 'lost'; readonly thrown: unknown };

/** What is being asked of whom, and how long it may take with all its attempts. */
export interface Asking {
  /** `GET /api/v1/pods` */
  readonly asked: string;
  readonly server: URL;
  readonly time: RequestTime;
  /** After a 401: true where it is worth another try. */
  renew(): Promise<boolean>;
  /** Part of the answer is in somebody's hands: it cannot be asked for again here. */
  handedOut?(): boolean;
}

const MOST_TRIES = 4;
/** Told to come back later, one may do so more often. */
const MOST_TRIES_LATER = 10;
/** Nobody listens: that a server is just being replaced is rare, and waiting for each request adds up. */
const MOST_TRIES_OF_NOBODY = 2;
const FIRST_WAIT_MS = 150;

/** Tries again what may go right the next time: 429, 5xx, broken connections and answers; inside the request's time. */
export async function persist<T>(asking: Asking, once: () => Promise<Tried<T>>): Promise<T> {
  let renewed = false;
  for (let tries = 1; ; tries++) {
    const tried = await once();
    if (tried.is === 'done') return tried.value;
    if (asking.time.signal.aborted) throw whyEnded(asking);
    if (tried.is === 'refused' && tried.code === 401 && !renewed && (await asking.renew())) {
      renewed = true;
      continue;
    }
    const waitMs = asking.handedOut?.() ? undefined : waitAfter(tried, tries);
    if (waitMs === undefined || waitMs >= asking.time.leftMs()) throw problemOf(tried, asking);
    await after(waitMs, undefined, { signal: asking.time.signal }).catch(() => {
      throw whyEnded(asking);
    });
  }
}

function problemOf(tried: Exclude<Tried<unknown>, { is: 'done' }>, { asked, server }: Asking): ProblemError {
  if (tried.is === 'refused') return problemOfStatus(tried.code, tried.said, asked);
  if (tried.is === 'lost') return problemOfNetwork(tried.thrown, server, asked);
  return new ProblemError(
    'broken',
    `${asked}: the answer makes no sense: ${tried.why}`,
    'Is something between here and the API server?',
  );
}

const whyEnded = ({ time, asked }: Asking) =>
  time.signal.reason === TIME_UP ? problemOfTime(time.ms, asked) : new ProblemError('timeout', `${asked}: interrupted`);

/** Undefined: it would go wrong again. */
function waitAfter(tried: Exclude<Tried<unknown>, { is: 'done' }>, tries: number): number | undefined {
  const backOffMs = Math.min(5000, FIRST_WAIT_MS * 2 ** (tries - 1)) * (0.75 + Math.random() / 2);
  if (tried.is === 'refused') {
    if (tried.code !== 429 && (tried.code < 500 || tried.code === 501)) return undefined;
    if (tries >= (tried.code === 429 ? MOST_TRIES_LATER : MOST_TRIES)) return undefined;
    return tried.afterMs ?? backOffMs;
  }
  if (tried.is === 'lost' && !isPassing(tried.thrown)) return undefined;
  return tries < (isNobody(tried) ? MOST_TRIES_OF_NOBODY : MOST_TRIES) ? backOffMs : undefined;
}

const PASSING = [
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'HPE_INVALID',
];

const isNobody = (tried: Tried<unknown>): boolean =>
  tried.is === 'lost' && (tried.thrown as NodeJS.ErrnoException).code === 'ECONNREFUSED';

const isPassing = (thrown: unknown) =>
  thrown instanceof Error &&
  !(thrown instanceof ProblemError) &&
  PASSING.some((code) => (thrown as NodeJS.ErrnoException).code?.startsWith(code));

/** `Retry-After`, in seconds or as a date, and what the Status says. */
export function retryAfterMs({ headers }: IncomingMessage, said: ApiStatus | undefined): number | undefined {
  const header = headers['retry-after'];
  if (header === undefined) return said?.details?.retryAfterSeconds && said.details.retryAfterSeconds * 1000;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The time of one request: its own, and a little more than none once the person has heard enough. */
export interface RequestTime {
  readonly ms: number;
  readonly signal: AbortSignal;
  leftMs(): number;
  /** Something came: the time begins anew (streams only). */
  refresh(): void;
  end(): void;
}

const TIME_UP = new Error('the time is up');
/** What is under way when somebody presses Ctrl-C may still come in: the report is of what is known. */
const GRACE_MS = 2000;

/** `ms` 0: without end, until one of the signals. */
export function requestTime(ms: number, interrupted: AbortSignal, until?: AbortSignal): RequestTime {
  const ended = new AbortController();
  let begun = performance.now();
  const timer = ms > 0 ? setTimeout(() => ended.abort(TIME_UP), ms) : undefined;
  let grace: NodeJS.Timeout | undefined;
  const hurry = () => {
    grace = setTimeout(() => ended.abort(), GRACE_MS);
  };
  const stop = () => ended.abort();
  if (interrupted.aborted) hurry();
  if (until?.aborted) stop();
  interrupted.addEventListener('abort', hurry, { once: true });
  until?.addEventListener('abort', stop, { once: true });
  return {
    ms,
    signal: ended.signal,
    leftMs: () => (ms > 0 ? begun + ms - performance.now() : Number.POSITIVE_INFINITY),
    refresh: () => {
      begun = performance.now();
      timer?.refresh();
    },
    end: () => {
      clearTimeout(timer);
      clearTimeout(grace);
      interrupted.removeEventListener('abort', hurry);
      until?.removeEventListener('abort', stop);
    },
  };
}
