import type { LogRow, Measure, ProcessMemoryRow, Recogniser, RowAt } from './row.ts';
import { NO_ROWS } from './row.ts';
import { bytesOf, SIZE } from './size.ts';

type Memory = Omit<ProcessMemoryRow, 'kind'>;

/** Fields of psutil's `pmem`, `pfullmem` and `svmem`, in bytes. */
const PSUTIL: Readonly<Record<string, Measure>> = {
  rss: 'rss',
  uss: 'uss',
  pss: 'pss',
  vms: 'virtual',
  shared: 'shared',
  swap: 'swap',
};
const MACHINE: Readonly<Record<string, Measure>> = { used: 'machine-used', available: 'machine-available' };
const TUPLE = /\b(p(?:full)?mem|svmem)\(([^()]{1,1000})\)/g;
const FIELD = /\b([a-z_]{1,30})=(\d{1,18})\b/g;
/** getrusage(2): KiB on Linux. Of the process's whole life: it never falls. */
const MAX_RSS = /\b(?:ru_)?maxrss\W{1,5}(\d{1,15})\b(?![.\d]|\s?[KMGkmg]i?[Bb])/i;
/** /proc/PID/status, as programs print it. */
const STATUS = /\bVm(RSS|HWM|Size|Swap):\s{0,20}(\d{1,15}) kB/g;
const STATUS_MEASURE: Readonly<Record<string, Measure>> = {
  RSS: 'rss',
  HWM: 'peak-rss',
  Size: 'virtual',
  Swap: 'swap',
};

/** `tracemalloc.get_traced_memory()`, and its documentation's `first_size=664, first_peak=3592984`. */
const TRACED = /(?:get_traced_memory\(\)|\btraced(?: memory)?)\W{1,6}(\d{1,18}), (\d{1,18})\)/i;
const TRACED_FIELDS = /\b(?:\w{1,30}_)?size=(\d{1,18}), (?:\w{1,30}_)?peak=(\d{1,18})\b/;

/** Words for memory of the process, and what they mean; the first that fits counts. A number with its unit follows. */
const LABELS: readonly (readonly [string, Measure])[] = [
  ['(?:max|peak)(?:imum)?[ _-]?(?:rss|resident)(?:[ _]?(?:set|size|memory)){0,2}|ru_maxrss|maxrss', 'peak-rss'],
  ['(?:uss|unique set size)', 'uss'],
  ['(?:pss|proportional set size)', 'pss'],
  ['(?:vms|vsz|virtual(?: memory)?(?: size)?)', 'virtual'],
  ['rss|resident(?:[ _](?:set|size|memory)){0,3}', 'rss'],
  ['(?:process )?mem(?:ory)?[ _-]?(?:usage|used|in use|consumption|footprint)', 'rss'],
];
const LABELLED = LABELS.map(
  ([label, measure]) =>
    [
      new RegExp(
        `(?<![\\w.-])(?:${label})(?![\\w-])(?:[ _](?:memory|usage|size|now|is|was|at|of)){0,3}\\W{1,5}${SIZE}`,
        'i',
      ),
      measure,
    ] as const,
);
const PEAK = new RegExp(`\\bpeak(?: (?:memory|usage|was|is|of)){0,3}\\W{1,5}${SIZE}`, 'i');

const MAY_BE = /mem|rss|uss|pss|vms|VmSize|VmHWM|resident|traced|_peak=|virtual|set size/i;

/** The first that finds something counts: millions of lines speak of memory. */
const READS: readonly ((text: string) => Memory[])[] = [tuplesIn, usageIn, tracedIn, statusIn, labelledIn];

/** Memory that a line tells in the words of psutil, `resource`, tracemalloc or /proc, or in plain ones. */
export class ProcessMemoryLines implements Recogniser {
  readonly isWithin = 'no';

  take(text: string, at: RowAt): readonly LogRow[] {
    if (!MAY_BE.test(text)) return NO_ROWS;
    for (const read of READS) {
      const rows = read(text);
      if (rows.length > 0) return rows.map((row) => ({ ...at, kind: 'process-memory', ...row }));
    }
    return NO_ROWS;
  }

  end(): readonly LogRow[] {
    return NO_ROWS;
  }
}

function tuplesIn(text: string): Memory[] {
  if (!text.includes('mem(')) return [];
  return [...text.matchAll(TUPLE)].flatMap(([, name, fields]) => {
    const measures = name === 'svmem' ? MACHINE : PSUTIL;
    return [...fields!.matchAll(FIELD)].flatMap(([, field, bytes]) => {
      const measure = Object.hasOwn(measures, field!) ? measures[field!] : undefined;
      return measure ? [{ by: 'psutil' as const, measure, bytes: Number(bytes) }] : [];
    });
  });
}

function usageIn(text: string): Memory[] {
  const kib = MAX_RSS.exec(text)?.[1];
  return kib === undefined ? [] : [{ by: 'getrusage', measure: 'peak-rss', bytes: Number(kib) * 1024 }];
}

function tracedIn(text: string): Memory[] {
  const [, current, peak] = TRACED.exec(text) ?? TRACED_FIELDS.exec(text) ?? [];
  if (current !== undefined) return traced(Number(current), Number(peak));
  if (!/\b(?:current|traced)\b|tracemalloc/i.test(text) || /\brss\b/i.test(text)) return [];
  const peakBytes = sizeBehind(PEAK, text);
  const currentBytes = sizeBehind(CURRENT, text);
  return peakBytes === undefined || currentBytes === undefined ? [] : traced(currentBytes, peakBytes);
}
/** `Current memory usage is 12.3 MB; Peak was 20.1 MB`: the usual print of `get_traced_memory`. */
const CURRENT = new RegExp(`\\bcurrent(?: (?:memory|usage|is|was|of)){0,3}\\W{1,5}${SIZE}`, 'i');

const traced = (current: number, peak: number): Memory[] => [
  { by: 'tracemalloc', measure: 'traced', bytes: current },
  { by: 'tracemalloc', measure: 'peak-traced', bytes: peak },
];

function statusIn(text: string): Memory[] {
  if (!text.includes('Vm')) return [];
  return [...text.matchAll(STATUS)].map(([, name, kib]) => ({
    by: 'text',
    measure: STATUS_MEASURE[name!]!,
    bytes: Number(kib) * 1024,
  }));
}

/** Each measure once; the words of a more exact one are not read again as those of another. */
function labelledIn(text: string): Memory[] {
  let rest = text.slice(0, 4096);
  return LABELLED.flatMap(([pattern, measure]) => {
    const found = pattern.exec(rest);
    const bytes = found ? bytesOf(found[1]!, found[2]!) : undefined;
    if (!found || bytes === undefined || bytes < 0) return [];
    rest = `${rest.slice(0, found.index)}${rest.slice(found.index + found[0].length)}`;
    return [{ by: 'text' as const, measure, bytes }];
  });
}

function sizeBehind(pattern: RegExp, text: string): number | undefined {
  const found = pattern.exec(text);
  return found ? bytesOf(found[1]!, found[2]!) : undefined;
}
