import { z } from 'zod';
import { MEASURES } from '../logs/tables/row.ts';
import type { LogTables } from '../logs/tables/tables.ts';

/** What memory tools printed into a log, as it is kept. */

/** Each is above what whyoom itself can gather. */
const MOST = { listed: 1000, points: 5000, numbers: 100, frames: 200 } as const;

const count = z.number().nonnegative();
const bytes = z.number();
const text = z.string().max(64 * 1024);
const frame = z.object({ file: text, line: count.optional() });
const unixSeconds = z.number();
const points = z
  .array(z.object({ atUnixSeconds: unixSeconds.optional(), line: count, life: count, value: z.number() }))
  .max(MOST.points);
const series = { writer: text.optional(), points, count };

const site = frame.extend({
  frames: z.array(frame).max(MOST.frames).optional(),
  code: text.optional(),
  ...series,
  lastBlocks: count.optional(),
  lastBytesDiff: bytes.optional(),
});

const collector = z.object({
  runs: count,
  runsByGeneration: z.array(count).max(MOST.numbers),
  unreachable: count,
  uncollectable: count,
  seconds: count,
  longestSeconds: count,
  enabled: z.boolean().optional(),
  wasDisabled: z.boolean(),
  wasFrozen: z.boolean(),
  garbage: z.object({ first: count, last: count, most: count }).optional(),
  types: z.array(z.object({ type: text, collectable: z.boolean(), count })).max(MOST.listed),
});

const allocation = z.object({
  failed: z.boolean(),
  by: z.enum(['python', 'numpy', 'torch', 'arrow', 'opencv', 'tensorflow', 'tcmalloc', 'native']),
  device: z.literal('gpu').optional(),
  count,
  largestBytes: bytes.optional(),
  shape: z.array(count).max(MOST.numbers).optional(),
  type: text.optional(),
  lastLine: count,
  lastAtUnixSeconds: unixSeconds.optional(),
});

export const logTablesSchema = z.object({
  sites: z.array(site).max(MOST.listed),
  types: z
    .array(
      z.object({
        by: z.enum(['objgraph', 'pympler', 'guppy']),
        type: text,
        ...series,
        lastBytes: bytes.optional(),
      }),
    )
    .max(MOST.listed),
  memory: z
    .array(
      z.object({
        by: z.enum(['psutil', 'getrusage', 'tracemalloc', 'memory_profiler', 'text']),
        measure: z.enum(MEASURES),
        ...series,
      }),
    )
    .max(MOST.listed),
  collector,
  allocations: z.array(allocation).max(MOST.listed),
  creations: z
    .array(
      z.object({
        verb: z.enum(['created', 'allocated', 'new']),
        what: text,
        count,
        made: count,
        bytes,
        largestBytes: bytes.optional(),
        points,
      }),
    )
    .max(MOST.listed),
  profiled: z
    .array(
      z.object({
        kind: z.literal('profiled-line'),
        file: text.optional(),
        line: count,
        bytes: bytes.optional(),
        bytesDiff: bytes.optional(),
        occurrences: count.optional(),
        code: text,
      }),
    )
    .max(MOST.listed),
  rows: count,
  leftOut: count,
}) as z.ZodType<LogTables>;
