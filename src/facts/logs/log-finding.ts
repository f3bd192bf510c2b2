import type { Source } from '../../core/artifacts.ts';
import type { Evidence, Finding, Fix, Holder } from '../../core/report.ts';
import { bytesText } from '../../util/bytes.ts';
import { countText } from '../../util/count.ts';
import { secondsText } from '../../util/duration.ts';
import { plural, rateText } from '../amounts.ts';
import type { HolderCause } from '../holder-cause.ts';
import { fixedTextOf } from './fixed-text.ts';
import type { JudgedLog } from './judged-log.ts';
import type { JudgedNumber } from './judged-number.ts';
import { fixOfLogged, isNeverEmptied, type LoggedHolder } from './number-source.ts';
import { plainWords } from './number-words.ts';
import { countsWorkInWords, type Suspect } from './suspects.ts';

/** What a finding needs beside the judgement. */
export interface AboutLog {
  readonly source?: Source | undefined;
  readonly limitBytes?: number | undefined;
  /** The command that shows the lines in which this text stands. */
  readonly showLines: (fixedText: string) => string;
  /** What the heap says of it, where it was watched: the log may not agree with it. */
  readonly heap?: { readonly leaking: readonly string[]; readonly seconds: number } | undefined;
}

export type CausedFinding = Finding & { readonly cause: HolderCause };

/** Findings on what a log says is kept and grows. What the heap named, with the same name, is left to the heap, and so is a lead without a name where it named any. */
export function logFindings(judged: JudgedLog, about: AboutLog): CausedFinding[] {
  return judged.suspects
    .map((suspect) => findingOn(suspect, judged, about))
    .filter(({ holder, confidence }) =>
      holder
        ? !about.heap?.leaking.some((name) => isSameName(name, holder.name))
        : confidence.level !== 'low' || !about.heap?.leaking.length,
    );
}

/** A script's module is `__main__` to the heap and the file's name to the source. */
const isSameName = (a: string, b: string): boolean => afterModule(a) === afterModule(b);
const afterModule = (name: string): string => name.split('.').slice(1).slice(-2).join('.');

function findingOn(suspect: Suspect, judged: JudgedLog, about: AboutLog): CausedFinding {
  const { number, holder: logged } = suspect;
  const contradicted = contradicts(about, logged);
  const cost = costOf(suspect, judged);
  const perSecond = number.axis === 'time' ? number.rate?.slope.value : undefined;
  const explains =
    cost === undefined || perSecond === undefined
      ? shareOf(suspect, judged)
      : Math.max(0, Math.round(cost * perSecond));
  return {
    cause: causeOf(number, logged),
    confidence: { level: contradicted ? 'low' : suspect.confidence, value: null, basis: 'rule' },
    summary: summaryOf(number, logged, cost),
    ...(explains === undefined ? {} : { explainsBytesPerSecond: explains }),
    ...(logged ? { holder: holderOf(suspect, logged, { cost, perSecond, explains, contradicted }) } : {}),
    places: [...(logged?.places ?? [])],
    evidence: [
      numberEvidence(suspect, about),
      ...togetherEvidence(suspect, judged, about),
      ...memoryEvidence(judged, about),
      ...(contradicted ? [contradiction(about, logged)] : []),
    ],
    fix: fixFor(number, logged, cost ?? mostOf(suspect), about),
  };
}

/** A heap that was watched for less may have missed it. */
const LONG_ENOUGH_SECONDS = 10;

/** Where the log's number has no name in the source, it may be any of the containers that the heap saw grow. */
const contradicts = ({ heap }: AboutLog, logged: LoggedHolder | undefined): boolean =>
  heap !== undefined && heap.seconds >= LONG_ENOUGH_SECONDS && (logged !== undefined || heap.leaking.length === 0);

const last = ({ lives }: JudgedNumber): number => lives.at(-1)?.at(-1)?.[1] ?? 0;

