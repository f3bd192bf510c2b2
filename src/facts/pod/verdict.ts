import type { About } from '../../core/diagnose.ts';
import { SIGKILL_EXIT_CODE } from '../../core/kube-artifacts.ts';
import type { Problem } from '../../core/problem.ts';
import type { CauseId, Finding, Verdict } from '../../core/report.ts';
import type { Gathered } from '../../core/step.ts';
import { bytesText } from '../../util/bytes.ts';
import { secondsText } from '../../util/duration.ts';
import { breakdownOf } from '../breakdown.ts';
import { withLogs } from '../logs/with-logs.ts';
import { leaking as leakingProcess } from '../process-verdict.ts';
import { healthy as healthyProcess } from '../quiet.ts';
import { filling } from '../unexplained-growth.ts';
import { type Facts, factsOf } from '../verdict-facts.ts';
import type { ContainerFacts } from './container-facts.ts';
import { afterText } from './container-lives.ts';
import { isOtherEviction, nodeShortage } from './eviction.ts';
import { atText, expectedText, nextSentence, noLimitText } from './headline.ts';
import { insideKill } from './inside-kill.ts';
import { killSentence } from './kill-text.ts';
import { isRestless, isSteady, unseenText, usedText } from './memory-course.ts';
import { neverRan } from './never-ran.ts';
import { ageOf, type Outlook, outlookOf } from './outlook.ts';
import type { PodGot } from './pod-artifacts.ts';
import { type PodFacts, podFacts } from './pod-facts.ts';
import { comparedText } from './pods-compared.ts';
import { reportParts } from './report-parts.ts';
import { rolloutText } from './rollout-start.ts';
import { whatWouldDecide } from './undecided.ts';
import { verdictEvidence } from './verdict-evidence.ts';
import { lastEnding } from './why-ended.ts';

type Judgement = ReturnType<About['judge']>;
type Outcomes = Gathered['outcomes'];
interface Ruling {
  readonly verdict: Verdict;
  readonly headline: string;
}

/** What the API's answers add up to, with what was seen in the pod: a holder is named there alone, so the API by itself never says `leak`. */
export function judgePods(outcomes: Outcomes, findings: readonly Finding[]): Judgement {
  const { pods } = outcomes;
  if (!pods?.ok) return { verdict: 'undecided', headline: `The pods could not be read: ${sentence(pods?.problem)}` };
  const got = Object.fromEntries(
    Object.entries(outcomes).flatMap(([key, outcome]) => (outcome?.ok ? [[key, outcome.value]] : [])),
  ) as unknown as PodGot;
  const facts = podFacts(got);
  const outlook = facts.chosen && outlookOf(facts, facts.chosen);
  const inside = factsOf(outcomes);
  return {
    ...rulingOn(facts, outlook, { outcomes, findings, inside }),
    ...verdictEvidence(facts, findings),
    ...withLogs(reportParts(facts, outlook), outcomes),
    ...breakdownOf(inside),
  };
}

const sentence = (problem: Problem | undefined): string =>
  `${(problem?.message ?? 'they were not asked for').replace(/\.\s*$/, '')}.`;

interface Known {
  readonly outcomes: Outcomes;
  readonly findings: readonly Finding[];
  /** What was seen of the process in the pod: nothing where nobody went there. */
  readonly inside: Facts;
}

function rulingOn(facts: PodFacts, outlook: Outlook | undefined, about: Known): Ruling {
  const { chosen } = facts;
  if (chosen === undefined || outlook === undefined) return { verdict: 'undecided', headline: nothingText(facts) };
  return (
    leaking(facts, chosen, outlook, about) ??
    explained(facts, chosen, outlook, about) ??
    killed(facts, chosen, outlook, about) ??
    growing(facts, chosen, outlook, about) ??
    elsewhere(facts) ??
    notRunning(facts, chosen) ??
    insideKilled(facts, chosen, about) ??
    notOom(chosen, about) ??
    healthy(facts, chosen, about) ?? { verdict: 'undecided', headline: whatWouldDecide(facts, chosen, about.outcomes) }
  );
}

function nothingText({ where: { workload, chosen } }: PodFacts): string {
  if (chosen) return `The container "${chosen.container}" of ${chosen.pod} is in none of its readings.`;
  const wanted = workload.replicas?.wanted;
  const why = wanted === 0 ? ': it is scaled to 0' : '';
  return `${workload.reference} has no pods${why}, so there is nothing to look at: see its events with kubectl describe.`;
}

