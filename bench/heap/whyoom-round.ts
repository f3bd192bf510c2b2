import { z } from 'zod';
import { openHeap } from '../../src/sources/process/heap-session.ts';
import { residentBytes } from './memory-of.ts';
import { runWorker } from './worker.ts';

/** One round: a plain copy, a look, and a look as the command starts it. */
export interface WhyoomRound {
  readonly copy: PlainCopy;
  readonly look: LookTaken;
  /** Peak of a helper that looks at nothing. */
  readonly emptyBytes: number;
  /** From the start of the helper to its answer. */
  readonly wholeMs: number;
  /** What the target took more after the looks than before. */
  readonly takenBytes: number;
}

const copySchema = z.object({
  planBytes: z.number(),
  ranges: z.number(),
  copiedBytes: z.number(),
  vmReadMs: z.array(z.number()).min(1),
  memFileMs: z.array(z.number()).min(1),
});
type PlainCopy = z.infer<typeof copySchema>;

const emptySchema = z.object({ peakBytes: z.number() });
const lookSchema = emptySchema.extend({
  lookMs: z.number(),
  pauseMs: z.number(),
  copiedBytes: z.number(),
  missedBytes: z.number(),
  objects: z.number(),
  objectBytes: z.number(),
  references: z.number(),
  python: z.string(),
  partial: z.string().optional(),
  phases: z.record(z.string(), z.number()),
});
type LookTaken = z.infer<typeof lookSchema>;

const HELPER = new URL('../../src/heap-worker.ts', import.meta.url);
const MAX_PAUSE_MS = 60_000;

export async function whyoomRound(pid: number): Promise<WhyoomRound> {
  const { peakBytes: emptyBytes } = emptySchema.parse(await runWorker('look-worker.ts'));
  const before = residentBytes(pid);
  const copy = copySchema.parse(await runWorker('copy-worker.ts', [String(pid)]));
  const look = lookSchema.parse(await runWorker('look-worker.ts', [String(pid)]));
  const wholeMs = await wholeLookMs(pid);
  return { copy, look, emptyBytes, wholeMs, takenBytes: residentBytes(pid) - before };
}

/** The first look as a command takes it: the helper is started, asked, and ended. */
async function wholeLookMs(pid: number): Promise<number> {
  const beganMs = performance.now();
  const session = await openHeap(HELPER, pid, { maxPauseMs: MAX_PAUSE_MS });
  try {
    await session.first();
    return performance.now() - beganMs;
  } finally {
    await session.close();
  }
}
