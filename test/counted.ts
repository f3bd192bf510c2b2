import { appendFileSync } from 'node:fs';

/**
 * Says that something real was run, so that the suite can print what it covered and fail in CI when it covered less
 * than the committed number (`expected-counts.json`): a test that silently finds nothing to run is no test.
 */
export function counted(what: Counted, name: string): void {
  const file = process.env.WHYOOM_COUNTS;
  if (file) appendFileSync(file, `${JSON.stringify([what, name])}\n`);
}

export type Counted =
  | 'interpreters'
  | 'programs'
  | 'cases'
  | 'patches'
  | 'kills'
  | 'heaps'
  | 'pods'
  | 'faulty looks'
  | 'broken looks'
  | 'readers'
  | 'endpoints'
  | 'logs';
