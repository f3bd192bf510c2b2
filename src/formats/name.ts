import type { Format } from '../core/format.ts';
import type { Report } from '../core/report.ts';
import { visible } from '../util/text-escape.ts';

/** What was diagnosed, as `kubectl -o name` writes it and takes it again: `pod/orca-645f4b4d65-hhxmt`. */
export const name: Format = {
  id: 'name',
  render: (report) => {
    const told = nameOf(report);
    return told === undefined ? '' : `${visible(told)}\n`;
  },
};

/**
 * Without its namespace, as kubectl does. Where no pod was found it is the workload, or what was typed; undefined for a selector that
 * found none, as that is no name.
 */
function nameOf({ target: { kind, name: whole, container, workload } }: Report): string | undefined {
  if (kind !== 'pod') return whole;
  const own = whole.slice(whole.indexOf('/') + 1);
  if (container !== undefined) return `pod/${own}`;
  const known = workload ?? own;
  return known.includes(' ') ? undefined : known;
}
