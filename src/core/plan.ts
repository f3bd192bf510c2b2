import type { PlannedWay } from './pod-port.ts';
import type { PreflightRow } from './preflight.ts';

/** What a look at a workload would do, told before anything of it is done (`--dry-run`). */
export interface Plan {
  readonly target: string;
  /** What the API is asked for; nothing else is. */
  readonly asks: readonly PreflightRow[];
  /** What would be done in the container that is diagnosed, or why nothing would. */
  readonly inPod:
    | { readonly pod: string; readonly container: string; readonly ways: readonly PlannedWay[] }
    | { readonly nothing: string };
  /** Paths that the container's ports would be asked for by HTTP, the second list only where there is room; absent: none. */
  readonly probes?: { readonly paths: readonly string[]; readonly withRoom: readonly string[] };
  /** Which Python processes of the container would stand still, and how often each. */
  readonly stops: { readonly processes: 'one' | 'all'; readonly times: 1 | 2 };
  /** The longest that a process there would stand still, each time. */
  readonly maxPauseMs: number;
}
