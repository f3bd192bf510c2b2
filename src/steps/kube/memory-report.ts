import type { AllocationSite, FoundEndpoint } from '../../core/endpoints-artifact.ts';
import { redact } from '../../logs/redact.ts';
import { clipped } from '../../util/text-escape.ts';

type Memory = Omit<Extract<FoundEndpoint, { is: 'memory' }>, 'is' | 'port' | 'path'>;

const MOST_VALUES = 50_000;
const MOST_DEPTH = 8;
const MOST_SITES = 20;

/**
 * What a program's own memory page says: rows of file, line, size and count, as `tracemalloc.Statistic` has them
 * (https://docs.python.org/3/library/tracemalloc.html#statistic), in JSON of about any shape or in the module's own lines, and
 * totals by their usual names. Undefined where nothing of the kind is in it.
 */
export function memoryIn(text: string): Memory | undefined {
  const values = valuesIn(text);
  const sites = values.flatMap((value) => siteIn(value) ?? []);
  const totals = totalsIn(values.filter((value) => siteIn(value) === undefined));
  if (sites.length === 0 && Object.keys(totals).length === 0) return undefined;
  const largest = sites.sort((a, b) => b.bytes - a.bytes).slice(0, MOST_SITES);
  return { ...totals, sites: largest };
}

/** Everything in a JSON document, from the outside in; of another text its lines. */
function valuesIn(text: string): readonly unknown[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return /^\s*</.test(text) ? [] : text.split('\n', MOST_VALUES);
  }
  const found: unknown[] = [];
  for (let level: unknown[] = [document], depth = 0; level.length > 0 && depth < MOST_DEPTH; depth++) {
    found.push(...level.slice(0, Math.max(0, MOST_VALUES - found.length)));
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return found;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const FILE = /^(file|filename|file_name|path|location|where|site|source|traceback|trace|frame)$/i;
const LINE = /^(line|lineno|line_no|line_number)$/i;
const SIZE = /^(current_)?(size|bytes|memory|mem|allocated|total_size|size_diff)(_in)?(_?(bytes|b|kb|kib|mb|mib))?$/i;
const COUNT = /^(count|blocks|allocations|allocs|num)$/i;

function siteIn(value: unknown): AllocationSite | undefined {
  if (typeof value === 'string') return siteInLine(value);
  if (!isFields(value)) return undefined;
  const entries = Object.entries(value);
  const file = placeIn(entries.find(([name]) => FILE.test(name))?.[1]);
  const size = entries.filter(([name]) => SIZE.test(name)).flatMap(([name, each]) => bytesIn(name, each) ?? [])[0];
  if (file === undefined || size === undefined) return undefined;
  const line = countIn(entries.find(([name]) => LINE.test(name))?.[1]) ?? file.line;
  if (line === undefined && !/\.pyx?$|^</.test(file.file)) return undefined;
  return site(file.file, line, size, countIn(entries.find(([name]) => COUNT.test(name))?.[1]));
}

const SIZE_WORD = ': size=';
const SIZE_AND_COUNT = /^([\d.]{1,30}) ?(B|[KMGT]iB)(?: \([^)]*\))?(?:, count=(\d{1,12}))?/;

/** `/app/x.py:12: size=3445 KiB, count=1, average=3445 KiB`: a Statistic as text; a StatisticDiff has `(+…)` after each. */
function siteInLine(text: string): AllocationSite | undefined {
  if (text.length > 2000) return undefined;
  // Parted at its one fixed word: each half is gone through once, also where it is a text of colons.
  const at = text.indexOf(SIZE_WORD);
  if (at < 0) return undefined;
  const place = text.slice(0, at).split(/[\s"']/);
  const [, file, line] = /^:*([^:].*):(\d{1,7})$/.exec(place.at(-1)!) ?? [];
  const [, size, unit, blocks] = SIZE_AND_COUNT.exec(text.slice(at + SIZE_WORD.length)) ?? [];
  if (file === undefined || size === undefined) return undefined;
  return site(file, Number(line), Number(size) * UNITS[unit!.toLowerCase()]!, blocks ? Number(blocks) : undefined);
}

function site(file: string, line: number | undefined, bytes: number, blocks: number | undefined): AllocationSite {
  return {
    file: clipped(redact(file).text.toWellFormed(), 300),
    ...(line === undefined ? {} : { line }),
    bytes: Math.min(Math.max(0, bytes), 2 ** 63),
    ...(blocks === undefined ? {} : { blocks }),
  };
}

/** `/app/x.py`, `/app/x.py:12`, or the last of a list of such. */
function placeIn(value: unknown): { file: string; line?: number } | undefined {
  const text = Array.isArray(value) ? value.at(-1) : value;
  if (typeof text !== 'string' || text === '' || text.length > 2000) return undefined;
  const [, file, line] = /^(?:\s*File ")?([^"\n]+?)(?:", line |:)(\d{1,7})/.exec(text) ?? [];
  if (file !== undefined) return { file, line: Number(line) };
  return /[\n"]/.test(text) ? undefined : { file: text };
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1024,
  kib: 1024,
  mb: 2 ** 20,
  mib: 2 ** 20,
  gb: 2 ** 30,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** A number in the unit of its name (bytes where it has none), or a text with a unit of its own: `12.3 MiB`. */
function bytesIn(name: string, value: unknown): number | undefined {
  const named = UNITS[/_?(bytes|kib|kb|mib|mb|gib|gb|b)$/i.exec(name)?.[1]?.toLowerCase() ?? 'b'] ?? 1;
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value * named : undefined;
  if (typeof value !== 'string') return undefined;
  const [, number, unit] = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*(b|bytes|kb|kib|mb|mib|gb|gib|tib)?\s*$/i.exec(value) ?? [];
  return number === undefined ? undefined : Number(number) * (unit ? UNITS[unit.toLowerCase()]! : named);
}

const countIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

const UNIT = '(_?(?:in_)?(bytes|b|kb|kib|mb|mib))?';
const TOTALS: Readonly<Record<'tracedBytes' | 'peakBytes' | 'residentBytes', RegExp>> = {
  // A bare `total` may be of anything.
  tracedBytes: new RegExp(
    `^((traced|current)(_(memory|size|traced|allocated|traced_memory))?|total_(memory|size|traced|allocated))${UNIT}$`,
    'i',
  ),
  peakBytes: new RegExp(`^(traced_)?peak(_(memory|size|traced|traced_memory))?${UNIT}$`, 'i'),
  residentBytes: new RegExp(`^(rss|resident|process_rss|memory_rss|rss_memory|max_?rss)(_(memory|size))?${UNIT}$`, 'i'),
};

/** The outermost of each name. */
function totalsIn(values: readonly unknown[]): Partial<Record<keyof typeof TOTALS, number>> {
  const totals: Partial<Record<keyof typeof TOTALS, number>> = {};
  for (const [name, value] of values.filter(isFields).flatMap(Object.entries)) {
    for (const key of Object.keys(TOTALS) as (keyof typeof TOTALS)[]) {
      const bytes = TOTALS[key].test(name) ? bytesIn(name, value) : undefined;
      if (bytes !== undefined && totals[key] === undefined && bytes <= 2 ** 63) totals[key] = bytes;
    }
  }
  return totals;
}
