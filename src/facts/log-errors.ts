import type { Logs } from '../core/kube-artifacts.ts';
import { type Said, type SaidKind, saidIn } from '../logs/errors.ts';
import { shapeOf } from '../logs/shape.ts';

/** Messages of one shape in one container. */
export interface LogError {
  readonly kind: SaidKind;
  readonly container: string;
  /** Digits and quoted values masked. */
  readonly shape: string;
  readonly count: number;
  readonly firstAtUnixSeconds?: number;
  readonly lastAtUnixSeconds?: number;
  /** The last one, and the log in which it is. */
  readonly example: string;
  readonly pod: string;
  readonly previous: boolean;
}

export interface LogErrors {
  /** Killed and out of memory first, then errors, then warnings; the most frequent first in each. */
  readonly groups: readonly LogError[];
  readonly counts: Readonly<Record<SaidKind, number>>;
}

/** A log that never says the same thing twice would make a group of each line. */
const MOST_GROUPS = 500;
const ORDER: readonly SaidKind[] = ['killed', 'out-of-memory', 'error', 'warning'];

/** What the containers said of failures, and how often. Of lines only: what numbers in the logs tell is another matter. */
export function logErrors({ logs }: Logs): LogErrors {
  const groups = new Map<string, LogError>();
  const counts = { killed: 0, 'out-of-memory': 0, error: 0, warning: 0 };
  for (const log of logs) {
    for (const said of saidIn(log.text)) {
      counts[said.kind]++;
      const shape = shapeOf(said.message);
      const key = `${log.container}\n${said.kind}\n${shape}`;
      const known = groups.get(key);
      if (known || groups.size < MOST_GROUPS) groups.set(key, joined(known, said, shape, log));
    }
  }
  const order = ({ kind }: LogError) => ORDER.indexOf(kind);
  return { groups: [...groups.values()].sort((a, b) => order(a) - order(b) || b.count - a.count), counts };
}

function joined(known: LogError | undefined, said: Said, shape: string, log: Logs['logs'][number]): LogError {
  const { kind, message, atUnixSeconds: at } = said;
  const first = least(known?.firstAtUnixSeconds, at);
  const last = most(known?.lastAtUnixSeconds, at);
  const isLast = known === undefined || at === undefined || last === at;
  return {
    kind,
    container: log.container,
    shape,
    count: (known?.count ?? 0) + 1,
    ...(first === undefined ? {} : { firstAtUnixSeconds: first }),
    ...(last === undefined ? {} : { lastAtUnixSeconds: last }),
    ...(isLast
      ? { example: message, pod: log.pod, previous: log.previous }
      : { example: known.example, pod: known.pod, previous: known.previous }),
  };
}

const least = (a: number | undefined, b: number | undefined) => (a === undefined || (b !== undefined && b < a) ? b : a);
const most = (a: number | undefined, b: number | undefined) => (a === undefined || (b !== undefined && b > a) ? b : a);
