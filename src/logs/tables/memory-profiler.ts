import type { LogRow, ProfiledLineRow, Recogniser, RowAt } from './row.ts';
import { NO_ROWS } from './row.ts';
import { bytesOf } from './size.ts';

const FILE = /^\s*Filename: (.{1,1024})$/;
/** With `Occurrences` since 0.58 (2020). */
const HEADER = /^\s*Line #\s+Mem usage\s+Increment(\s+Occurrences)?\s+Line Contents\s*$/;
const RULE = /^\s*={20,}\s*$/;
const SIZES = String.raw`\s+(-?\d{1,12}(?:\.\d{1,6})?) ([KMG]i?B)\s+(-?\d{1,12}(?:\.\d{1,6})?) ([KMG]i?B)`;
const LINE = new RegExp(`^\\s*(\\d{1,7})${SIZES}(?:\\s{3}(.{0,2000}))?$`);
const COUNTED_LINE = new RegExp(`^\\s*(\\d{1,7})${SIZES}\\s+(\\d{1,15})(?:\\s{3}(.{0,2000}))?$`);
/** A line that was never run, or is no statement. */
const UNMEASURED = /^\s*(\d{1,7})(?:\s{3,}(.{0,2000}))?$/;
/** `mprof run` writes one every 0.1 s: MiB, and when. */
const SAMPLE = /^MEM (\d{1,12}\.\d{1,9}) (\d{1,12}\.\d{1,9})$/;
const MiB = 2 ** 20;
const MOST_CODE = 300;

/** Tables that `@profile` of memory_profiler prints, and samples of mprof. */
export class MemoryProfilerTables implements Recogniser {
  #file: string | undefined;
  #isOpen = false;
  #isCounted = false;

  get isWithin(): Recogniser['isWithin'] {
    return this.#isOpen ? 'yes' : 'no';
  }

  take(text: string, at: RowAt): readonly LogRow[] {
    if (this.#isOpen) {
      if (RULE.test(text)) return NO_ROWS;
      const row = this.#profiled(text);
      if (row) return [{ ...at, ...row }];
      this.#isOpen = false;
    }
    if (text.startsWith('MEM ')) return sampled(text, at);
    this.#file = FILE.exec(text)?.[1] ?? this.#file;
    const header = HEADER.exec(text);
    if (header) {
      this.#isOpen = true;
      this.#isCounted = header[1] !== undefined;
    }
    return NO_ROWS;
  }

  end(): readonly LogRow[] {
    return NO_ROWS;
  }

  #profiled(text: string): ProfiledLineRow | undefined {
    const found = (this.#isCounted ? COUNTED_LINE : LINE).exec(text);
    const file = this.#file === undefined ? {} : { file: this.#file };
    if (!found) {
      const [whole, line, code = ''] = UNMEASURED.exec(text) ?? [];
      return whole === undefined
        ? undefined
        : { kind: 'profiled-line', ...file, line: Number(line), code: short(code) };
    }
    const [, line, size, unit, diff, diffUnit, ...rest] = found;
    const bytes = bytesOf(size!, unit!);
    const bytesDiff = bytesOf(diff!, diffUnit!);
    if (bytes === undefined || bytesDiff === undefined) return undefined;
    const counted = this.#isCounted ? { occurrences: Number(rest[0]) } : {};
    const code = short(rest.at(-1) ?? '');
    return { kind: 'profiled-line', ...file, line: Number(line), bytes, bytesDiff, ...counted, code };
  }
}

const short = (code: string): string => code.trim().slice(0, MOST_CODE);

function sampled(text: string, at: RowAt): readonly LogRow[] {
  const [, size, when] = SAMPLE.exec(text) ?? [];
  if (size === undefined) return NO_ROWS;
  const bytes = Math.round(Number(size) * MiB);
  return [{ ...at, atUnixSeconds: Number(when), kind: 'process-memory', by: 'memory_profiler', measure: 'rss', bytes }];
}
