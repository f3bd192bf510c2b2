import type { LogsContext } from '../../core/step.ts';
import { LogReader } from '../../logs/log-reader.ts';

type Files = Pick<LogsContext, 'logs' | 'files' | 'note' | 'interrupted'>;

/** In so many bytes at the beginning of a file a time must stand. */
const LOOKED_AT_BYTES = 2 ** 18;

/**
 * The files by the first time that each tells: a shell lists `app.log` before `app.log.1`, which is older. As they were given where one has no
 * time, or can be read once only.
 */
export async function inOrder(context: Files): Promise<readonly string[]> {
  const { files } = context;
  if (files.length < 2) return files;
  for (const file of files) if (!(await context.logs.canReadTwice(file))) return files;
  const begun: { file: string; at: number }[] = [];
  for (const file of files) {
    const at = await firstTimeIn(context, file);
    if (at === 'untold' || context.interrupted.aborted) return files;
    if (at !== undefined) begun.push({ file, at });
  }
  // What is empty, or cannot be read, tells nothing.
  const sorted = begun.toSorted((a, b) => a.at - b.at).map(({ file }) => file);
  const rest = files.filter((file) => !sorted.includes(file));
  const ordered = [...sorted, ...rest];
  if (ordered.some((file, at) => file !== files[at])) context.note('Reading the logs in the order of their times');
  return ordered;
}

/** Unix seconds; `untold`: there is none at its beginning; undefined: there is nothing in it. */
async function firstTimeIn({ logs }: Files, file: string): Promise<number | 'untold' | undefined> {
  try {
    const { chunks, changedAtUnixSeconds } = await logs.open(file);
    let found: number | undefined;
    let bytes = 0;
    const reader = new LogReader(
      ({ atUnixSeconds }) => {
        found ??= atUnixSeconds;
      },
      { nearUnixSeconds: changedAtUnixSeconds ?? logs.nowUnixSeconds() },
    );
    for await (const chunk of chunks) {
      reader.push(chunk);
      bytes += chunk.length;
      if (found !== undefined || bytes >= LOOKED_AT_BYTES) break;
    }
    reader.end();
    return found ?? (bytes === 0 ? undefined : 'untold');
  } catch {
    return undefined;
  }
}
