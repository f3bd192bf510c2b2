import type { About } from '../core/diagnose.ts';
import type { LogDigests } from '../core/log-artifact.ts';
import type { Finding } from '../core/report.ts';
import type { Gathered } from '../core/step.ts';
import { bytesText } from '../util/bytes.ts';
import { plural, timesText } from './amounts.ts';
import { eventEvidence } from './logs/event-evidence.ts';
import type { JudgedLog } from './logs/judged-log.ts';
import { etaInLog } from './logs/log-eta.ts';
import { type LogFacts, type LogGot, logFacts } from './logs/log-facts.ts';
import { growthPart, workPart } from './logs/log-report.ts';
import { workEvidence } from './logs/work-evidence.ts';

type Judgement = ReturnType<About['judge']>;

/** What logs alone add up to. */
export function judgeLogs(outcomes: Gathered['outcomes'], findings: readonly Finding[]): Judgement {
  const digest = outcomes['log-digest'];
  if (!digest?.ok) return { verdict: 'undecided', headline: 'The logs could not be read.' };
  const facts = logFacts(gotFrom(outcomes));
  if (facts === undefined) return { verdict: 'undecided', headline: readText(digest.value) };
  const told = etaInLog(facts);
  return {
    ...rulingOn(facts, findings, digest.value),
    ...growthPart(facts.judged),
    ...(told ? { eta: told.eta } : {}),
    ...workPart(facts.judged),
    evidence: [...(told ? [told.evidence] : []), ...eventEvidence(facts), ...workEvidence(facts)],
  };
}

/** What was gathered, as detectors see it. */
const gotFrom = (outcomes: Gathered['outcomes']): LogGot =>
  Object.fromEntries(
    Object.entries(outcomes).flatMap(([key, outcome]) => (outcome?.ok ? [[key, outcome.value]] : [])),
  ) as unknown as LogGot;

function rulingOn(
  { judged, program }: LogFacts,
  findings: readonly Finding[],
  digest: LogDigests,
): Pick<Judgement, 'verdict' | 'headline'> {
  const kills = program.digest.lives.filter(({ end }) => end === 'kill').length;
  const told = [killedText(kills), memoryText(judged)].filter((each) => each !== undefined).join(' ');
  const leak = findings.find(({ holder }) => holder?.growth !== undefined);
  if (leak) return { verdict: 'leak', headline: joined(leak.summary, told) };
  const lead = findings.find(({ confidence }) => confidence.level !== 'low') ?? findings[0];
  const isRisk = kills > 0 || (judged.memory?.does === 'grow' && !isWarming(judged));
  if (lead) return { verdict: isRisk ? 'oom-risk' : 'undecided', headline: joined(lead.summary, told) };
  if (kills > 0 || judged.memory?.does === 'grow')
    return {
      verdict: isRisk ? 'oom-risk' : 'undecided',
      headline: joined(told, 'No number in the log says what holds it.'),
    };
  return { verdict: 'undecided', headline: joined(told, readText(digest)) };
}

/** Memory that grew for a minute only, in one life, may have been loading. */
const isWarming = ({ memory }: JudgedLog): boolean => {
  if ((memory?.memory.lives.length ?? 0) > 1) return false;
  const life = memory?.memory.lives.at(-1);
  return memory?.memory.axis === 'time' && life !== undefined && life.length > 0 && life.at(-1)![0] - life[0]![0] < 60;
};

const killedText = (kills: number): string | undefined =>
  kills === 0 ? undefined : `The log tells ${timesText(kills)} of a process that was killed.`;

/** Memory as the log tells it, and what that is. */
function memoryText({ memory }: JudgedLog): string | undefined {
  if (memory === undefined || memory.memory.from !== 'logs') return undefined;
  const life = memory.memory.lives.at(-1) ?? [];
  const [first, last] = [life[0]?.[1] ?? 0, life.at(-1)?.[1] ?? 0];
  const does =
    memory.does === 'grow'
      ? `went from ${bytesText(first)} to ${bytesText(last)}`
      : memory.does === 'stand-still'
        ? `stays at ${bytesText(last)}`
        : undefined;
  return does && `By the log's own numbers (${memory.memory.meaning}) memory ${does}.`;
}

function readText({ programs }: LogDigests): string {
  const lines = programs.reduce((sum, { digest }) => sum + digest.lines, 0);
  if (lines === 0) return 'There are no lines in the logs.';
  const series = programs.flatMap(({ digest }) => digest.series).length;
  return `Of ${plural(lines, 'line')} with ${plural(series, 'number')} none says what holds memory: look at the process, or give its memory with them.`;
}

const joined = (...sentences: readonly string[]): string => sentences.filter((each) => each !== '').join(' ');
