import { z } from 'zod';
import type { AsyncTasks, CollectorState, PythonThreads } from '../heap/stacks/answer.ts';

/** Schemas of what `heap/stacks` answers, for saved cases and for `whyoom stacks -o json`. */

/** As many as are told of each, and no more. */
const MOST = { threads: 2000, frames: 2000, tasks: 1000, taskFrames: 200, groups: 100, generations: 3 } as const;
const count = z.number().int().nonnegative();
/** Read from another process's memory: any number, where that is damaged. */
const number = z.number().int();

const frame = z.object({
  function: z
    .string()
    .meta({ description: 'The qualified name; before Python 3.11 a function does not know it: the plain name.' }),
  file: z.string(),
  line: number.optional().meta({ description: 'Absent: the instruction belongs to no line.' }),
});
const moreFrames = count.optional().meta({ description: 'Outer frames that were left out.' });
const taskState = z.enum(['running', 'waiting', 'ready']);

export const threadsSchema: z.ZodType<PythonThreads> = z.object({
  count,
  listed: z
    .array(
      z.object({
        id: number.optional().meta({ description: 'Of the kernel (TID).' }),
        name: z.string().optional(),
        state: z
          .enum(['running', 'idle', 'unknown'])
          .meta({ description: 'running: on a processor, or waiting for one, right before the stop.' }),
        holdsGil: z.boolean(),
        frames: z.array(frame).max(MOST.frames).meta({ description: 'The innermost first.' }),
        moreFrames,
      }),
    )
    .max(MOST.threads),
});

export const tasksSchema: z.ZodType<AsyncTasks> = z.object({
  count: count.meta({ description: 'Tasks that have not ended.' }),
  listed: z
    .array(
      z.object({
        name: z.string(),
        frames: z
          .array(frame)
          .max(MOST.taskFrames)
          .meta({ description: 'Coroutines that await one another, the innermost first.' }),
        moreFrames,
        state: taskState.meta({
          description: 'running: on the stack of a thread; ready: not begun, or it gave way to others.',
        }),
        waitsFor: z.string().optional().meta({ description: 'The type of a future, or a task by its name.' }),
      }),
    )
    .max(MOST.tasks),
  groups: z
    .array(z.object({ count, state: taskState, at: frame.optional(), waitsFor: z.string().optional() }))
    .max(MOST.groups)
    .meta({ description: 'Tasks by where they wait, most first.' }),
});

export const collectorSchema: z.ZodType<CollectorState> = z.object({
  enabled: z.boolean(),
  thresholds: z.array(number).max(MOST.generations),
  counts: z.array(number).max(MOST.generations),
  frozen: count.optional().meta({ description: 'Objects of gc.freeze(); absent where they were not counted.' }),
  garbage: count.meta({ description: 'len(gc.garbage)' }),
  generations: z
    .array(z.object({ collections: number, collected: number, uncollectable: number }))
    .max(MOST.generations)
    .meta({ description: 'gc.get_stats(), the youngest first.' }),
});
