/** A line that tells of a process: that it was started, or killed. */
export type LifeLine = 'start' | 'kill';

/** What servers say when they start, in their own words. */
const STARTS = new RegExp(
  [
    '^Started server process \\[', // uvicorn
    '^Application startup complete\\b', // uvicorn, hypercorn and those that speak like them
    '^Starting gunicorn \\d',
    '^Booting worker with pid', // gunicorn
    'Starting development server at', // Django
    '^\\s*\\* Serving Flask app',
    '^(?:spawned uWSGI|\\*\\*\\* Starting uWSGI)',
    '^celery@\\S+ (?:v\\d|ready)',
    '^Scrapy \\d\\S* started', // scrapy
    '^(?:Starting|Started|Booting|Launching|Initiali[sz]ing)(?: up)?(?: the)?(?: [\\w-]+){0,3} (?:server|service|app|application|daemon|process|processor|worker|consumer)\\b(?![- ]?pool)(?:,? (?:version |v)?\\d[\\w.]*| on .{0,60})?[.… ]*$',
  ].join('|'),
  'i',
);
const KILLS =
  /was sent SIGKILL|was terminated due to signal 9|signal 9 \(SIGKILL\)|died, killed by signal 9|\bKilled process \d|^(?:\S+: line \d+:\s+\d+ )?Killed\s*$|\bOOMKilled\b|oom-kill:/;

/** What a message says of the life of a process; undefined: nothing. */
export function lifeLine(message: string): LifeLine | undefined {
  const head = message.slice(0, 400);
  if (KILLS.test(head)) return 'kill';
  return STARTS.test(head) ? 'start' : undefined;
}
