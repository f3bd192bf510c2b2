import { z } from 'zod';

const bytes = z
  .number()
  .min(0)
  .max(2 ** 64);
const count = z.number().int().nonnegative();
const text = z.string().max(64 * 1024);

/** A place that was asked, or was not: a port of the pod and a path there. */
const endpoint = z.object({ port: z.number().int().min(1).max(65_535), path: z.string().max(200) });
const number = z.number();
const shortText = z.string().max(500);
/** A file and a line, and what was allocated there and is still in use, as tracemalloc counts it. */
const allocationSite = z.object({ file: shortText, line: count.optional(), bytes, blocks: count.optional() });
export type AllocationSite = z.infer<typeof allocationSite>;

const foundEndpoint = z.discriminatedUnion('is', [
  /** Prometheus text. */
  endpoint.extend({
    is: z.literal('metrics'),
    residentBytes: bytes.optional(),
    virtualBytes: bytes.optional(),
    python: shortText.optional(),
    /** Objects that the collector found and could not free, over all generations. */
    uncollectable: bytes.optional(),
    /** The program's own gauges: the sum over their labels, which are not kept. */
    gauges: z.array(z.object({ name: shortText, value: number, series: count })).max(50),
  }),
  /** What the program tells of its memory. */
  endpoint.extend({
    is: z.literal('memory'),
    tracedBytes: bytes.optional(),
    peakBytes: bytes.optional(),
    residentBytes: bytes.optional(),
    /** The largest first. */
    sites: z.array(allocationSite).max(50),
  }),
  endpoint.extend({ is: z.literal('toolbar'), of: z.enum(['flask', 'django']) }),
  /** A heap profile for `go tool pprof`. */
  endpoint.extend({ is: z.literal('pprof') }),
]);
export type FoundEndpoint = z.infer<typeof foundEndpoint>;

export const endpoints = z.object({
  pod: z.string(),
  container: z.string(),
  /** The ports that were asked, and whether they are those of the spec, or those on which something listens. */
  ports: z.array(count).max(100),
  portsFrom: z.enum(['spec', 'listening']),
  found: z.array(foundEndpoint).max(200),
  /** What was not asked, and why. */
  skipped: z.array(endpoint.extend({ why: text })).max(500),
  /** Ports that gave no HTTP, and pages that did not come in time. */
  silent: z.array(z.object({ port: count, message: text })).max(500),
});
export type Endpoints = z.infer<typeof endpoints>;
