import { posix } from 'node:path';
import type { Report } from '../../core/report.ts';

const MOST_CHARACTERS = 100;

/** What logs are called in the report: their files, without the paths to them. */
export function logsTarget(files: readonly string[]): Report['target'] {
  const names = files.map((file) => (file === '-' ? 'standard input' : posix.basename(file)));
  return { kind: 'logs', name: names.join(', ').slice(0, MOST_CHARACTERS) };
}
