import type { Got } from '../../core/artifacts.ts';
import type { LogDigests } from '../../core/log-artifact.ts';
import type { Finding } from '../../core/report.ts';
import type { NumberSeries } from '../../logs/number-series.ts';
import { shellWord } from '../../util/shell-word.ts';
import { growingHolders } from '../growing-holders.ts';
import type { HolderCause } from '../holder-cause.ts';
import { ownLimitBytes } from '../pod/container-facts.ts';
import { endedByKill } from '../pod/container-lives.ts';
import { logCommand } from '../pod/kubectl.ts';
import { POD_USES, type PodGot } from '../pod/pod-artifacts.ts';
import { podFacts } from '../pod/pod-facts.ts';
import { sinceBaseline } from '../since-baseline.ts';
import { withJoinedLogs } from './joined-logs.ts';
import { type JudgedLog, judgeLog } from './judged-log.ts';
import { type AboutLog, type CausedFinding, logFindings } from './log-finding.ts';
import type { MemoryCourse } from './memory-course.ts';
import { type NumberSource, sourceOfNumber } from './number-source.ts';
import { withSites } from './site-finding.ts';
import { memoryInTables } from './table-memory.ts';

/** What is read besides the digest of a log, where it is there. */
export const LOG_USES = ['log-source', 'pods', ...POD_USES, 'heap-growth', 'source', 'baseline'] as const;
export type LogGot = Got<'log-digest', (typeof LOG_USES)[number]>;

/** What the log of the program that is diagnosed says. */
export interface LogFacts {
  readonly judged: JudgedLog;
  readonly findings: readonly CausedFinding[];
  readonly program: LogDigests['programs'][number];
  readonly limitBytes: number | undefined;
  /** Of a container: its last life was ended by a kill for memory. */
  readonly wasKilled: boolean;
  /** The command that shows the lines in which this text stands. */
  readonly showLines: AboutLog['showLines'];
}

const known = new WeakMap<LogDigests, { got: LogGot; facts: LogFacts | undefined }>();

/** Judged once for each gathering, asked by several detectors and the verdict; undefined where there is no log of it. */
export function logFacts(got: LogGot): LogFacts | undefined {
  const before = known.get(got['log-digest']);
  if (before && LOG_USES.every((key) => before.got[key] === got[key])) return before.facts;
  const facts = factsOf(got);
  known.set(got['log-digest'], { got, facts });
  return facts;
}

function factsOf(got: LogGot): LogFacts | undefined {
  const pod = isOfPods(got) ? podFacts(got) : undefined;
  const chosen = pod?.chosen;
  const { programs } = got['log-digest'];
  const read = pod
    ? programs.find((each) => each.pod === chosen?.pod.name && each.container === chosen?.container.name)
    : programs[0];
  if (read === undefined) return undefined;
  // A container's logs are one a life; files that are given may be one log that was rotated.
  const program = pod ? read : { ...read, digest: withJoinedLogs(read.digest) };
  const limitBytes = chosen ? ownLimitBytes(chosen) : got['memory-limit']?.limit?.bytes;
  const sourceOf = sourceFinder(got, program);
  const printed = memoryInTables(program.digest.tables);
  const measured = [...measuredOf(got), ...(printed ? [printed] : [])];
  const judged = judgeLog(program.digest.series, { measured, ...(sourceOf ? { sourceOf } : {}) });
  const ended = chosen?.lives.findLast(({ how }) => how !== 'running');
  const showLines = (text: string) => linesCommand(got, program, text);
  const findings = withSites(logFindings(judged, aboutLog(got, program, limitBytes)), { program, showLines });
  return {
    judged,
    findings,
    program,
    limitBytes,
    wasKilled: ended !== undefined && endedByKill(ended),
    showLines,
  };
}

const isOfPods = (got: LogGot): got is LogGot & PodGot => got.pods !== undefined;

/** The memory of the container, or of the process, the series that goes back furthest first. */
function measuredOf(got: LogGot): MemoryCourse[] {
  const series = isOfPods(got) ? podFacts(got).chosen?.series : undefined;
  if (series)
    return series
      .map(({ measure, source, lives }) => ({ from: source, meaning: measure, axis: 'time' as const, lives }))
      .sort((a, b) => b.lives.flat().length - a.lives.flat().length);
  const own = got['memory-series'];
  return own ? [{ from: 'memory-series', meaning: own.measure, axis: 'time', lives: [own.samples] }] : [];
}

function sourceFinder(
  got: LogGot,
  { digest }: LogFacts['program'],
): ((series: NumberSeries) => NumberSource | undefined) | undefined {
  const source = got['log-source'] ?? got.source;
  if (source === undefined || source.files.length === 0) return undefined;
  const templates = new Map(digest.templates.map((each) => [each.template, each]));
  return (series) => {
    const template = templates.get(series.template);
    return template && sourceOfNumber(source, { series, example: template.example, logger: template.logger });
  };
}

function aboutLog(got: LogGot, program: LogFacts['program'], limitBytes: number | undefined): AboutLog {
  const growth = got['heap-growth'];
  const heap = growth && growth.watched > 0 ? growth : undefined;
  return {
    source: got['log-source'] ?? got.source,
    limitBytes,
    showLines: (text) => linesCommand(got, program, text),
    heap: heap && {
      seconds: heap.seconds,
      leaking: growingHolders(heap, got.source, got['memory-series'], sinceBaseline(got))
        .filter(({ judgement }) => judgement === 'leaks')
        .map(({ holder }) => holder.name),
    },
  };
}

/** The command that shows the lines of the log that hold a text. */
function linesCommand(got: LogGot, { pod, container, sources }: LogFacts['program'], text: string): string {
  const previous = sources.every(({ name }) => name === 'previous');
  if (got.pods !== undefined && pod !== undefined && container !== undefined)
    return `${logCommand(got.pods, pod, container, previous)}${text === '' ? '' : ` | grep -F -e ${shellWord(text)}`}`;
  const files = sources.map(({ name }) => (name === '-' ? 'LOG' : shellWord(name))).join(' ');
  return text === '' ? `cat ${files}` : `grep -F -e ${shellWord(text)} ${files}`;
}

/** The findings of one cause, as a detector gives them. */
export const logFindingsOf = (got: LogGot, cause: HolderCause): Omit<Finding, 'cause'>[] =>
  (logFacts(got)?.findings ?? []).filter((finding) => finding.cause === cause);
