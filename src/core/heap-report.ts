import { z } from 'zod';
import { HOLDER_KINDS } from './report.ts';

/**
 * What `whyoom heap` says of one look at a heap, live or saved: plain data, which `-o json` prints as it is. Sizes are
 * bytes, times ISO 8601 in UTC. Absent means unknown. Fields may be added within a version; none changes its meaning.
 */
const bytes = z
  .number()
  .min(0)
  .max(2 ** 64)
  .meta({ description: 'Bytes.' });
const count = z.number().int().nonnegative();

const typeRow = z.object({
  type: z.string().meta({ description: 'With its module, as in `app.models.User`; built-in types without.' }),
  count: count.meta({ description: 'Objects of exactly this type.' }),
  bytes: bytes.meta({ description: 'Their own bytes: what they refer to does not count.' }),
});

const holder = z.object({
  name: z.string().meta({ description: 'As a developer would type it: module.NAME, module.Class.attribute, …' }),
  kind: z.enum(HOLDER_KINDS),
  type: z.string(),
  address: z
    .string()
    .meta({ description: 'Of the container (the largest, where several go by the name): for --path-to.' }),
  instances: count.meta({ description: 'Containers that go by the name.' }),
  truncated: z.boolean().optional().meta({ description: 'Smaller ones that were not examined may go by it, too.' }),
  items: count,
  elementType: z.string().optional().meta({ description: 'The type of most items.' }),
  ownBytes: bytes,
  retainedBytes: bytes.meta({ description: 'Freed with the container: its own bytes and what it alone keeps.' }),
  sharedBytes: bytes.meta({ description: 'Kept together with other holders of this answer.' }),
  keeps: z.array(typeRow).meta({ description: 'What the retained and shared bytes are made of, most bytes first.' }),
});

const pathObject = z.object({
  address: z.string().meta({ description: 'In hexadecimal with 0x, as hex(id(…)) gives it.' }),
  type: z.string(),
  ownBytes: bytes,
  retainedBytes: bytes,
});

const path = z.object({
  text: z.string().meta({ description: 'As one expression: `app.cache._CACHE[str].slot`.' }),
  count: count.meta({ description: 'Paths that read the same.' }),
  ownBytes: bytes.meta({ description: 'Of the objects at the end of these paths.' }),
  retainedBytes: bytes,
  hops: z.array(
    pathObject.extend({
      kind: z
        .string()
        .meta({ description: 'module, variable, attribute, key, local, closure, default, cache, field, root, …' }),
      name: z.string(),
      file: z.string().optional(),
      line: z.number().int().optional(),
    }),
  ),
});

const paths = z.object({
  target: z.discriminatedUnion('of', [
    pathObject.extend({ of: z.literal('object') }),
    z.object({
      of: z.literal('type'),
      type: z.string(),
      count,
      bytes,
      examined: count.meta({ description: 'How many, those that keep most, were followed.' }),
    }),
  ]),
  paths: z.array(path).meta({ description: 'Those that keep most first; to one object the shortest first.' }),
  more: count.meta({ description: 'Paths that were found and left out.' }),
});

export const heapReportSchema = z.object({
  version: z.literal(1),
  tool: z.string().meta({ description: 'The version of whyoom that wrote this.' }),
  target: z.object({
    kind: z.enum(['process', 'pod', 'file']),
    name: z.string().meta({ description: 'Of a pod with its namespace: app-95/orca-645f4b4d65-hhxmt.' }),
    container: z.string().optional(),
    workload: z.string().optional().meta({ description: 'What the pod was found by: deployment.apps/orca.' }),
    process: z.string().optional().meta({ description: 'The process in the container, by its program and script.' }),
  }),
  takenAt: z.string().meta({ description: 'When the memory was copied.' }),
  python: z.string().meta({ description: 'As the interpreter itself says: 3.11.7.' }),
  pauseMs: z.number().nonnegative().meta({ description: 'How long the target stood still.' }),
  rssBytes: bytes.optional().meta({ description: 'Resident set size after the copy, as the kernel says.' }),
  objects: count,
  objectBytes: bytes,
  references: count,
  refused: count.meta({
    description: 'References that led to nothing that could be an object; counted, not followed.',
  }),
  partial: z.string().optional().meta({ description: 'Why this is not the whole truth. Absent: it is.' }),
  types: z
    .array(typeRow)
    .optional()
    .meta({ description: 'Most bytes first. Absent where paths or no rows were asked for.' }),
  holders: z.array(holder).optional().meta({ description: 'Most retained and shared bytes first.' }),
  paths: paths.optional().meta({ description: 'Who keeps what --path-to asked for.' }),
});
export type HeapReport = z.infer<typeof heapReportSchema>;
