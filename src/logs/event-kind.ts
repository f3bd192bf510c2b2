import { lifeLine } from './life-lines.ts';
import type { LogLine } from './log-line.ts';

/** What a program says of how it lives: what failed, what was killed, what began and ended. The gravest first. */
export const EVENT_KINDS = [
  'killed',
  'out-of-memory',
  'worker-timeout',
  'worker-ended',
  'worker-started',
  'started',
  'stopping',
  'error',
  'warning',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const OUT_OF_MEMORY =
  /\bMemoryError\b|\bUnable to allocate\b|\b[Cc]annot allocate memory\b|\bstd::bad_alloc\b|\bout of memory\b|\bOutOfMemory/i;
/** A part of the program, or a command that it ran, was ended with SIGKILL. */
const KILLED = [
  'was sent SIGKILL', // gunicorn 20 and later: "Worker (pid:12) was sent SIGKILL! Perhaps out of memory?"
  'was terminated due to signal 9', // gunicorn before
  'WorkerLostError.{0,200}signal 9', // Celery with billiard
  'died, killed by signal 9', // uWSGI
  'terminated abruptly while the future was running', // concurrent.futures, BrokenProcessPool
  '\\bKilled process \\d', // the kernel
  '\\bSIGKILL\\b',
  '^(?:\\S+: line \\d+:\\s+\\d+ )?Killed(?:\\s|$)', // a shell
];
const WORKER_TIMEOUT = [
  '^WORKER TIMEOUT', // gunicorn/arbiter.py, murder_workers
  'HARAKIRI ON WORKER', // uWSGI
  '^(?:Hard|Soft) time limit \\(', // celery/worker/request.py, on_timeout
  'TimeLimitExceeded\\(',
];
const WORKER_ENDED = [
  '^Worker exiting \\(pid', // gunicorn/workers/base.py
  '^Worker \\(pid:\\d+\\) (?:exited|was sent)', // gunicorn/arbiter.py, reap_workers
  '^Worker with pid \\d+ was terminated', // gunicorn before 20.1
  '^Autorestarting worker after current request', // gunicorn/workers: max_requests
  '^Child process \\[\\d+\\] died', // uvicorn/supervisors/multiprocess.py
  "^Process '[^']{1,100}' pid:\\d+ exited with", // celery/concurrency/asynpool.py
  'child process exiting after exceeding memory limit', // billiard/pool.py: worker_max_memory_per_child
  '^worker \\d+ (?:lifetime reached|buried)', // uWSGI
  '^\\.\\.\\.The work of process \\d+ is done', // uWSGI
  '^Maximum request limit of \\d+ exceeded', // uvicorn/server.py
];
const WORKER_STARTED = [
  '^Booting worker with pid', // gunicorn/arbiter.py, spawn_worker
  '^Started child process \\[', // uvicorn/supervisors/multiprocess.py
  '^(?:spawned|Respawned) uWSGI worker', // uWSGI
];
const STOPPING = [
  '^Handling signal: (?:term|int|quit)', // gunicorn/arbiter.py
  '^Shutting down', // gunicorn, uvicorn
  '^worker: (?:Warm|Cold) shutdown', // celery/apps/worker.py
  '^SIG(?:INT|TERM|QUIT)(?:/SIGQUIT)? received', // uWSGI
];

const oneOf = (parts: readonly string[]): RegExp => new RegExp(parts.join('|'));
const KILL = oneOf(KILLED);
const LIVES: readonly (readonly [EventKind, RegExp])[] = [
  ['worker-timeout', oneOf(WORKER_TIMEOUT)],
  ['killed', KILL],
  ['worker-ended', oneOf(WORKER_ENDED)],
  ['worker-started', oneOf(WORKER_STARTED)],
  ['stopping', oneOf(STOPPING)],
];
/** Words of which each of the above has one: most lines have none. */
const WORDS =
  /[Kk]illed|SIG[KITQ]|signal 9|abruptly|TIMEOUT|HARAKIRI|time limit|TimeLimit|[Ww]orker |[Cc]hild process|Process '|work of process|request limit|Booting|[Ss]tarting|[Ss]tarted|[Ll]aunching|[Ii]nitiali|Serving Flask|uWSGI|celery@|Handling signal|Shutting|shutdown/;
const MEMORY_WORDS = /memory|memoryerror|unable to alloc|bad_alloc/i;

/** What a line tells; undefined: nothing of the kind. Kills and memory by the words, whatever its level. */
export function eventKind({ message, level, text = message }: LogLine): EventKind | undefined {
  if (WORDS.test(text)) {
    for (const [kind, pattern] of LIVES) if (pattern.test(message)) return kind;
    if (KILL.test(text)) return 'killed';
    if (lifeLine(message) === 'start') return 'started';
  }
  if (MEMORY_WORDS.test(text) && (OUT_OF_MEMORY.test(message) || OUT_OF_MEMORY.test(text))) return 'out-of-memory';
  if (level === 'warning') return level;
  return level === 'error' || level === 'critical' ? 'error' : undefined;
}
