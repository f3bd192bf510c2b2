import { parseArgs } from 'node:util';
import { PEERS, type PeerName } from './peers.ts';
import { objectsTarget, PROGRAMS, type ProgramName, programTarget, type Target } from './targets.ts';

export interface Options {
  readonly targets: readonly Target[];
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  /** The interpreter to run programs on; absent: one is looked for. */
  readonly python: string | undefined;
  /** A checkout of PyHeap's repository or its `pyheap_dump`: it is in no registry of packages. */
  readonly pyheap: string | undefined;
  /** How long one tool may take for one look. */
  readonly peerSeconds: number;
  /** Where the table goes beside the terminal; absent: nowhere. */
  readonly out: string | undefined;
}

export const USAGE = `npm run bench:heap -- [options]
  --objects N          of N objects only (1e6), fresh and shuffled
  --fresh, --shuffled  only those
  --program NAME       only ${PROGRAMS.join(', ')}
  --only NAME          only whyoom, or beside it one of ${PEERS.join(', ')}
  --rounds N           looks at each program (default 4)
  --python PATH        interpreter for the programs (default: CPython 3.11, else what is there)
  --pyheap PATH        PyHeap's repository or its pyheap_dump (else: $WHYOOM_BENCH_PYHEAP)
  --peer-seconds N     the longest that a tool beside whyoom may take (default 45)
  --out FILE           writes the table there (a whole run: bench/results/heap-<date>.md)`;

/** Reads the command line. Throws an Error whose message a person can use. */
export function parseOptions(args: readonly string[], today: string): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      objects: { type: 'string' },
      fresh: { type: 'boolean', default: false },
      shuffled: { type: 'boolean', default: false },
      program: { type: 'string' },
      only: { type: 'string' },
      rounds: { type: 'string', default: '4' },
      python: { type: 'string' },
      pyheap: { type: 'string' },
      'peer-seconds': { type: 'string', default: '45' },
      out: { type: 'string' },
    },
  });
  const { objects, program, only, fresh, shuffled } = values;
  const isWhole = objects === undefined && program === undefined && only === undefined && !fresh && !shuffled;
  return {
    targets: targetsOf(objects, fresh, shuffled, program),
    peers: peersOf(only),
    rounds: wholeNumber('--rounds', values.rounds),
    python: values.python,
    pyheap: values.pyheap ?? process.env.WHYOOM_BENCH_PYHEAP,
    peerSeconds: wholeNumber('--peer-seconds', values['peer-seconds']),
    out: values.out ?? (isWhole ? `bench/results/heap-${today}.md` : undefined),
  };
}

function targetsOf(objects: string | undefined, fresh: boolean, shuffled: boolean, program: string | undefined) {
  if (program !== undefined) return [programTarget(oneOf('--program', program, PROGRAMS))];
  const counts = objects === undefined ? [1e6, 1e7] : [wholeNumber('--objects', objects)];
  const orders = (['fresh', 'shuffled'] as const).filter((order) => fresh === shuffled || { fresh, shuffled }[order]);
  const made: Target[] = counts.flatMap((count) => orders.map((order) => objectsTarget(count, order)));
  const whole = objects === undefined && fresh === shuffled;
  return whole ? [...made, ...PROGRAMS.map((name: ProgramName) => programTarget(name))] : made;
}

function peersOf(only: string | undefined): readonly PeerName[] {
  if (only === undefined) return PEERS;
  return only === 'whyoom' ? [] : [oneOf('--only', only, PEERS)];
}

function oneOf<T extends string>(option: string, given: string, known: readonly T[]): T {
  const found = known.find((each) => each === given);
  if (found === undefined) throw new Error(`${option} ${given}: it is one of ${known.join(', ')}`);
  return found;
}

function wholeNumber(option: string, given: string): number {
  const number = Number(given);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${option} ${given}: a whole number is wanted`);
  return number;
}
