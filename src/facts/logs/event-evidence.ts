import type { Evidence } from '../../core/report.ts';
import type { LogDigest, LogLife } from '../../logs/log-digest.ts';
import type { LogEvent } from '../../logs/log-events.ts';
import { timesText } from '../amounts.ts';
import { failedAllocationIn } from './allocation-finding.ts';
import { byWord, type DyingWords, dyingWords } from './dying-lives.ts';
import type { LogFacts } from './log-facts.ts';

const GRAVE: readonly LogEvent['kind'][] = ['killed', 'out-of-memory', 'worker-timeout'];
const MOST_EVENTS = 3;
const MOST_DYING = 2;
const LAST_MESSAGES = 3;

/** Of files of logs: kills, memory and time-outs of workers, the last lines before a kill, and what is said only in lives that are killed. */
export function eventEvidence({ program, showLines }: Pick<LogFacts, 'program' | 'showLines'>): Evidence[] {
  const { digest } = program;
  const grave = digest.events.groups.filter(({ kind }) => GRAVE.includes(kind)).slice(0, MOST_EVENTS);
  const [place] = failedAllocationIn({ program });
  const where = place ? `; the first was raised at ${place.file}:${place.line}` : '';
  const events = grave.map((event) => ({
    says: `${eventText(event)}${event.kind === 'out-of-memory' ? where : ''}`,
    find: event.shape,
  }));
  // What is shown of it where there is little room: the gravest, and what points to its reason.
  const says = [...events.slice(0, 1), ...beforeKills(digest, byWord), ...events.slice(1)];
  return says.map(({ says, find }) => ({ says, from: 'log-digest', reproduce: showLines(fixedOf(find)) }));
}

/** Of the logs of a container: what was said before it was killed, as its state tells, or a word in the log. */
export function killedEvidence({ program, showLines }: Pick<LogFacts, 'program' | 'showLines'>): Evidence[] {
  const wasKilled = (life: LogLife) => byWord(life) || life.end === 'next-log';
  return beforeKills(program.digest, wasKilled).map(({ says, find }) => ({
    says,
    from: 'log-digest',
    reproduce: showLines(fixedOf(find)),
  }));
}

function beforeKills(digest: LogDigest, wasKilled: (life: LogLife) => boolean): { says: string; find: string }[] {
  const dying = dyingWords(digest, wasKilled)
    .slice(0, MOST_DYING)
    .map((words) => ({ says: dyingText(words), find: words.template.template }));
  return [...dying, ...lastWords(digest, wasKilled)];
}

/** `the log says 3 times, last at 2026-11-22 19:09:51 UTC: Worker (pid:12) was sent SIGKILL!` */
function eventText({ count, example, lastAtUnixSeconds: at, lastLine }: LogEvent): string {
  const last = at === undefined ? `in line ${lastLine + 1}` : `at ${timeText(at)}`;
  return `the log says ${count === 1 ? last : `${timesText(count)}, last ${last}`}: ${example}`;
}

const timeText = (unixSeconds: number): string =>
  `${new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function lastWords({ lives }: LogDigest, wasKilled: (life: LogLife) => boolean): { says: string; find: string }[] {
  const life = lives.findLast(wasKilled);
  const messages = life?.lastMessages.filter((message) => message !== '').slice(-LAST_MESSAGES) ?? [];
  if (messages.length === 0) return [];
  return [{ says: `the last lines before the kill: ${messages.join(' | ')}`, find: messages.at(-1)! }];
}

function dyingText({ template: { example }, killedLives, ofKilledLives, otherLives }: DyingWords): string {
  const killed =
    ofKilledLives === 1 ? 'the life that was killed' : `${killedLives} of ${ofKilledLives} lives that were killed`;
  return `said in ${killed}, and ${otherLives === 1 ? 'not in the other' : `in none of ${otherLives} others`}: ${example}`;
}

/** The longest part that all of them have in common is what a search can find. */
const fixedOf = (text: string): string =>
  text
    .split(/[#…|\n]|<\*>|\[hidden[^\]]{0,60}\]/)
    .sort((a, b) => b.length - a.length)[0]!
    .trim();
