import { OOM_KILLED } from '../core/kube-artifacts.ts';
import { isInstalled } from '../core/program.ts';
import type {
  CauseId,
  Confidence,
  Estimate,
  Finding,
  Fix,
  Holder,
  Report,
  SourcePlace,
  Verdict,
} from '../core/report.ts';
import { bytesOfText, bytesRangeText, bytesText } from '../util/bytes.ts';
import { countText } from '../util/count.ts';
import { secondsRangeText, secondsText } from '../util/duration.ts';

/** What the formats for people say in common, so that they say the same. All of it is plain text, not escaped. */

export const VERDICT_WORDS: Record<Verdict, string> = {
  leak: 'LEAK',
  'oom-risk': 'OOM RISK',
  healthy: 'HEALTHY',
  undecided: 'UNDECIDED',
};

export const CAUSE_TITLES: Record<CauseId, string> = {
  'unbounded-collection': 'collection without a bound',
  'unbounded-cache': 'cache that never forgets',
  'retained-objects': 'few objects that keep much',
  'global-accumulation': 'global state that accumulates',
  'reference-cycle': 'reference cycles that wait',
  'large-allocation': 'one large allocation',
  'thread-growth': 'threads that never end',
  'task-growth': 'tasks that never end',
  'allocator-retention': 'freed, but not given back',
  'reference-leak': 'objects that nobody reaches',
  'native-growth': 'memory outside Python objects',
  'page-cache': 'page cache',
  'shared-memory': 'shared memory',
  'worker-multiplication': 'workers times baseline',
  'limit-too-low': 'limit below the steady state',
  'memory-spike': 'one burst',
  'warm-up': 'warm-up that has settled',
  'node-pressure': 'shortage on the node',
  'killed-not-oom': 'killed, but not for memory',
  'other-container': 'another container or process',
  'not-python': 'not Python',
};

const PART_NAMES = new Map([
  ['python-objects', 'objects'],
  ['python-arenas-free', 'free arenas'],
  ['c-heap-used', 'C heap'],
  ['c-heap-free', 'free C heap'],
  ['anonymous-other', 'other'],
  ['thread-stacks', 'stacks'],
  ['shared-memory', 'shared memory'],
  ['file-mapped', 'libraries and mapped files'],
  ['page-cache', 'page cache'],
  ['other-processes', 'other processes'],
  ['reserved', 'reserved, not used'],
]);

const STEP_NAMES = new Map([
  ['memory-limit', 'limit'],
  ['memory-series', 'memory'],
  ['heap-growth', 'heap growth'],
  ['pods-later', 'pods again'],
  ['pod-metrics', 'metrics'],
  ['node-stats', 'kubelet statistics'],
  ['log-digest', 'what logs say'],
  ['log-source', 'the source of the logs'],
  ['limit-ranges', 'limit ranges'],
  ['prometheus', 'Prometheus'],
]);

/** Which number the kernel kills on differs, so it is always said which was measured. */
const MEASURE_NAMES = new Map([
  ['unreclaimable', 'unreclaimable memory'],
  ['working-set', 'working set'],
  ['rss', 'resident memory (RSS)'],
  ['virtual', 'address space'],
]);

export const measureName = (measure: string): string => MEASURE_NAMES.get(measure) ?? measure;
const partName = (part: string): string => PART_NAMES.get(part) ?? part;
export const stepName = (key: string): string => STEP_NAMES.get(key) ?? key;
export const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** `orca-645f · orca · Python 3.9.18 · 118 of 128 MiB`, as a list. */
export function targetParts(report: Report): string[] {
  const { name, container } = report.target;
  const read = report.processes?.find((each) => each.read);
  const python = (read ?? report.processes?.find((each) => each.python))?.python;
  // A master with workers, a shell: it is one of several processes whose heap was read.
  const which =
    report.target.kind === 'process' && read && !name.includes(`pid ${read.pid}`)
      ? `heap of pid ${read.pid}`
      : undefined;
  return [name, container, which, python && `Python ${python}`, usageText(report)].filter(
    (each) => each !== undefined && each !== '',
  ) as string[];
}

/** `118 of 128 MiB`, or what there is of it. */
export function usageText({ usage, limit }: Report): string | undefined {
  const used =
    usage && (limit && limit.scope !== 'node' ? bytesOfText(usage.bytes, limit.bytes) : bytesText(usage.bytes));
  if (used === undefined) return limit && limit.scope !== 'node' ? `limit ${bytesText(limit.bytes)}` : undefined;
  return usage?.measure === 'virtual' ? `${used} address space` : used;
}

