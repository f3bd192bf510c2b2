import type { Report } from '../../core/report.ts';
import type { Gathered } from '../../core/step.ts';
import { isoOf } from '../pod/times.ts';
import { killedEvidence } from './event-evidence.ts';
import { type LogFacts, type LogGot, logFacts } from './log-facts.ts';
import { etaBy, growthPart, workPart } from './log-report.ts';
import { workEvidence } from './work-evidence.ts';

type Parts = Pick<Report, 'growth' | 'eta' | 'work' | 'evidence'>;

/** What a report says of a pod or a process, with what its log tells of work, and of memory where nobody measured it. */
export function withLogs<P extends Parts>(parts: P, outcomes: Gathered['outcomes']): P & Parts {
  if (!outcomes['log-digest']?.ok) return parts;
  const got = Object.fromEntries(
    Object.entries(outcomes).flatMap(([key, outcome]) => (outcome?.ok ? [[key, outcome.value]] : [])),
  );
  const facts = logFacts(got as unknown as LogGot);
  if (facts === undefined) return parts;
  return {
    ...parts,
    ...growthWith(parts, facts),
    ...etaByLog(parts, facts),
    ...workPart(facts.judged),
    ...evidenceWith(parts, facts),
  };
}

function growthWith({ growth }: Parts, { judged }: LogFacts): Pick<Report, 'growth'> {
  return growth ? { growth: { ...growth, with: judged.growsWith } } : growthPart(judged);
}

/** What was said before a kill, where the container was killed, and what of the work. */
function evidenceWith({ evidence = [] }: Parts, facts: LogFacts): Pick<Report, 'evidence'> {
  const told = [...(facts.wasKilled ? killedEvidence(facts) : []), ...workEvidence(facts)];
  return told.length > 0 ? { evidence: [...evidence, ...told] } : {};
}

/** Only where memory was not measured: a number in a log is no better than that. */
function etaByLog({ eta }: Parts, { judged, limitBytes }: LogFacts): Pick<Report, 'eta'> {
  const at = judged.memory?.memory.lives.at(-1)?.at(-1)?.[0];
  if (eta?.status !== 'unknown' || judged.memory?.memory.from !== 'logs' || at === undefined) return {};
  const told = etaBy(judged, limitBytes);
  return told.status === 'estimated' ? { eta: { ...told, at: isoOf(at) } } : {};
}
