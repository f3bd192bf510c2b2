import { Buffer } from 'node:buffer';
import type { LogLine } from '../../src/logs/log-line.ts';
import { LogReader, type LogReaderOptions, type LogTally } from '../../src/logs/log-reader.ts';

/** What the reader gives of a log, parted into chunks of a size. */
export function readLog(
  log: string | Uint8Array,
  { chunkBytes = 65_536, ...options }: LogReaderOptions & { chunkBytes?: number } = {},
): { lines: LogLine[]; tally: LogTally } {
  const bytes = typeof log === 'string' ? Buffer.from(log) : log;
  const lines: LogLine[] = [];
  const reader = new LogReader((line) => lines.push(line), options);
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes));
  return { tally: reader.end(), lines };
}

/** The lines without the text that they were read from. */
export const wordsOf = (lines: readonly LogLine[]): Omit<LogLine, 'text'>[] =>
  lines.map(({ text: _, ...line }) => line);
