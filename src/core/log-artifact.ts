import { z } from 'zod';
import { EVENT_KINDS } from '../logs/event-kind.ts';
import type { LogDigest, LogLife, LogTemplate } from '../logs/log-digest.ts';
import type { LogEvents } from '../logs/log-events.ts';
import type { NumberSeries } from '../logs/number-series.ts';
import { logTablesSchema } from './log-tables-artifact.ts';

/**
 * What logs of any length say, as it is kept: templates, series of numbers, lives. The texts of files that were given are not; those of a
 * pod are an artifact of their own.
 */

/** Each is above what whyoom itself can gather. */
const MOST = {
  programs: 100,
  sources: 1000,
  templates: 2000,
  series: 2000,
  points: 5000,
  lives: 1000,
  events: 2000,
  lastMessages: 100,
} as const;

const count = z.number().nonnegative();
const line = z.number().nonnegative();
const unixSeconds = z.number().min(0).max(253_402_300_799);
const text = z.string().max(64 * 1024);
const level = z.enum(['debug', 'info', 'warning', 'error', 'critical']);
const times = { firstAtUnixSeconds: unixSeconds.optional(), lastAtUnixSeconds: unixSeconds.optional() };

const template: z.ZodType<LogTemplate> = z.object({
  template: text,
  count,
  example: text,
  firstLine: line,
  lastLine: line,
  ...times,
  level: level.optional(),
  logger: text.optional(),
  traceback: z.array(text).max(1000).optional(),
  lives: z.array(count).max(MOST.lives),
});

const series: z.ZodType<NumberSeries> = z.object({
  template: text,
  place: z.union([count, text]),
  name: text,
  of: text.optional(),
  example: text.optional(),
  unit: z.enum(['bytes', 'count', 'seconds', 'percent', 'unknown']),
  writer: text.optional(),
  points: z
    .array(z.object({ atUnixSeconds: unixSeconds.optional(), line, value: z.number(), life: count }))
    .max(MOST.points),
  count,
}) as z.ZodType<NumberSeries>;

const life: z.ZodType<LogLife> = z.object({
  life: count,
  firstLine: line,
  lastLine: line,
  ...times,
  end: z.enum(['kill', 'restart', 'next-log', 'end']),
  lastMessages: z.array(text).max(MOST.lastMessages),
});

const kind = z.enum(EVENT_KINDS);
const events: z.ZodType<LogEvents> = z.object({
  groups: z
    .array(
      z.object({
        kind,
        shape: text,
        count,
        example: text,
        firstLine: line,
        lastLine: line,
        ...times,
        lives: z.array(count).max(MOST.lives),
      }),
    )
    .max(MOST.events),
  counts: z.partialRecord(kind, count),
});

const digest: z.ZodType<LogDigest> = z.object({
  lines: count,
  ...times,
  levels: z.partialRecord(z.enum([...level.options, 'none']), count),
  templates: z.array(template).max(MOST.templates),
  series: z.array(series).max(MOST.series),
  events,
  tables: logTablesSchema.optional(),
  lives: z.array(life).max(MOST.lives),
  letGo: z.object({
    templates: count,
    lines: count,
    forced: count,
    series: count,
    numbers: count,
    lives: count,
  }),
});

export const logDigestSchema = z.object({
  /** Each what one program said: the files that were given, in their order, or the lives of one container. */
  programs: z
    .array(
      z.object({
        /** Of a container. */
        pod: text.optional(),
        container: text.optional(),
        sources: z
          .array(
            z.object({
              /** The file as it was given, or `current` and `previous` of a container. */
              name: text,
              bytes: count,
              /** Why it could not be read to its end, or at all. */
              problem: text.optional(),
            }),
          )
          .max(MOST.sources),
        digest,
      }),
    )
    .max(MOST.programs),
});
export type LogDigests = z.infer<typeof logDigestSchema>;