/** Bytes an item, where memory follows this number alone: of two that grow together nobody can say which takes how much. */
function costOf(suspect: Suspect, { suspects }: JudgedLog): number | undefined {
  const { number, confidence } = suspect;
  if (number.series.unit === 'bytes') return 1;
  const alone = suspects.every((other) => other === suspect || other.confidence === 'low');
  return alone && confidence !== 'low' && number.fit ? number.fit.byNumber.slope.value : undefined;
}

/** Of those that grow together each gets a bound as if it held all that an item costs: then it is low enough, whichever holds it. */
const mostOf = ({ number: { fit } }: Suspect): number | undefined =>
  fit && fit.byNumber.slope.low > 0 ? fit.byNumber.slope.value : undefined;

/** Of several that memory follows alike each is given an equal part. */
function shareOf({ number, confidence }: Suspect, { memory, suspects }: JudgedLog): number | undefined {
  if (memory?.does !== 'grow' || memory.memory.axis !== 'time' || confidence === 'low' || !number.fit) return undefined;
  const alike = suspects.filter((other) => other.confidence !== 'low' && other.number.fit).length;
  return Math.round(memory.rate.slope.value / alike);
}

function causeOf({ series }: JudgedNumber, logged: LoggedHolder | undefined): HolderCause {
  if (logged) return logged.cause;
  return plainWords(`${series.name} ${series.template}`).some((word) => /^cache[ds]?$|^memo$/.test(word))
    ? 'unbounded-cache'
    : 'unbounded-collection';
}

/** `"Cache size: … thumbnails"`: places as `…`; of several the one that is meant as `N`. */
export function quotedNumber({ series: { template, name, place } }: JudgedNumber): string {
  const pieces = template.split('<*>');
  const mark = (at: number) => (at === place && pieces.length > 2 ? 'N' : '…');
  const text = pieces.map((piece, at) => (at === pieces.length - 1 ? piece : piece + mark(at))).join('');
  return `"${(typeof place === 'string' ? name : text).slice(0, 120)}"`;
}

function summaryOf(number: JudgedNumber, logged: LoggedHolder | undefined, cost: number | undefined): string {
  const isBytes = number.series.unit === 'bytes';
  const size = isBytes ? bytesText(last(number)) : `${plural(last(number), 'item')}`;
  const rate = isBytes || number.axis !== 'time' ? undefined : rateText(number.rate?.slope.value ?? 0);
  const told = [
    `${size} when last told`,
    rate,
    cost === undefined || isBytes ? undefined : `about ${bytesText(cost)} each`,
  ];
  const name = logged?.name.replace(/^__main__\./, '');
  const restarts = number.shape === 'restarts-with-process' ? ' and begins anew with the process' : '';
  const sizes = told.filter((each) => each !== undefined).join(', ');
  if (logged?.by === 'beside') {
    const kept = isNeverEmptied(logged) ? ', and nothing takes any out' : '';
    return `${name} is fed wherever the log counts ${quotedNumber(number)}${kept}: ${sizes}.`;
  }
  if (!logged && countsWorkInWords(number))
    return `Memory follows what the log counts as ${quotedNumber(number)}${restarts && ', which begins anew with the process'}: ${sizes}. Each leaves something behind, or is kept itself.`;
  return `${name ?? `What the log calls ${quotedNumber(number)}`} only grows${restarts}: ${sizes}.`;
}

interface Sizes {
  readonly cost: number | undefined;
  readonly perSecond: number | undefined;
  readonly explains: number | undefined;
  readonly contradicted: boolean;
}

