import type { LogDigests } from '../../core/log-artifact.ts';
import { type Problem, ProblemError, problemOf } from '../../core/problem.ts';
import { defineLogsStep, type LogsContext } from '../../core/step.ts';
import { LogDigester } from '../../logs/digest.ts';
import { LogFeed } from '../../logs/log-feed.ts';
import { digestSummary } from './digest-summary.ts';
import { inOrder } from './file-order.ts';

type Reading = Pick<LogsContext, 'logs' | 'files' | 'interrupted' | 'note'>;
type Source = LogDigests['programs'][number]['sources'][number];
const TOLD_EVERY_BYTES = 256 * 2 ** 20;

/** What log files say, read once from their beginning to their end; Ctrl-C ends the reading, and what was read is judged. */
export const logDigest = defineLogsStep({
  makes: 'log-digest',
  title: 'Reading the logs',
  needs: [],
  rung: 'local',
  run: readLogs,
  summary: digestSummary,
});

/** The same, for whoever wants to know what it costs. */
export async function readLogs(context: Reading): Promise<LogDigests> {
  const digester = new LogDigester();
  const sources: Source[] = [];
  let failed: Problem | undefined;
  for (const file of await inOrder(context)) {
    const source = { name: file, bytes: 0 };
    try {
      await readFile(context, file, digester, source);
      sources.push(source);
    } catch (thrown) {
      failed = problemOf(thrown);
      sources.push({ ...source, problem: failed.message });
    }
  }
  if (failed && sources.every(({ bytes, problem }) => problem !== undefined && bytes === 0))
    throw new ProblemError(failed.code, failed.message, failed.hint);
  return { programs: [{ sources, digest: digester.finish() }] };
}

async function readFile(
  context: Reading,
  file: string,
  digester: LogDigester,
  source: { bytes: number },
): Promise<void> {
  const { chunks, changedAtUnixSeconds } = await context.logs.open(file);
  // What comes through a pipe is written now.
  const near = { nearUnixSeconds: changedAtUnixSeconds ?? context.logs.nowUnixSeconds() };
  digester.nextLog();
  const reader = new LogFeed(digester, near);
  let toldBytes = 0;
  try {
    for await (const chunk of chunks) {
      reader.push(chunk);
      source.bytes += chunk.length;
      if (source.bytes - toldBytes >= TOLD_EVERY_BYTES) {
        toldBytes = source.bytes;
        context.note(`${file}: ${Math.round(toldBytes / 2 ** 20)} MiB`);
      }
      if (context.interrupted.aborted) break;
    }
  } finally {
    reader.end();
  }
}
