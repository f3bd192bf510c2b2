import { Buffer } from 'node:buffer';
import type { LogDigests } from '../../core/log-artifact.ts';
import { LogDigester } from '../../logs/digest.ts';
import { LogFeed } from '../../logs/log-feed.ts';

/** What a program that was started prints, read as its log while it runs, in memory that does not grow. */
export interface OwnOutput {
  take(from: 'stdout' | 'stderr', chunk: Uint8Array): void;
  /** All of it so far. Asked once. */
  digest(): LogDigests;
}

/** Of a longer line the rest comes as a line of its own. */
const LONGEST_LINE = 64 * 1024;
const NEWLINE = 10;
const LINE_END = Buffer.from('\n');

/** @param nowUnixSeconds gives a day to times that name none */
export function createOwnOutput(nowUnixSeconds: number): OwnOutput {
  const digester = new LogDigester();
  const feed = new LogFeed(digester, { nearUnixSeconds: nowUnixSeconds });
  const open = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  let bytes = 0;
  let isOver = false;
  return {
    take(from, chunk) {
      // It prints on until it is ended, after its log was asked for.
      if (isOver) return;
      bytes += chunk.length;
      const text = Buffer.concat([open[from], chunk]);
      const whole = text.length > LONGEST_LINE ? text.length : text.lastIndexOf(NEWLINE) + 1;
      // Whole lines only: the other stream's may come between.
      if (whole > 0) feed.push(text.subarray(0, whole));
      open[from] = text.subarray(whole);
    },
    digest() {
      isOver = true;
      for (const rest of [open.stdout, open.stderr]) if (rest.length > 0) feed.push(Buffer.concat([rest, LINE_END]));
      feed.end();
      return { programs: [{ sources: [{ name: '-', bytes }], digest: digester.finish() }] };
    },
  };
}
