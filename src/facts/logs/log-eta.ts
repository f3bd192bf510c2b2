import type { Estimate, Eta, Evidence } from '../../core/report.ts';
import type { NumberSeries } from '../../logs/number-series.ts';
import { median } from '../../stats/quantiles.ts';
import type { Course, Known } from '../../stats/remembering-regression.ts';
import { timeToLevel } from '../../stats/time-to-level.ts';
import { bytesText } from '../../util/bytes.ts';
import { countText } from '../../util/count.ts';
import { isoOf } from '../pod/times.ts';
import { fixedTextOf } from './fixed-text.ts';
import type { LogFacts } from './log-facts.ts';
import { etaBy } from './log-report.ts';
import { partOf, plainWords } from './number-words.ts';

/** When the program is killed next, by the log's own numbers, and which of them say so. */
export interface LogEta {
  readonly eta: Eta;
  readonly evidence: Evidence;
}

/**
 * From the end of a log on, where nobody measured and no limit is known: until memory meets the limit that the log tells, else where it was at
 * each kill before; where the log tells no memory, until what is kept is as much as it was then. Undefined where nothing of it is told, or it does not grow.
 */
export function etaInLog(facts: LogFacts): LogEta | undefined {
  const { judged, program } = facts;
  const { memory } = judged;
  const series = memory?.memory.series;
  if (memory === undefined) return byKeptNumber(facts);
  if (series === undefined || !isRunning(facts, series)) return undefined;
  const limit = limitTold(program.digest.series, series, memory.memory.lives.at(-1) ?? []);
  const at = memory.memory.lives.at(-1)?.at(-1)?.[0];
  if (limit !== undefined)
    return withEvidence(etaBy(judged, limit.bytes), at, {
      says: `the log tells a limit of ${bytesText(limit.bytes)}`,
      from: 'log-digest',
      reproduce: facts.showLines(fixedTextOf(limit.series)),
    });
  const level = levelAtKills(facts, memory.memory.lives, series);
  if (level === undefined) return undefined;
  const eta = overLevels(level, (bytes) => etaBy(judged, bytes).seconds);
  return withEvidence(eta, at, atKills(facts, level, series, bytesText));
}

/** The life that told it last is not over: the line of a kill is itself the first of the next. */
const isRunning = ({ program }: LogFacts, { points }: NumberSeries): boolean => {
  const last = program.digest.lives.at(-1);
  return last?.end === 'end' && points.at(-1)?.life === last.life;
};

/** It begins anew with each life, and was about the same at each kill. */
function byKeptNumber(facts: LogFacts): LogEta | undefined {
  const number = facts.judged.suspects.find(({ confidence }) => confidence !== 'low')?.number;
  if (number?.shape !== 'restarts-with-process' || number.axis !== 'time' || !number.rate) return undefined;
  if (!isRunning(facts, number.series)) return undefined;
  const level = levelAtKills(facts, number.lives, number.series);
  const life = number.lives.at(-1);
  if (level === undefined || life === undefined) return undefined;
  const { rate } = number;
  const eta = overLevels(level, (value) => timeToLevel(life, rate, value));
  return withEvidence(eta, life.at(-1)?.[0], atKills(facts, level, number.series, countText));
}

/** From the earliest at the least of the levels to the latest at the most. */
function overLevels({ least, value, most }: Level, to: (level: number) => Known | Estimate | undefined): Eta {
  const [first, middle, last] = [to(least), to(value), to(most)];
  if (!first || !middle || !last) return { status: 'unknown' };
  return {
    status: 'estimated',
    seconds: { value: middle.value, low: first.low, high: last.high, level: middle.level },
  };
}

function withEvidence(eta: Eta, at: number | undefined, evidence: Evidence): LogEta | undefined {
  if (eta.status !== 'estimated' || at === undefined) return undefined;
  return { eta: { ...eta, at: isoOf(at) }, evidence };
}

const LIMIT = /\b(?:limit|maximum|max|quota|ceiling)\b/;
const OF_MEMORY = /\b(?:memory|mem|ram|rss|container|cgroup|pod)\b/;

/** `RSS 120 MiB of 512 MiB`, `memory limit: 512 MiB`: a size that never changes, above what memory came to. */
function limitTold(
  all: readonly NumberSeries[],
  memory: NumberSeries,
  life: Course,
): { bytes: number; series: NumberSeries } | undefined {
  const most = life.reduce((so, [, bytes]) => Math.max(so, bytes), 0);
  const told = all.flatMap((series) => {
    const bytes = series.points[0]?.value ?? 0;
    const isOne = series.unit === 'bytes' && bytes > most && series.points.every(({ value }) => value === bytes);
    return isOne && (isWholeOf(series, memory) || isLimit(series)) ? [{ bytes, series }] : [];
  });
  // The least is met first.
  return told.sort((a, b) => a.bytes - b.bytes)[0];
}

/** Said right behind it, as what it is a part of. */
const isWholeOf = ({ template, place }: NumberSeries, memory: NumberSeries): boolean =>
  template === memory.template &&
  typeof place === 'number' &&
  typeof memory.place === 'number' &&
  place === memory.place + 1 &&
  partOf(template, memory.place);

function isLimit({ name, template, place }: NumberSeries): boolean {
  const said = plainWords(
    typeof place === 'number' ? `${name} ${template.split('<*>')[place]?.slice(-80) ?? ''}` : name,
  );
  const words = said.join(' ');
  return LIMIT.test(words) && OF_MEMORY.test(words) && !/\bcaches?\b|\bbatch\b|\bbuffer\b/.test(words);
}

/** Kills by chance, or by another reason, find it at any size. */
const ALIKE = 1.15;
const FEWEST_KILLS = 2;

interface Level {
  readonly least: number;
  readonly value: number;
  readonly most: number;
  readonly kills: number;
}

/** The last value of each life that a word of a kill ends; undefined where they differ, or are fewer than two. */
function levelAtKills({ program }: LogFacts, lives: readonly Course[], series: NumberSeries): Level | undefined {
  const killed = new Set(program.digest.lives.filter(({ end }) => end === 'kill').map(({ life }) => life));
  const told = [...new Set(series.points.map(({ life }) => life))].sort((a, b) => a - b);
  const last = lives.flatMap((life, at) => (killed.has(told[at] ?? -1) ? (life.at(-1)?.[1] ?? []) : []));
  const [least, most] = [Math.min(...last), Math.max(...last)];
  const value = median(last);
  if (last.length < FEWEST_KILLS || value === undefined || !(least > 0) || most > least * ALIKE) return undefined;
  return { least, value, most, kills: last.length };
}

const atKills = (
  { showLines }: LogFacts,
  { value, kills }: Level,
  series: NumberSeries,
  text: (value: number) => string,
): Evidence => ({
  says: `${kills} lives were killed at about ${text(value)}, by what the log calls "${series.name.slice(0, 80)}"`,
  from: 'log-digest',
  reproduce: showLines(fixedTextOf(series)),
});