/** `+2.4 MiB/s`, with its sign. */
export function rateText(bytesPerSecond: number): string {
  return `${bytesPerSecond < 0 ? '−' : '+'}${bytesText(Math.abs(bytesPerSecond))}/s`;
}

/** `2.4 MiB/s`, `= 1.3 MiB × 1.9 images/s`: the growth and what it is made of. Empty where none was seen. */
export function growthParts({ growth, work, target }: Report): string[] {
  if (!growth || growth.bytesPerSecond.low <= 0) return [];
  const rate = `${bytesText(growth.bytesPerSecond.value)}/s`;
  const isByTime = growth.with === 'time' && target.kind === 'logs';
  if (!work) return isByTime ? [`${rate} with time, whatever the work`] : [rate];
  return [rate, `= ${bytesText(work.bytesPerItem.value)} × ${numberText(work.perSecond.value)} ${plural(work.unit)}/s`];
}

/** The growth with its interval, in a sentence for pages with room. */
export function growthSentence(report: Report): string | undefined {
  const rate = report.growth?.bytesPerSecond;
  if (!rate) return undefined;
  if (rate.low <= 0)
    return `No growth that can be told from noise: ${bytesRangeText(rate.low, rate.high)}/s, ${sureness(rate)}.`;
  const how = { work: ', with the work done', time: ', with time, whatever the work', undecided: '' }[
    report.growth!.with
  ];
  return `Grows ${bytesText(rate.value)}/s (${bytesRangeText(rate.low, rate.high)}/s, ${sureness(rate)})${how}.`;
}

/** When the limit is met: `Next kill in 21 s (18–25 s).` Undefined where there is nothing to add. */
export function etaText(report: Report): string | undefined {
  const { eta, limit, growth } = report;
  if (eta?.status === 'estimated' && eta.seconds) {
    const { value, low, high } = eta.seconds;
    const range = secondsRangeText(value, low, high);
    // A log may be old: its end is not now.
    if (report.target.kind === 'logs')
      return value === 0 ? undefined : `If it goes on, the next kill is due ${range} after the last line.`;
    const phrase = `${report.target.kind === 'pod' ? 'Next kill' : 'Limit reached'} in ${range}`;
    return report.headline.toLowerCase().includes(phrase.toLowerCase()) ? undefined : `${phrase}.`;
  }
  // A log does not tell its limit.
  if (report.target.kind === 'logs') return undefined;
  if (eta?.status === 'no-limit' || (!eta && !limit)) return growth ? noLimitText(growth.bytesPerSecond) : undefined;
  // A process that grew and has ended meets its limit no more: there is nothing to be said of when.
  const grew = (growth?.bytesPerSecond.low ?? 0) > 0;
  // The headline on a pod says itself what is not known, and why.
  if (eta?.status === 'unknown' && limit && !grew && report.target.kind !== 'pod')
    return 'When the limit is reached is not known.';
  return undefined;
}

function noLimitText({ value, low }: Estimate): string | undefined {
  return low > 0 ? `No limit; grows ${bytesText(value * 3600)} an hour.` : undefined;
}

/** `4 restarts; the last life ended by OOM kill at 19:09:29 UTC, after 33 s.` Only what was seen. */
export function historyText({ restarts, kills, headline }: Report): string | undefined {
  const last = lastKill(kills);
  // Of a pod the headline has it all.
  if (last?.at !== undefined && headline.includes(clockText(last.at))) return undefined;
  if (restarts !== undefined && last === undefined && headline.includes(`${restarts} restart`)) return undefined;
  const said = [
    restarts !== undefined && restarts > 0 ? `${restarts} restart${restarts === 1 ? '' : 's'}` : undefined,
    last &&
      `the last life ended by ${killText(last)}${last.livedSeconds === undefined ? '' : `, after ${secondsText(last.livedSeconds)}`}`,
  ].filter((each) => each !== undefined);
  const text = said.join('; ');
  return text === '' ? undefined : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

type Kill = NonNullable<Report['kills']>[number];

/** The last kill of the container that is diagnosed. */
export const lastKill = (kills: Report['kills']): Kill | undefined =>
  (kills ?? [])
    .filter(({ container }) => container === undefined)
    .sort((a, b) => (a.at ?? '').localeCompare(b.at ?? ''))
    .at(-1);

/** `OOM kill at 19:09:29 UTC` */
export function killText(kill: Kill): string {
  const reason = kill.reason === OOM_KILLED ? 'OOM kill' : kill.reason;
  return kill.at === undefined ? reason : `${reason} at ${clockText(kill.at)}`;
}

/** `19:09:29 UTC` of an ISO time. */
export const clockText = (iso: string): string => `${iso.slice(11, 19)} UTC`;

/** The same of Unix seconds; an absurd time is shown as the number that it is. */
export function unixClockText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : clockText(date.toISOString());
}

