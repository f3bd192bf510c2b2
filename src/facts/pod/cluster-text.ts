import { clipped } from '../../util/text-escape.ts';

/** A message of the cluster's as part of a sentence: one line, not long, without the point at its end. */
export function clusterText(message: string | undefined, most = 200): string | undefined {
  const line = message
    ?.slice(0, 4 * most)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.:\s]+$/, '');
  return line === undefined || line === '' ? undefined : clipped(line, most);
}