/** Sizes are what memory shows; nothing of the heap was read. Growth of which little is sure is left out: then it is a lead. */
function holderOf(
  { number, confidence }: Suspect,
  { held, name }: LoggedHolder,
  { cost, perSecond, explains, contradicted }: Sizes,
): Holder {
  const items = Math.max(0, Math.round(last(number)));
  const isSure = confidence !== 'low' && !contradicted && perSecond !== undefined;
  // An equal part of what grows is not what was measured of this one.
  const bytesPerSecond = cost === undefined ? 0 : (explains ?? 0);
  return {
    name,
    kind: held.kind,
    instances: 1,
    path: [],
    type: held.type,
    items,
    ownBytes: 0,
    retainedBytes: Math.max(0, Math.round((cost ?? 0) * items)),
    sharedBytes: 0,
    ...(cost === undefined ? {} : { bytesPerItem: Math.max(0, Math.round(cost)) }),
    ...(isSure ? { growth: { itemsPerSecond: Number(perSecond.toPrecision(4)), bytesPerSecond } } : {}),
  };
}

function numberEvidence({ number, why }: Suspect, about: AboutLog): Evidence {
  const first = number.lives.at(-1)?.[0]?.[1] ?? 0;
  const life = number.lives.at(-1) ?? [];
  const took = number.axis === 'time' && life.length > 1 ? ` in ${secondsText(life.at(-1)![0] - life[0]![0])}` : '';
  const text = number.series.unit === 'bytes' ? bytesText : countText;
  const says = `The log says ${quotedNumber(number)} ${plural(number.series.count, 'time')}, from ${text(first)} to ${text(last(number))}${took}: ${why.join('; ')}.`;
  return { says, from: 'log-digest', reproduce: about.showLines(fixedTextOf(number.series)) };
}

/** Where several grow with the work, memory tells their sum alone. */
function togetherEvidence(suspect: Suspect, judged: JudgedLog, about: AboutLog): Evidence[] {
  if (costOf(suspect, judged) !== undefined || shareOf(suspect, judged) === undefined) return [];
  const others = judged.suspects.filter((other) => other !== suspect && other.confidence !== 'low').length;
  const says = `Memory grows along with this and ${plural(others, 'other')}: which of them takes how much is not known.`;
  return [{ says, from: 'log-digest', reproduce: about.showLines(fixedTextOf(suspect.number.series)) }];
}

/** Memory as the log itself tells it has a meaning of its own. */
function memoryEvidence({ memory }: JudgedLog, about: AboutLog): Evidence[] {
  const series = memory?.memory.series;
  if (memory === undefined || series === undefined) return [];
  const values = memory.memory.lives.at(-1) ?? [];
  const [first, end] = [values[0]?.[1] ?? 0, values.at(-1)?.[1] ?? 0];
  const says = `By the log's own numbers ("${series.name.slice(0, 80)}": ${memory.memory.meaning}) memory went from ${bytesText(first)} to ${bytesText(end)}.`;
  return [{ says, from: 'log-digest', reproduce: about.showLines(fixedTextOf(series)) }];
}

const contradiction = ({ heap }: AboutLog, logged: LoggedHolder | undefined): Evidence => ({
  says: `The heap was watched for ${secondsText(heap?.seconds ?? 0)}, and no container${logged ? ' of that name' : ''} was seen to grow there: the log and the heap contradict each other.`,
  from: 'heap-growth',
  reproduce: 'whyoom heap',
});

function fixFor(
  number: JudgedNumber,
  logged: LoggedHolder | undefined,
  cost: number | undefined,
  { source, limitBytes }: AboutLog,
): Fix {
  if (logged && source)
    return fixOfLogged(source, logged, {
      items: Math.max(0, Math.round(last(number))),
      ...(cost === undefined ? {} : { bytesPerItem: cost }),
      ...(limitBytes === undefined ? {} : { limitBytes }),
    });
  return {
    summary: `Find what ${quotedNumber(number)} counts${countsWorkInWords(number) ? ', or what each of it leaves behind' : ''}, and bound it or take out what is no longer needed.`,
    advice: [
      'Name the folder of the source with --source DIR: the line that prints it leads to the container, and to a patch.',
    ],
  };
}
