import { ProblemError } from '../../core/problem.ts';
import type { Socket } from './socket.ts';

/** Asked so often for a sign of life; also what keeps proxies from cutting a quiet connection (they wait a minute or more). */
const PING_MS = 5000;
/**
 * No byte in so long, not even an answer to a ping: nobody is there. A server that waits for a program to take its input
 * answers no pings meanwhile, so it is not short.
 */
const DEAD_MS = 30_000;

export interface SilenceTimes {
  readonly pingMs: number;
  readonly deadMs: number;
}

/** Notices a connection that is dead without having been closed. While reading is held back here nothing can be told. */
export function watchSilence(
  socket: Socket,
  what: string,
  dead: (problem: ProblemError) => void,
  { pingMs, deadMs }: SilenceTimes = { pingMs: PING_MS, deadMs: DEAD_MS },
): { stop(): void } {
  // Counted, not timed: whoever was asleep or busy for a while has heard nothing in that time, whatever was said.
  let unheard = 0;
  const heard = () => {
    unheard = 0;
  };
  for (const sign of ['message', 'ping', 'pong']) socket.on(sign, heard);
  const timer = setInterval(() => {
    unheard = socket.isPaused ? 0 : unheard + 1;
    if (unheard * pingMs > deadMs) dead(goneSilent(what, deadMs));
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, pingMs);
  return { stop: () => clearInterval(timer) };
}

const goneSilent = (what: string, ms: number) =>
  new ProblemError(
    'timeout',
    `${what}: nothing came for ${ms / 1000} s, not even an answer to a ping`,
    'Is the API server still there? kubectl get --raw /readyz',
  );
