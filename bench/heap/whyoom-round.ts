import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { filePageBytes, ownBytes } from './memory-of.ts';
import { runNode, runWorker } from './worker.ts';

/** One round: a plain copy, a look, and the command. */
export interface WhyoomRound {
  readonly copy: PlainCopy;
  readonly look: LookTaken;
  /** Peak of a helper that looks at nothing. */
  readonly emptyBytes: number;
  /** `whyoom heap` as a whole. */
  readonly wholeMs: number;
  /** What the target took more after the looks than before: memory of its own, and pages of files that were read. */
  readonly takenBytes: number;
  readonly filePagesBytes: number;
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
  cpuMs: z.number(),
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

const COMMAND = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

export async function whyoomRound(pid: number): Promise<WhyoomRound> {
  const { peakBytes: emptyBytes } = emptySchema.parse(await runWorker('look-worker.ts'));
  const before = { own: ownBytes(pid), file: filePageBytes(pid) };
  const copy = copySchema.parse(await runWorker('copy-worker.ts', [String(pid)]));
  const look = lookSchema.parse(await runWorker('look-worker.ts', [String(pid)]));
  const wholeMs = await commandMs(pid);
  const takenBytes = ownBytes(pid) - before.own;
  return { copy, look, emptyBytes, wholeMs, takenBytes, filePagesBytes: filePageBytes(pid) - before.file };
}

/** What a person waits for: `whyoom heap` from its start to its end. */
async function commandMs(pid: number): Promise<number> {
  const beganMs = performance.now();
  await runNode([COMMAND, 'heap', '--pid', String(pid), '--max-pause', '60s', '-o', 'json']);
  return performance.now() - beganMs;
}
