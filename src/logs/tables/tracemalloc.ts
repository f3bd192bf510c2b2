import { fileAtEnd, frameOf, tracebackFrame } from './frame.ts';
import type { AllocationSiteRow, Frame, LogRow, Recogniser, RowAt } from './row.ts';
import { NO_ROWS } from './row.ts';
import { bytesOf, SIZE } from './size.ts';
import { statisticsIn } from './tracemalloc-repr.ts';

type Site = Omit<AllocationSiteRow, 'table'>;
interface Pending {
  site: Site;
  readonly at: RowAt;
  readonly frames: Frame[];
  /** How long the logger's prefix is, where one was left: that of the lines behind is as long. */
  readonly prefixLength: number;
}

const MOST_FRAMES = 100;
/** A table of many lines; after as many others, or more, a row begins another one. */
const MOST_BETWEEN = 50;
const MOST_SITES = 10_000;
const MOST_CODE = 300;

/** `Statistic.__str__` and `StatisticDiff.__str__` (Lib/tracemalloc.py, the same from 3.4 to 3.15). */
const STATISTIC = new RegExp(
  `^(.{0,1100}?):(\\d{1,9}): size=${SIZE}(?: \\(${SIZE}\\))?, count=(\\d{1,15})(?: \\(([+-]\\d{1,15})\\))?`,
);
/** The "pretty top" of the documentation: `#1: /app/x.py:34: 12.3 KiB`; some add the number of blocks. */
const RANKED = new RegExp(
  `#(\\d{1,6}):? (.{1,1100}?):(\\d{1,9}): ${SIZE}(?:\\D{1,12}(\\d{1,15}) (?:memory )?(?:block|alloc|object))?`,
);
const OTHER = new RegExp(`(?:^|\\s)(\\d{1,15}) other: ${SIZE}$`);
const TOTAL = new RegExp(`Total allocated size: ${SIZE}$`);
/** A statistic by its traceback, in the words of the documentation; the frames follow. */
const BLOCKS = new RegExp(`(?:^|\\s)(\\d{1,15}) memory blocks?: ${SIZE}$`);
/** `[ Top 10 ]`, `[ Top 10 differences ]`, `Top 10 lines`. */
const HEADER = /\[ ?Top \d{1,6}\b[^\]]{0,60}\]|(?:^|\s)Top \d{1,6} (?:lines|differences|allocations)\b/;

/** Tables of tracemalloc: what it prints itself, and what its documentation's recipes make of it. */
export class TracemallocTables implements Recogniser {
  #table = -1;
  #form: Site['form'] | undefined;
  #lastLine = 0;
  #lastRank = 0;
  readonly #seen = new Set<string>();
  #pending: Pending | undefined;

  get isWithin(): Recogniser['isWithin'] {
    return this.#pending ? 'yes' : 'no';
  }

