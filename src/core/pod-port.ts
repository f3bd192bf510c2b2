import type { HeapOptions, LiveHeap, ProcessPort } from './ports.ts';
import type { ProblemError } from './problem.ts';

/** How whyoom gets to the processes of a container, the cheapest first: by exec, or from an ephemeral container beside it. */
export const WAYS = ['exec', 'ephemeral'] as const;
export type Way = (typeof WAYS)[number];

/** What steps may ask for to see the processes of a container from inside. */
export interface PodPort {
  /**
   * Starts the reader in a container, by the target's own interpreter. It reads and nothing else until a look is asked
   * for. Throws a ProblemError: `denied` (no right, or refused by policy), `refused` (too little headroom: nothing was
   * started, or the reader left at once), `absent` (no Python, the container has gone), `unsupported`, `timeout`, `broken`.
   */
  enter(asked: Entering): Promise<Inside>;
  /** What that would do; nothing is done. */
  planned(asked: Pick<Entering, 'way' | 'container'>): PlannedWay;
}

/** What is changed in the cluster, and what runs in the container, by one way in. */
export interface PlannedWay {
  readonly way: Way;
  readonly changes: readonly string[];
  readonly commands: readonly string[];
}

export interface Entering {
  readonly pod: string;
  readonly container: string;
  readonly way: Way;
  /** What the API knows of the room under the limit, in bytes; undefined: there is no limit, or no number yet. */
  readonly headroomBytes: number | undefined;
  readonly until: AbortSignal;
  /** Says on stderr what is happening. */
  note(line: string): void;
}

/** A reader at work in a container. */
export interface Inside {
  /** The processes as the container numbers them. */
  readonly processes: ProcessPort;
  /** The first process of the container: 1, or another where the pod shares its process namespace. */
  readonly rootPid: number;
  readonly about: InsideAbout;
  /** What keeps this way from the heap of a process, where another way may lead to it. Nothing is tried. */
  whyAnotherWay?(pid: number): Promise<ProblemError | undefined>;
  /** Starts the helper that answers questions to one look at a heap; nothing is stopped yet. */
  askHeap(pid: number, options: HeapOptions): Promise<LiveHeap>;
  /** The TCP ports on which something in the pod's network listens; absent: nobody can tell. */
  listeningPorts?(): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** What the report says of the reader. */
export interface InsideAbout {
  readonly way: Way;
  /** The interpreter that runs the reader: "3.9.18". */
  readonly python: string;
  /** Limit less what cannot be reclaimed, as the reader saw it first; undefined: no limit. */
  readonly headroomBytes?: number | undefined;
}