/** A heap that was read in the pod names the holder; the API knows what comes of it. */
function leaking(facts: PodFacts, of: ContainerFacts, outlook: Outlook, known: Known): Ruling | undefined {
  const ruling = leakingProcess(known.inside, known.findings);
  if (ruling === undefined) return undefined;
  const kill = killSentence(facts, of);
  const headline = joined(
    ruling.headline,
    nextSentence(facts, of, outlook),
    noLimitText(of),
    kill && `It was ${kill}.`,
    comparedText(facts),
    rolloutText(facts),
  );
  return { verdict: 'leak', headline };
}

/** Causes that say why it was killed, or will be; the surest first. */
const RISKS: readonly CauseId[] = ['node-pressure', 'limit-too-low', 'shared-memory', 'memory-spike'];

function explained(facts: PodFacts, of: ContainerFacts, outlook: Outlook, { findings }: Known): Ruling | undefined {
  const finding = RISKS.flatMap((cause) => findings.filter((each) => each.cause === cause))[0];
  const other = of.kills.length === 0 ? findings.find(({ cause }) => cause === 'other-container') : undefined;
  const first = finding ?? other;
  if (first === undefined) return undefined;
  // That the node is short of memory now is no reason for what was seen before.
  if (
    first.confidence.level === 'low' &&
    first.cause === 'node-pressure' &&
    (of.kills.length > 0 || of.trend?.shape === 'grows')
  )
    return undefined;
  const again =
    first.cause === 'limit-too-low' && outlook.startsAgain !== undefined ? expectedText(facts, of, outlook) : '';
  const shortage = nodeShortage(facts, of);
  const isOther = first.cause === 'node-pressure' && shortage !== undefined && isOtherEviction(shortage);
  return { verdict: isOther ? 'undecided' : 'oom-risk', headline: joined(first.summary, again, comparedText(facts)) };
}

function killed(facts: PodFacts, of: ContainerFacts, outlook: Outlook, known: Known): Ruling | undefined {
  const kill = killSentence(facts, of);
  if (kill === undefined) return undefined;
  const holder = outlook.growth && outlook.growth.rate.low > 0 ? holderText(known) : undefined;
  const headline = joined(
    `${kill}.`,
    expectedText(facts, of, outlook),
    comparedText(facts),
    rolloutText(facts),
    holder,
  );
  return { verdict: 'oom-risk', headline };
}

/** A process younger than this may still load what it then keeps for good. */
const YOUNG_SECONDS = 60;
/** A limit that is met sooner than this is met whatever the growth is for. */
const SOON_SECONDS = 600;

/** What the heap, or else the log, said of that which grows, where no finding names it. */
function holderText({ outcomes: { heap, 'heap-growth': growth }, inside, findings }: Known): string {
  const logged = heap?.ok ? undefined : findings.find(({ evidence }) => evidence[0]?.from === 'log-digest');
  if (logged) return `By its log: ${logged.summary}`;
  if (heap === undefined) return 'What holds it is not known from the API alone.';
  if (!heap.ok) return 'What holds it is not known: see "Not checked" for why the heap was not read.';
  const fills = filling(inside);
  if (fills) return fills.headline;
  if (growth?.ok && growth.value.watched > 0) return 'No Python container was seen to grow along with it.';
  const suspect = findings.find(({ holder }) => holder !== undefined);
  return suspect ? `The heap was read once: ${suspect.summary}` : 'The heap was read once, which shows no growth.';
}

function growing(facts: PodFacts, of: ContainerFacts, outlook: Outlook, known: Known): Ruling | undefined {
  if (of.trend?.shape !== 'grows' || of.trend.slope === undefined) return undefined;
  const young = (ageOf(of, facts.now) ?? YOUNG_SECONDS) < YOUNG_SECONDS;
  const soon = outlook.nextKill !== undefined && outlook.nextKill.value < SOON_SECONDS;
  const rate = `Memory grows ${bytesText(of.trend.slope.slope)}/s${atText(of)}`;
  if (young && !soon) {
    const age = secondsText(ageOf(of, facts.now)!);
    return {
      verdict: 'undecided',
      headline: `${rate}, but it started ${age} ago and may still be loading: look again in a few minutes.`,
    };
  }
  const headline = joined(
    `${rate}.`,
    nextSentence(facts, of, outlook),
    noLimitText(of),
    comparedText(facts),
    holderText(known),
  );
  return { verdict: 'oom-risk', headline };
}

