import type { Finding } from '../../core/report.ts';
import { median } from '../../stats/quantiles.ts';
import { bytesText } from '../../util/bytes.ts';
import { countText } from '../../util/count.ts';
import { grows, type JudgedNumber } from './judged-number.ts';
import type { LogFacts } from './log-facts.ts';

/** So many times what is usual, told among the last of a life that was killed. */
const MUCH = 8;
const LAST = 3;
const FEWEST = 10;

/**
 * One item of work that was much larger than usual right before a kill: by the sizes that a log tells again and again, where no number in it grows
 * without end and memory was not seen to.
 */
export function spikeFindings(facts: LogFacts): Omit<Finding, 'cause'>[] {
  if (facts.judged.memory?.does === 'grow' || facts.judged.suspects.some(({ confidence }) => confidence !== 'low'))
    return [];
  const killed = killedLives(facts);
  const found = facts.judged.numbers.flatMap((number) => killed.flatMap((life) => spikeIn(number, life, killed) ?? []));
  return found
    .sort((a, b) => b.times - a.times)
    .slice(0, 1)
    .map((spike) => findingOf(facts, spike));
}

/** The lives that ended with a kill, by the log or by the status of its container. */
function killedLives({ program, wasKilled }: LogFacts): number[] {
  const { lives } = program.digest;
  const told = lives.filter(({ end }) => end === 'kill').map(({ life }) => life);
  const previous = lives.filter(({ end }) => end === 'next-log').at(-1)?.life;
  return wasKilled && previous !== undefined ? [...new Set([...told, previous])] : told;
}

interface Spike {
  readonly number: JudgedNumber;
  readonly value: number;
  readonly usual: number;
  readonly times: number;
}

function spikeIn(number: JudgedNumber, life: number, killed: readonly number[]): Spike | undefined {
  const { series, worded } = number;
  const isSize = series.unit === 'bytes' || series.unit === 'count';
  if (!isSize || grows(number) || number.role === 'label' || worded.is === 'memory') return undefined;
  const usual = median(series.points.map(({ value }) => value)) ?? 0;
  const ofLife = (of: number) => series.points.filter((point) => point.life === of).slice(-LAST);
  const last = Math.max(0, ...ofLife(life).map(({ value }) => value));
  // Each kill may have come after such a one.
  const beforeKills = new Set(killed.flatMap(ofLife));
  const before = Math.max(0, ...series.points.filter((point) => !beforeKills.has(point)).map(({ value }) => value));
  if (series.count < FEWEST || !(usual > 0) || last < MUCH * usual || last <= before) return undefined;
  return { number, value: last, usual, times: last / usual };
}

function findingOf(
  { showLines }: LogFacts,
  { number: { series }, value, usual, times }: Spike,
): Omit<Finding, 'cause'> {
  const text = series.unit === 'bytes' ? bytesText : countText;
  const said = `"${series.template.replaceAll('<*>', '…').slice(0, 120)}"`;
  const longest = series.template.split('<*>').reduce((a, b) => (b.trim().length > a.trim().length ? b : a));
  return {
    confidence: { level: 'medium', value: null, basis: 'rule' },
    summary: `Right before a kill the log says ${said} with ${text(value)}, ${countText(times)} times as much as usual: one large piece of work may have reached the limit.`,
    places: [],
    evidence: [
      {
        says: `Of ${countText(series.count)} such numbers the median is ${text(usual)}; the largest, ${text(value)}, is among the last of a life that was killed.`,
        from: 'log-digest',
        reproduce: showLines(longest.trim()),
      },
    ],
    fix: {
      summary: 'do large work in parts, and bound what one piece of it may be.',
      advice: ['Look at what that piece of work was: the last lines before the kill name it.'],
    },
  };
}
