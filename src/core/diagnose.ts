import type { Key } from './artifacts.ts';
import type { AnyDetector } from './detector.ts';
import { kubeArtifactSchemas } from './kube-artifacts.ts';
import { type Outcome, type Problem, problemOf } from './problem.ts';
import type { Finding, Report } from './report.ts';
import type { Gathered } from './step.ts';

type Outcomes = Gathered['outcomes'];
type Unknown = Report['unknown'][number];
type Judgement = Pick<
  Report,
  | 'verdict'
  | 'headline'
  | 'evidence'
  | 'limit'
  | 'usage'
  | 'growth'
  | 'eta'
  | 'breakdown'
  | 'breakdownOf'
  | 'compared'
  | 'kills'
  | 'restarts'
  | 'pods'
> &
  Partial<Pick<Report, 'series'>>;

/** What a report says besides what was found. */
export interface About {
  readonly tool: string;
  /** When the gathering ended (ISO 8601, UTC), as recorded: judging reads no clock. */
  readonly collectedAt: string;
  readonly target: Report['target'];
  readonly judge: (outcomes: Outcomes, findings: readonly Finding[]) => Judgement;
}

/** The report on what was gathered. Pure: the same gathering gives the same report, live or from a case. */
export function diagnose(gathered: Gathered, detectors: readonly AnyDetector[], about: About): Report {
  const { outcomes } = gathered;
  const runs = detectors.filter((detector) => concerns(detector, outcomes)).map((detector) => run(detector, outcomes));
  const findings = runs.flatMap((each) => each.findings).sort(byBytesExplained);
  const processes = processesOf(outcomes);
  const { series = [], ...judgement } = about.judge(outcomes, findings);
  return {
    version: 1,
    tool: about.tool,
    collectedAt: about.collectedAt,
    target: about.target,
    ...judgement,
    series: outcomes.pods ? series : [...seriesOf(outcomes), ...series],
    ...(processes ? { processes } : {}),
    ...unusualCollector(outcomes),
    findings,
    unknown: merge([...failures(outcomes), ...lacks(outcomes), ...runs.flatMap((each) => each.unknown)]),
    steps: gathered.steps.map((step) => ({ ...step, ...wentHow(outcomes[step.key]) })),
  };
}

/** Of a process nobody asks for pods, of pods nobody asks for the files of a process, of logs for nothing else: what was not tried there is not missed. */
function concerns({ needs }: AnyDetector, outcomes: Outcomes): boolean {
  const isPod = outcomes.pods !== undefined;
  const isLogs = !isPod && outcomes.processes === undefined && outcomes['log-digest'] !== undefined;
  const belongs = (key: Key) => !isLogs && !LOG_KEYS.includes(key) && key in kubeArtifactSchemas === isPod;
  return (needs as Key[]).every((key) => outcomes[key] !== undefined || belongs(key));
}

/** Made from logs, whether they are a pod's or files. */
const LOG_KEYS: readonly Key[] = ['log-digest', 'log-source'];

function run(detector: AnyDetector, outcomes: Outcomes): { findings: Finding[]; unknown: Unknown[] } {
  const missing = (detector.needs as Key[]).filter((key) => !outcomes[key]?.ok);
  if (missing.length > 0) {
    return { findings: [], unknown: missing.map((key) => unknownOf(key, outcomes[key], [detector.id])) };
  }
  try {
    const found = detector.detect(gotFor(detector, outcomes) as never);
    return { findings: found.map((finding) => ({ cause: detector.id, ...finding })), unknown: [] };
  } catch (thrown) {
    const problem = { ...problemOf(thrown), code: 'broken' as const };
    return { findings: [], unknown: [{ needed: detector.id, by: [detector.id], problem }] };
  }
}

function gotFor(detector: AnyDetector, outcomes: Outcomes): Record<string, unknown> {
  const got: Record<string, unknown> = {};
  for (const key of [...detector.needs, ...(detector.uses ?? [])] as Key[]) {
    const outcome = outcomes[key];
    if (outcome?.ok) got[key] = outcome.value;
  }
  return got;
}

/** Whatever could not be gathered is said, even where no detector misses it. */
function failures(outcomes: Outcomes): Unknown[] {
  return (Object.keys(outcomes) as Key[])
    .filter((key) => !outcomes[key]?.ok)
    .map((key) => unknownOf(key, outcomes[key], []));
}

/** What is missing although the step that wanted it went well without. */
function lacks({ pods }: Outcomes): Unknown[] {
  const missing = pods?.ok ? pods.value.workloadMissing : undefined;
  return missing ? [{ needed: 'workload', by: [], problem: asReported(missing) }] : [];
}

function unknownOf(key: Key, outcome: Outcome<unknown> | undefined, by: string[]): Unknown {
  if (!outcome || outcome.ok)
    return { needed: key, by, problem: { code: 'absent', message: `${key} was not gathered` } };
  return { needed: outcome.root ?? key, by, problem: asReported(outcome.problem) };
}

const asReported = ({ code, message, hint }: Problem): Unknown['problem'] =>
  hint === undefined ? { code, message } : { code, message, hint };

/** One entry for each thing that was needed, with all that miss it. */
function merge(all: readonly Unknown[]): Unknown[] {
  const merged = new Map<string, Unknown>();
  for (const { needed, by, problem } of all) {
    const known = merged.get(needed);
    merged.set(needed, { needed, by: [...new Set([...(known?.by ?? []), ...by])], problem: known?.problem ?? problem });
  }
  return [...merged.values()];
}

function byBytesExplained(a: Finding, b: Finding): number {
  return (b.explainsBytesPerSecond ?? 0) - (a.explainsBytesPerSecond ?? 0) || heldBy(b) - heldBy(a);
}

const heldBy = ({ holder }: Finding): number => (holder ? holder.retainedBytes + holder.sharedBytes : 0);

/** Of a collector that runs as usual nobody needs to hear. */
function unusualCollector({ heap, 'heap-growth': growth }: Outcomes): Pick<Report, 'collector'> {
  const looks = [growth?.ok ? growth.value.second : undefined, heap?.ok ? heap.value : undefined];
  const found = looks.find((look) => look?.collector !== undefined)?.collector;
  if (found === undefined) return {};
  const { enabled, frozen = 0, garbage } = found;
  return enabled && frozen === 0 && garbage === 0 ? {} : { collector: { enabled, frozen, garbage } };
}

function wentHow(outcome: Outcome<unknown> | undefined): { ok: boolean; ms: number } {
  return { ok: outcome?.ok ?? false, ms: outcome?.ms ?? 0 };
}

function seriesOf(outcomes: Outcomes): Report['series'] {
  const outcome = outcomes['memory-series'];
  if (!outcome?.ok) return [];
  const { pid, measure, source, samples, rss } = outcome.value;
  const counted = { pid, measure, source, lives: [samples] };
  if (measure === 'rss' || rss.length === 0) return [counted];
  return [counted, { pid, measure: 'rss', source: 'process', lives: [rss] }];
}

function processesOf(outcomes: Outcomes): Report['processes'] {
  const outcome = outcomes.processes;
  if (!outcome?.ok) return undefined;
  const { tree, chosenPid } = outcome.value;
  const read = outcomes.heap?.ok ?? false;
  return tree.map(({ pid, command, python, rssBytes }) => ({
    pid,
    command,
    ...(python?.version === undefined ? {} : { python: python.version }),
    rssBytes,
    read: read && pid === chosenPid,
  }));
}