  take(text: string, at: RowAt): readonly LogRow[] {
    if (this.#pending) {
      if (this.#continues(this.#pending, text)) return NO_ROWS;
      return [...this.end(), ...this.#start(text, at)];
    }
    return this.#start(text, at);
  }

  end(): readonly LogRow[] {
    const pending = this.#pending;
    if (!pending) return NO_ROWS;
    this.#pending = undefined;
    return this.#finished(pending);
  }

  #start(text: string, at: RowAt): readonly LogRow[] {
    if (!MAY_BE.test(text)) return NO_ROWS;
    if (HEADER.test(text)) {
      this.#form = undefined;
      return NO_ROWS;
    }
    const repr = text.includes('<Statistic');
    if (repr) return statisticsIn(text).map((site) => this.#row(site, at));
    const site = siteIn(text);
    // What belongs to a row of the recipe, the source line or the frames, comes behind it.
    if (!site) return this.#total(text, at);
    this.#pending = { site: site.site, at, frames: [], prefixLength: site.prefixLength };
    return site.hasMore ? NO_ROWS : this.end();
  }

  /** Takes what comes behind a row: frames with their source, or the one line of source. */
  #continues(pending: Pending, line: string): boolean {
    const text = line.slice(pending.prefixLength);
    const frame = tracebackFrame(text);
    const isTraceback = pending.site.form === 'traceback';
    if (isTraceback && frame && pending.frames.length < MOST_FRAMES) {
      pending.frames.push(frame);
      pending.site = { ...withoutCode(pending.site), ...frame };
      return true;
    }
    if (frame || !/^\s{2,}\S/.test(text) || RANKED.test(text) || STATISTIC.test(text)) return false;
    if (pending.site.code !== undefined || (isTraceback && pending.frames.length === 0)) return false;
    pending.site = { ...pending.site, code: text.trim().slice(0, MOST_CODE) };
    return true;
  }

  #finished({ site, at, frames }: Pending): readonly LogRow[] {
    if (site.form === 'traceback' && frames.length === 0) return NO_ROWS;
    return [this.#row(frames.length > 0 ? { ...site, frames } : site, at)];
  }

  #row(site: Site, at: RowAt): LogRow {
    const key = site.frames ? JSON.stringify(site.frames) : `${site.file}:${site.line}`;
    // Within a table the largest is first; and no line of code is twice in it.
    const rank = Math.abs(site.bytesDiff ?? site.bytes);
    const isOther = this.#form !== site.form || this.#seen.has(key) || rank > this.#lastRank;
    if (isOther || at.lineNumber - this.#lastLine > MOST_BETWEEN || this.#seen.size >= MOST_SITES) {
      this.#table++;
      this.#seen.clear();
    }
    this.#lastRank = rank;
    this.#seen.add(key);
    this.#form = site.form;
    this.#lastLine = at.lineNumber;
    return { ...at, ...site, table: this.#table };
  }

  #total(text: string, at: RowAt): readonly LogRow[] {
    const table = Math.max(0, this.#table);
    const [, count, number, unit] = OTHER.exec(text) ?? [];
    const otherBytes = number === undefined ? undefined : bytesOf(number, unit!);
    if (otherBytes !== undefined)
      return [{ ...at, kind: 'allocation-total', of: 'other', table, bytes: otherBytes, count: Number(count) }];
    const total = TOTAL.exec(text);
    const bytes = total ? bytesOf(total[1]!, total[2]!) : undefined;
    return bytes === undefined ? NO_ROWS : [{ ...at, kind: 'allocation-total', of: 'all', table, bytes }];
  }
}

/** What each of the forms above has. */
const MAY_BE = /: size=|<Statistic|#\d+:? |memory block| other: |Total allocated size|Top \d/;

function withoutCode({ code: _, ...site }: Site): Site {
  return site;
}

/** A row, and whether something may belong to it in the lines behind. */
function siteIn(text: string): { site: Site; hasMore: boolean; prefixLength: number } | undefined {
  const plain = statistic(text);
  if (plain) return { site: plain, hasMore: false, prefixLength: 0 };
  const ranked = RANKED.exec(text);
  if (ranked) {
    const [, , file, line, number, unit, count] = ranked;
    const site = siteOf('top', file!, line!, bytesOf(number!, unit!), count);
    return site && { site, hasMore: true, prefixLength: ranked.index };
  }
  const blocks = BLOCKS.exec(text);
  const bytes = blocks ? bytesOf(blocks[2]!, blocks[3]!) : undefined;
  if (!blocks || bytes === undefined) return undefined;
  const site: Site = { kind: 'allocation-site', form: 'traceback', file: '', bytes, count: Number(blocks[1]) };
  return { site, hasMore: true, prefixLength: blocks.index + blocks[0].search(/\d/) };
}

function statistic(text: string): Site | undefined {
  const found = STATISTIC.exec(text);
  if (!found) return undefined;
  const [, file, line, number, unit, diff, diffUnit, count, countDiff] = found;
  const isDifference = diff !== undefined;
  const site = siteOf(isDifference ? 'difference' : 'top', file!, line!, bytesOf(number!, unit!), count);
  const bytesDiff = isDifference ? bytesOf(diff, diffUnit!) : undefined;
  if (!site || bytesDiff === undefined) return site;
  return { ...site, bytesDiff, ...(countDiff === undefined ? {} : { countDiff: Number(countDiff) }) };
}

function siteOf(
  form: Site['form'],
  place: string,
  line: string,
  bytes: number | undefined,
  count: string | undefined,
): Site | undefined {
  const file = fileAtEnd(place);
  if (file === undefined || bytes === undefined) return undefined;
  const counted = count === undefined ? {} : { count: Number(count) };
  return { kind: 'allocation-site', form, ...frameOf(file, Number(line)), bytes, ...counted };
}