/** Not the pod that was looked at, but another one of the workload. */
function elsewhere(facts: PodFacts): Ruling | undefined {
  const [worst] = facts.others
    .filter((other) => other.kills.length > 0 || other.trend?.shape === 'grows')
    .sort((a, b) => (b.kills.at(-1)?.endedAt ?? 0) - (a.kills.at(-1)?.endedAt ?? 0) || slopeOf(b) - slopeOf(a));
  if (worst === undefined) return undefined;
  const kill = killSentence(facts, worst);
  const did = kill === undefined ? `grows ${bytesText(slopeOf(worst))}/s${atText(worst)}` : `was ${kill}`;
  const headline = joined(
    `Not this pod, but ${worst.pod.name} ${did}.`,
    comparedText(facts),
    `Look at it: whyoom pod/${worst.pod.name}.`,
  );
  return { verdict: 'oom-risk', headline };
}

const slopeOf = ({ trend }: ContainerFacts): number => trend?.slope?.slope ?? 0;

function notRunning(facts: PodFacts, of: ContainerFacts): Ruling | undefined {
  const never = neverRan(facts, of);
  return never && { verdict: 'undecided', headline: `Nothing has run yet: ${never.why}. To do: ${never.next}.` };
}

/**
 * No container was OOM killed, but something in this one was, by its own word. Of a life that has ended otherwise nobody knows
 * what for: its own supervisor kills a worker that hangs, too.
 */
function insideKilled(facts: PodFacts, of: ContainerFacts, { findings }: Known): Ruling | undefined {
  const inside = insideKill(facts, of);
  if (inside === undefined) return undefined;
  const ended = findings.some(({ cause }) => cause === 'killed-not-oom') ? lastEnding(facts, of) : undefined;
  if (ended === undefined) {
    const first = `The status knows of no OOM kill${atText(of)}, and would not of one inside the container.`;
    return { verdict: 'oom-risk', headline: joined(first, inside.text) };
  }
  const first = `The status knows of no OOM kill: it ${ended.did}${afterText(ended.life)}.`;
  if (inside.isForMemory || ended.life.exitCode === SIGKILL_EXIT_CODE)
    return { verdict: 'oom-risk', headline: joined(first, inside.text) };
  return { verdict: 'undecided', headline: joined(first, inside.text, 'Whether for lack of memory, nobody says.') };
}

/** It ends or is killed, and memory is not why. */
function notOom(of: ContainerFacts, { findings }: Known): Ruling | undefined {
  const finding = findings.find(({ cause }) => cause === 'killed-not-oom');
  if (finding === undefined) return undefined;
  const memory = isSteady(of) ? ` Memory is at ${usedText(of)} and does not grow.` : '';
  return { verdict: 'undecided', headline: `${finding.summary}${memory}` };
}

/** Looked at for so long, with four new numbers, nothing killed or restarted, in no container of the pod. */
const LONG_ENOUGH_SECONDS = 30;

function healthy(facts: PodFacts, of: ContainerFacts, { outcomes, findings, inside }: Known): Ruling | undefined {
  // Of a heap that was watched, less time tells more.
  const leastSeconds = healthyProcess(inside, findings) ? 0 : LONG_ENOUGH_SECONDS;
  if (!isSteady(of) || isRestless(of) || of.trend!.seconds < leastSeconds || of.isGone || outcomes.events?.ok !== true)
    return undefined;
  if (
    [of, ...facts.beside].some(
      ({ container, lives }) =>
        container.restarts > 0 || lives.some(({ how }) => how === 'error' || how === 'oom-kill'),
    )
  )
    return undefined;
  const settled = findings.find(({ cause }) => cause === 'warm-up');
  const course =
    settled?.summary ??
    `Nothing grows: memory stays at ${usedText(of)} over ${secondsText(of.trend!.seconds)}, and nothing was restarted.`;
  return { verdict: 'healthy', headline: joined(course, unseenText(of)) };
}

const joined = (...sentences: readonly (string | undefined)[]): string =>
  sentences.filter((each) => each !== undefined && each !== '').join(' ');