/** `list, 96 × dict`, `3 × list, 288 × dict` */
export function holderContents(holder: Holder): string {
  const type = holder.instances > 1 ? `${countText(holder.instances)} × ${holder.type}` : holder.type;
  const items = holder.elementType
    ? `${countText(holder.items)} × ${holder.elementType}`
    : `${countText(holder.items)} items`;
  return `${type}, ${items}`;
}

/** `113 MiB`; what it keeps together with others is said where it is the most of it. */
export function holderSize({ retainedBytes, sharedBytes }: Holder): string {
  if (sharedBytes <= retainedBytes / 10) return bytesText(retainedBytes);
  return `${bytesText(retainedBytes)} and ${bytesText(sharedBytes)} shared`;
}

/** `list, 96 × dict`, `113 MiB`, `+2.4 MiB/s`: what is known of the holder, or of the finding where there is none. */
export function holderFacts({ holder, explainsBytesPerSecond }: Finding): string[] {
  const rate = holder?.growth?.bytesPerSecond ?? explainsBytesPerSecond;
  // By a log alone its size may not be known.
  const isSized = holder !== undefined && holder.retainedBytes + holder.sharedBytes > 0;
  return [
    ...(holder ? [holderContents(holder)] : []),
    ...(isSized ? [holderSize(holder)] : []),
    ...(rate ? [rateText(rate)] : []),
  ];
}

/** `frame`, `main`, ` (/app/app.py:47)`: each step from a root to the holder, the ends of a long path. */
export function pathSteps({ path }: Holder): { kind: string; name: string; where: string }[] {
  const steps = path.map(({ kind, name, file, line }) => {
    const where = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
    return { kind, name, where };
  });
  if (steps.length <= PATH_STEPS) return steps;
  return [...steps.slice(0, PATH_STEPS / 2), { kind: '…', name: '', where: '' }, ...steps.slice(-PATH_STEPS / 2)];
}
const PATH_STEPS = 8;

/** `Reached by local queue → attribute _queue`, where the name alone does not say which one it is. */
export function reachedBy({ holder }: Finding): string | undefined {
  if (!holder || holder.path.length === 0) return undefined;
  const isOfMany = holder.kind === 'instance-attribute' || holder.path.some(({ file }) => file && isInstalled(file));
  if (!isOfMany) return undefined;
  return `Reached by ${pathSteps(holder)
    .map(({ kind, name, where }) => `${kind} ${name}${where}`.trim())
    .join(' → ')}`;
}

/** `high (97 %)` where it was measured, else `high`. */
export function confidenceText({ level, value }: Confidence): string {
  return value === null ? level : `${level} (${(value * 100).toFixed(0)} %)`;
}

/** `/app/app.py:34, in ImageProcessor.process_image` */
export function placeText(place: SourcePlace): string {
  return `${place.file}:${place.line}${place.function ? `, in ${place.function}` : ''}`;
}

export const PLACE_WORDS: Record<SourcePlace['role'], string> = {
  feeds: 'Fed here',
  empties: 'Emptied here',
  creates: 'Created here',
};

/** What is to be said of a patch that can change what the program computes. */
export function patchWarning(fix: Fix): string | undefined {
  return fix.patch && fix.changesResults ? 'The patch can change results: see what reads this data first.' : undefined;
}

/** `heap (attach, paused 41 ms)` */
export function stepText({ key, rung, note }: Report['steps'][number]): string {
  const deep = rung === 'local' || rung === 'api' ? undefined : rung;
  const about = [deep, note].filter((each) => each !== undefined && each !== '').join(', ');
  return about === '' ? stepName(key) : `${stepName(key)} (${about})`;
}

