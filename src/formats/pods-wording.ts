import type { Report } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { VERDICT_WORDS } from './wording.ts';

/** One of the other pods of a workload, in words. */
export interface PodRow {
  readonly name: string;
  readonly verdict: string;
  readonly usage: string;
  readonly restarts: string;
  readonly status: string;
}

const ORDER = ['leak', 'oom-risk', 'undecided', 'healthy'];

/** The other pods, those in trouble first, and how many are left out. */
export function podRows({ pods = [] }: Pick<Report, 'pods'>, most: number): { rows: PodRow[]; left: number } {
  const sorted = [...pods].sort(
    (a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || b.restarts - a.restarts || bytesOf(b) - bytesOf(a),
  );
  const rows = sorted.slice(0, most).map(({ name, verdict, usage, restarts, status }) => ({
    name,
    verdict: VERDICT_WORDS[verdict],
    usage: usage === undefined ? '' : bytesText(usage.bytes),
    restarts: `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`,
    status: status ?? '',
  }));
  return { rows, left: Math.max(0, pods.length - most) };
}

type Pod = NonNullable<Report['pods']>[number];
const bytesOf = ({ usage }: Pod): number => usage?.bytes ?? 0;
