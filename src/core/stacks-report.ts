import { z } from 'zod';
import { collectorSchema, tasksSchema, threadsSchema } from './stacks-schemas.ts';

/**
 * What `whyoom stacks` says: plain data, which `-o json` prints as it is. Times are ISO 8601 in UTC. Absent means unknown.
 * Fields may be added within a version; none changes its meaning.
 */
const read = z.object({
  pid: z.number().int(),
  name: z.string().meta({ description: 'Program and script.' }),
  takenAt: z.string(),
  python: z.string().meta({ description: 'As the interpreter itself says: 3.11.7.' }),
  pauseMs: z.number().nonnegative().meta({ description: 'How long the process stood still.' }),
  partial: z.string().optional().meta({ description: 'Why this is not the whole truth. Absent: it is.' }),
  threads: threadsSchema,
  tasks: tasksSchema.optional().meta({ description: 'Of asyncio; absent where that was not imported.' }),
  collector: collectorSchema.optional().meta({ description: 'As its gc module tells it.' }),
});

const unread = z.object({
  pid: z.number().int(),
  name: z.string(),
  problem: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
});

export const stacksReportSchema = z.object({
  version: z.literal(1),
  tool: z.string().meta({ description: 'The version of whyoom that wrote this.' }),
  target: z.object({
    kind: z.enum(['process', 'pod']),
    name: z.string().meta({ description: 'Of a pod with its namespace: app-95/orca-645f4b4d65-hhxmt.' }),
    container: z.string().optional(),
    workload: z.string().optional().meta({ description: 'What the pod was found by: deployment.apps/orca.' }),
  }),
  processes: z.array(z.union([read, unread])).meta({ description: 'The Python processes at and under the target.' }),
});
export type StacksReport = z.infer<typeof stacksReportSchema>;
export type ProcessStacks = StacksReport['processes'][number];