/** `heap, heap growth: message; hint` */
export function unknownText({ needed, message, hint }: ReturnType<typeof unknownEntries>[number]): string {
  return `${needed}: ${hint === undefined ? message : `${message.replace(/\.$/, '')}; ${hint}`}`;
}

/**
 * What was not found out, one entry a reason: several steps fail for the same one, and one Role may allow several. What nobody
 * asked for (`--allow`) is not missed.
 */
export function unknownEntries(report: Report): { needed: string; message: string; hint: string | undefined }[] {
  const missed = report.unknown.filter(({ needed, problem }) => needed !== 'node-stats' || problem.code !== 'refused');
  const groups = Map.groupBy(missed, ({ problem: { code, message, hint = '' } }) =>
    code === 'denied' && hint !== '' ? hint : `${message}\n${hint}`,
  );
  return [...groups.values()].map((group) => ({
    needed: group.map((each) => stepName(each.needed)).join(', '),
    message: [...new Set(group.map(({ problem }) => problem.message))].join(' '),
    hint: group[0]!.problem.hint,
  }));
}

export interface ShownPart {
  readonly name: string;
  readonly bytes: number;
  /** Of all that counts, from 0 to 1. */
  readonly share: number;
}

/** The parts of the breakdown, most bytes first, and those beside it that do not count against the limit. */
export function breakdownRows({ breakdown = [] }: Report): { counted: ShownPart[]; beside: ShownPart[] } {
  const whole = sum(breakdown.filter(({ counted }) => counted !== false).map(({ bytes }) => bytes)) || 1;
  const shown = (counts: boolean) =>
    breakdown
      .filter(({ counted }) => (counted !== false) === counts)
      .map(({ part, bytes }) => ({ name: partName(part), bytes, share: bytes / whole }))
      .sort((a, b) => b.bytes - a.bytes);
  return { counted: shown(true), beside: shown(false) };
}

/** `86 %`, `<1 %` */
export const shareText = (share: number): string =>
  share > 0 && share < 0.005 ? '<1 %' : `${(share * 100).toFixed(0)} %`;

/** `C heap 9 MiB` */
export const partText = ({ name, bytes }: ShownPart): string => `${name} ${bytesText(bytes)}`;

/** What the breakdown sums to, where that is no longer the number at the head of the report. */
export function breakdownWhole({ breakdownOf, usage }: Report): string | undefined {
  if (breakdownOf === undefined) return undefined;
  const { bytes, measure, at } = breakdownOf;
  const isSame = usage?.measure === measure && Math.abs(usage.bytes - bytes) <= usage.bytes * SAME_SHARE;
  return isSame ? undefined : `of ${bytesText(bytes)} ${measureName(measure)} at ${clockText(at)}`;
}
const SAME_SHARE = 0.03;

/** What is unusual about the collector: `off (gc.disable): reference cycles are not freed`. */
export function collectorText({ collector }: Report): string | undefined {
  if (collector === undefined) return undefined;
  const { enabled, frozen, garbage } = collector;
  return [
    ...(enabled ? [] : ['off (gc.disable): reference cycles are not freed']),
    ...(frozen > 0 ? [`${countText(frozen)} objects frozen (gc.freeze): it leaves them alone`] : []),
    ...(garbage > 0 ? [`${countText(garbage)} in gc.garbage`] : []),
  ].join('; ');
}

/** The series that the verdict speaks of: of the measure that counts, else the one with most points. */
export function mainSeries(report: Report): Report['series'][number] | undefined {
  const points = (each: Report['series'][number]) => sum(each.lives.map((life) => life.length));
  const own = report.series.filter((each) => isOfTarget(each, report.target));
  const counting = own.filter((each) => each.measure === report.usage?.measure && points(each) > 1);
  return [...(counting.length > 0 ? counting : own)].sort((a, b) => points(b) - points(a))[0];
}

const numberText = (value: number) =>
  Math.abs(value) < 9.95 ? String(Number(value.toPrecision(2))) : countText(value);
const plural = (unit: string) => (unit.endsWith('s') ? unit : `${unit}s`);
const sureness = ({ level }: Estimate) => `${(level * 100).toFixed(0)} % sure`;

/** Not of another pod or container of the workload. */
const isOfTarget = ({ pod, container }: Report['series'][number], target: Report['target']): boolean =>
  (pod === undefined || target.name.endsWith(`/${pod}`)) &&
  (container === undefined || target.container === undefined || container === target.container);
