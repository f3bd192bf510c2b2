import type { LogDigest, LogLife } from '../../logs/log-digest.ts';
import type { NumberSeries } from '../../logs/number-series.ts';

/** It rose so often at least, on either side, to say whether it goes on. */
const FEWEST = 3;
/** A process that began anew counts from below this part of where it was. */
const ANEW_SHARE = 0.5;

/**
 * The same digest, where a log that was rotated is one life: its next file goes on where this one ends. Each file that is given begins a life of
 * the process when it is read; a number that only rises tells whether it did. Where one begins anew, or a start is told, or none says, nothing is joined.
 */
export function withJoinedLogs(digest: LogDigest): LogDigest {
  const joined = digest.lives.filter((life) => life.end === 'next-log' && goesOn(digest, life.life));
  if (joined.length === 0) return digest;
  const ends = joined.map(({ life }) => life);
  const lifeOf = (life: number): number => life - ends.filter((end) => end < life).length;
  const livesOf = (lives: readonly number[]): number[] => [...new Set(lives.map(lifeOf))];
  return {
    ...digest,
    series: digest.series.map((series) => ({ ...series, points: renumbered(series.points, lifeOf) })),
    templates: digest.templates.map((each) => ({ ...each, lives: livesOf(each.lives) })),
    events: { ...digest.events, groups: digest.events.groups.map((each) => ({ ...each, lives: livesOf(each.lives) })) },
    lives: joinedLives(digest.lives, lifeOf),
    ...(digest.tables ? { tables: renumbered(digest.tables, lifeOf) } : {}),
  };
}

function goesOn({ series, events }: LogDigest, life: number): boolean {
  if (events.groups.some(({ kind, lives }) => kind === 'started' && lives.includes(life + 1))) return false;
  const told = series.flatMap((each) => passage(each, life) ?? []);
  return told.includes('goes-on') && !told.includes('anew');
}

/** What a number that rises in both lives does between them. */
function passage({ unit, points }: NumberSeries, life: number): 'goes-on' | 'anew' | undefined {
  if (unit === 'seconds' || unit === 'percent') return undefined;
  const before = points.filter((point) => point.life === life).map(({ value }) => value);
  const after = points.filter((point) => point.life === life + 1).map(({ value }) => value);
  const [last, first] = [before.at(-1), after[0]];
  if (last === undefined || first === undefined || !onlyRises(before)) return undefined;
  if (first < last * ANEW_SHARE) return 'anew';
  const steps = [...stepsOf(before), ...stepsOf(after)];
  const isNext = first >= last && first - last <= Math.max(...steps) * 2;
  return onlyRises(after) && isNext ? 'goes-on' : undefined;
}

const stepsOf = (values: readonly number[]): number[] => values.slice(1).map((value, at) => value - values[at]!);

function onlyRises(values: readonly number[]): boolean {
  const steps = stepsOf(values);
  return steps.every((step) => step >= 0) && steps.filter((step) => step > 0).length >= FEWEST;
}

function joinedLives(lives: readonly LogLife[], lifeOf: (life: number) => number): LogLife[] {
  const joined: LogLife[] = [];
  for (const life of lives) {
    const [number, before] = [lifeOf(life.life), joined.at(-1)];
    if (before?.life !== number) joined.push({ ...life, life: number });
    else
      joined[joined.length - 1] = {
        ...before,
        ...life,
        life: number,
        firstLine: before.firstLine,
        firstAtUnixSeconds: before.firstAtUnixSeconds ?? life.firstAtUnixSeconds,
      };
  }
  return joined;
}

/** Plain data, in which every `life` has its new number. */
function renumbered<T>(data: T, lifeOf: (life: number) => number): T {
  const mapped = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(mapped);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        key === 'life' && typeof each === 'number' ? lifeOf(each) : mapped(each),
      ]),
    );
  };
  return mapped(data) as T;
}
