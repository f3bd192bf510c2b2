import { z } from 'zod';
import type { SavedSummary } from '../heap/saved/summary.ts';
import { artifactSchemas } from './artifacts.ts';

const bytes = z
  .number()
  .min(0)
  .max(2 ** 64);

/** The summary in the file of a saved heap, which may come from anywhere. */
export const savedSummarySchema: z.ZodType<SavedSummary> = z.object({
  tool: z.string().max(100),
  target: z.string().max(1000),
  look: artifactSchemas.heap,
  types: z.array(z.object({ type: z.string(), count: z.number().int().nonnegative(), bytes })).max(1_000_000),
});
