import { bytesRangeText, bytesText } from '../../util/bytes.ts';
import { secondsRangeText, secondsText } from '../../util/duration.ts';
import { type ContainerFacts, ownLimitBytes } from './container-facts.ts';
import { usedText } from './memory-course.ts';
import { ageOf, type Outlook } from './outlook.ts';
import type { PodFacts } from './pod-facts.ts';
import type { StartsAgain } from './restart-delay.ts';
import { clockText } from './times.ts';

/** `Grows 3.4 MiB/s; next kill in 21 s (17–26 s).` What is to be expected of a container that was killed, or grows. */
export const expectedText = (facts: PodFacts, of: ContainerFacts, outlook: Outlook): string =>
  sentenceOf([growsText(outlook), nextText(facts, of, outlook)]);

/** `Next kill in 21 s (17–26 s).` */
export const nextSentence = (facts: PodFacts, of: ContainerFacts, outlook: Outlook): string =>
  sentenceOf([nextText(facts, of, outlook)]);

function sentenceOf(parts: readonly (string | undefined)[]): string {
  const text = parts.filter((each) => each !== undefined).join('; ');
  return text === '' ? '' : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

const UNEVEN =
  'it uses far less than steady growth would have taken by now, so it was a burst, or growth that comes late';

/** Growth that was not measured is said to be judged by the lives. */
function growsText({ growth, isUneven, isQuiet }: Outlook): string | undefined {
  if (growth === undefined || growth.rate.low <= 0) return isUneven && !isQuiet ? UNEVEN : undefined;
  const { value, low, high } = growth.rate;
  if (growth.by === 'samples') return `grows ${bytesText(value)}/s`;
  return `judged by how long it lives it grows about ${bytesText(value)}/s (${bytesRangeText(low, high)}/s)`;
}

function nextText(facts: PodFacts, of: ContainerFacts, outlook: Outlook): string | undefined {
  const { nextKill, startsAgain, isQuiet } = outlook;
  const again = startsAgain && startText(startsAgain, facts.now);
  const kill = nextKill && `next kill in ${secondsRangeText(nextKill.value, nextKill.low, nextKill.high)}`;
  if (again ?? kill) return [again, kill].filter((each) => each !== undefined).join('; ');
  return isQuiet ? quietText(facts, of, outlook) : overText(of);
}

function startText({ earliest, latest }: StartsAgain, now: number): string {
  if (latest <= now) return 'it is about to start again';
  return `it starts again ${earliest === latest ? 'at' : 'by'} about ${clockText(latest, now)}`;
}

/** A life that goes on for longer than those that were killed. */
function quietText(facts: PodFacts, of: ContainerFacts, { life }: Outlook): string | undefined {
  const age = ageOf(of, facts.now);
  const used = usedText(of);
  const stands = used === undefined ? '' : `, and memory is at ${used}`;
  if (age === undefined || life === undefined) return undefined;
  return age > life.high
    ? `quiet now: it runs for ${secondsText(age)} since, longer than before its kill${stands}`
    : `quiet now: it runs for ${secondsText(age)} since${stands} and does not grow`;
}

function overText({ isGone, pod, container: { state } }: ContainerFacts): string | undefined {
  if (isGone) return 'the pod is gone now';
  if (state.is !== 'terminated') return undefined;
  return pod.phase === 'Failed' || pod.phase === 'Succeeded' ? 'the pod has ended and is not started again' : undefined;
}

/** `, at 118 of 128 MiB` */
export const atText = (of: ContainerFacts): string => {
  const used = usedText(of);
  return used === undefined ? '' : `, at ${used}`;
};

export const noLimitText = (of: ContainerFacts): string =>
  ownLimitBytes(of) === undefined ? 'It has no limit: it grows until its node runs out.' : '';
