import type { Evidence, Finding } from '../../core/report.ts';
import { plural } from '../amounts.ts';
import { type LogErrors, logErrors } from '../log-errors.ts';
import { logEvidence } from '../log-evidence.ts';
import { workersAlike } from '../other-processes.ts';
import { runThere } from '../process-place.ts';
import { endpointEvidence } from './endpoint-evidence.ts';
import { memoryEvidence } from './finding-parts.ts';
import { killEvidence, limitEvidence } from './kill-text.ts';
import { logCommand } from './kubectl.ts';
import type { PodFacts } from './pod-facts.ts';

/** Messages from logs that are told one by one; all are counted. */
const MOST_MESSAGES = 3;

/** What the verdict rests on: how the last life ended, the limit, memory, and what the logs say. Not what a finding says already. */
export function verdictEvidence(facts: PodFacts, findings: readonly Finding[]): { evidence?: Evidence[] } {
  const { chosen } = facts;
  if (chosen === undefined) return {};
  const said = new Set(findings.flatMap(({ evidence }) => evidence.map(({ says }) => says)));
  const ended = chosen.kills.length > 0 ? killEvidence(facts, chosen) : limitEvidence(facts, chosen);
  const evidence = [
    ...ended,
    ...memoryEvidence(facts, chosen),
    ...workers(facts),
    ...endpointEvidence(facts.got.endpoints, facts.where),
    ...logsSay(facts),
  ].filter(({ says }) => !said.has(says));
  return evidence.length > 0 ? { evidence } : {};
}

function workers({ got }: PodFacts): Evidence[] {
  const says = workersAlike(got.processes);
  return says === undefined
    ? []
    : [{ says, from: 'processes', reproduce: runThere(got, 'grep -s VmRSS /proc/[0-9]*/status') }];
}

function logsSay({ got, where, chosen }: PodFacts): Evidence[] {
  if (got.logs === undefined || chosen === undefined) return [];
  const errors = logErrors(got.logs);
  const told = logEvidence(errors, where, { kinds: ['killed', 'out-of-memory', 'error'], most: MOST_MESSAGES });
  const says = countsText(errors);
  if (says === undefined) return told;
  const previous = errors.groups.every((group) => group.previous);
  const reproduce = logCommand(where, chosen.pod.name, chosen.container.name, previous);
  return [{ says, from: 'logs', reproduce }, ...told];
}

/** `The logs hold 12 errors and 3 warnings.` */
function countsText({ counts }: LogErrors): string | undefined {
  const errors = counts.killed + counts['out-of-memory'] + counts.error;
  const parts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(counts.warning > 0 ? [plural(counts.warning, 'warning')] : []),
  ];
  return parts.length > 0 ? `The logs that were read hold ${parts.join(' and ')}.` : undefined;
}
