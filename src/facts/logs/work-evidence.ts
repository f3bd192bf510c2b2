import type { Evidence } from '../../core/report.ts';
import { median } from '../../stats/quantiles.ts';
import { bytesText } from '../../util/bytes.ts';
import { countText } from '../../util/count.ts';
import { secondsText } from '../../util/duration.ts';
import { plural, rateText } from '../amounts.ts';
import { fixedTextOf } from './fixed-text.ts';
import { grows, type JudgedNumber } from './judged-number.ts';
import type { LogFacts } from './log-facts.ts';
import { quotedNumber } from './log-finding.ts';
import { plainWords, unitOf } from './number-words.ts';

/** Said so often, a median says what is usual. */
const FEWEST = 5;
/** Words for sizes and times of something else than a piece of work. */
const NO_PIECE =
  /\b(?:time ?out|interval|sleep(?:ing)?|uptime|every|retry(?:ing)?|delay|ttl|wait(?:ing)?|backoff|limit|free|available|disk|quota|capacity|total|max(?:imum)?)\b/;
const BATCH = /\b(?:batch(?:es)?|chunks?|bulk|pages? size)\b/;
const ACTING = /^(?:\S+ ){0,2}\p{Ll}{3,}ing\b/iu;
const AT_ONCE = /\b(?:in flight|inflight|in use|concurren(?:t|cy)|running|busy|in parallel)\b/;

/** What the log tells of the work: how much of it and how fast, in which batches, how much at once, and the longest and the largest piece. */
export function workEvidence({ judged, showLines }: LogFacts): Evidence[] {
  const { numbers, work } = judged;
  const told = [
    work && workText(work),
    ...[batches, atOnce, longest, largest].map((pick) => pick(numbers.filter(isOften))),
  ].filter((each) => each !== undefined);
  const [first] = told;
  if (first === undefined) return [];
  const says = told.map(({ says }) => says);
  return [{ says: `work: ${says.join('; ')}`, from: 'log-digest', reproduce: showLines(first.find) }];
}

interface Told {
  readonly says: string;
  readonly find: string;
}

/** A measure that comes and goes, and no count of what was done. */
const isOften = (number: JudgedNumber): boolean =>
  number.series.count >= FEWEST && !grows(number) && number.role !== 'memory';

const textOf = ({ series: { name, template } }: JudgedNumber): string =>
  plainWords(`${template.replaceAll('<*>', ' ')} ${name}`).join(' ');
const values = ({ series }: JudgedNumber): number[] => series.points.map(({ value }) => value);
const findOf = ({ series }: JudgedNumber): string =>
  typeof series.place === 'string' ? series.place : fixedTextOf(series);
const most = (of: readonly JudgedNumber[]): JudgedNumber | undefined =>
  of.toSorted((a, b) => b.series.count - a.series.count)[0];

function workText(number: JudgedNumber): Told {
  const done = number.lives.at(-1)?.at(-1)?.[1] ?? 0;
  const rate = number.axis === 'time' && number.rate ? `, ${rateText(number.rate.slope.value)}` : '';
  const what = number.series.unit === 'bytes' ? bytesText(done) : plural(Math.round(done), unitOf(number.series));
  return { says: `${what} when last told${rate}`, find: findOf(number) };
}

function batches(numbers: readonly JudgedNumber[]): Told | undefined {
  const sizes = numbers.filter(
    (each) =>
      (each.series.unit === 'count' || each.series.unit === 'unknown') &&
      each.role !== 'label' &&
      (BATCH.test(textOf(each)) || (ACTING.test(each.series.template) && each.series.place === 0)),
  );
  const number = most(sizes);
  return number && usualAndMost('batches of', number, countText);
}

function atOnce(numbers: readonly JudgedNumber[]): Told | undefined {
  const number = most(numbers.filter((each) => each.series.unit !== 'seconds' && AT_ONCE.test(textOf(each))));
  if (number === undefined || BATCH.test(textOf(number)) || number.series.unit === 'bytes') return undefined;
  return { says: `${countText(maximum(number))} at once at most`, find: findOf(number) };
}

function longest(numbers: readonly JudgedNumber[]): Told | undefined {
  const number = most(numbers.filter((each) => each.series.unit === 'seconds' && isPiece(each)));
  return number && usualAndMost('pieces that take', number, secondsText);
}

function largest(numbers: readonly JudgedNumber[]): Told | undefined {
  const isSize = ({ series, worded }: JudgedNumber) => series.unit === 'bytes' && worded.is !== 'memory';
  const number = most(numbers.filter((each) => isSize(each) && isPiece(each)));
  return number && usualAndMost('pieces of', number, bytesText);
}

/** It differs from piece to piece. */
const isPiece = (number: JudgedNumber): boolean => new Set(values(number)).size > 1 && !NO_PIECE.test(textOf(number));

const maximum = (number: JudgedNumber): number => values(number).reduce((a, b) => Math.max(a, b), 0);

/** `batches of 20 as a rule, 5,000 at most ("Processing batch of … images")` */
function usualAndMost(what: string, number: JudgedNumber, text: (value: number) => string): Told | undefined {
  const [usual, top] = [median(values(number)) ?? 0, maximum(number)];
  if (!(top > 0)) return undefined;
  const said = usual === top ? text(top) : `${text(usual)} as a rule, ${text(top)} at most`;
  return { says: `${what} ${said} (${quotedNumber(number)})`, find: findOf(number) };
}
