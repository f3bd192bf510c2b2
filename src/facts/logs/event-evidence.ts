import type { Evidence } from '../../core/report.ts';
import type { LogEvent } from '../../logs/log-events.ts';
import { plural, timesText } from '../amounts.ts';
import { type DyingWords, dyingWords } from './dying-lives.ts';
import type { LogFacts } from './log-facts.ts';

const GRAVE: readonly LogEvent['kind'][] = ['killed', 'out-of-memory', 'worker-timeout'];
const MOST_EVENTS = 3;
const MOST_DYING = 2;
const LAST_MESSAGES = 3;

/** Of files of logs: kills, memory and time-outs of workers, the last lines before a kill, and what is said only in lives that are killed. */
export function eventEvidence({ program, showLines }: Pick<LogFacts, 'program' | 'showLines'>): Evidence[] {
  const { digest } = program;
  const grave = digest.events.groups.filter(({ kind }) => GRAVE.includes(kind)).slice(0, MOST_EVENTS);
  const events = grave.map((event) => ({ says: eventText(event), find: event.shape }));
  const dying = dyingWords(digest)
    .slice(0, MOST_DYING)
    .map((words) => ({ says: dyingText(words), find: words.template.template }));
  // What is shown of it where there is little room: the gravest, and what points to its reason.
  const says = [...events.slice(0, 1), ...dying, ...lastWords(program), ...events.slice(1)];
  return says.map(({ says, find }) => ({ says, from: 'log-digest', reproduce: showLines(fixedOf(find)) }));
}

/** `the log says 3 times, last at 2026-11-22 19:09:51 UTC: Worker (pid:12) was sent SIGKILL!` */
function eventText({ count, example, lastAtUnixSeconds: at, lastLine }: LogEvent): string {
  const last = at === undefined ? `in line ${lastLine + 1}` : `at ${timeText(at)}`;
  return `the log says ${count === 1 ? last : `${timesText(count)}, last ${last}`}: ${example}`;
}

const timeText = (unixSeconds: number): string =>
  `${new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function lastWords({ digest }: LogFacts['program']): { says: string; find: string }[] {
  const life = digest.lives.findLast(({ end }) => end === 'kill');
  const messages = life?.lastMessages.filter((message) => message !== '').slice(-LAST_MESSAGES) ?? [];
  if (messages.length === 0) return [];
  return [{ says: `the last lines before the kill: ${messages.join(' | ')}`, find: messages.at(-1)! }];
}

const dyingText = ({ template: { example }, killedLives, ofKilledLives, otherLives }: DyingWords): string =>
  `said in ${killedLives} of ${ofKilledLives} ${ofKilledLives === 1 ? 'life that was' : 'lives that were'} killed, and in none of ${plural(otherLives, 'other')}: ${example}`;

/** The longest part that all of them have in common is what a search can find. */
const fixedOf = (text: string): string =>
  text
    .split(/[#…|\n]|<\*>|\[hidden[^\]]{0,60}\]/)
    .sort((a, b) => b.length - a.length)[0]!
    .trim();
