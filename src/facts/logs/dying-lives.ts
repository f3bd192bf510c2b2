import type { LogDigest, LogLife, LogTemplate } from '../../logs/log-digest.ts';

/** A message that is said in lives that are killed, and in no other. */
export interface DyingWords {
  readonly template: LogTemplate;
  /** Killed lives in which it was said, of all that were killed; and how many others there are. */
  readonly killedLives: number;
  readonly ofKilledLives: number;
  readonly otherLives: number;
  /** How often it would be said in the other lives, were they as the killed ones. */
  readonly expectedElsewhere: number;
}

/** A word of a kill ends it. */
export const byWord = ({ end }: LogLife): boolean => end === 'kill';

/** By chance none is said so seldom: of a Poisson distribution with this mean, 5 % are zero. */
const FEWEST_EXPECTED = 3;
/** One in so many ways to draw the killed lives out of all. */
const FEWEST_WAYS = 20;

/**
 * What is said only in lives that were killed. It must have been due in the others, by their lines, or be in so many killed lives and in none of so many
 * others that this is no chance.
 */
export function dyingWords(
  { lives, templates }: LogDigest,
  wasKilled: (life: LogLife) => boolean = byWord,
): DyingWords[] {
  const killed = lives.filter(wasKilled);
  const others = lives.filter((life) => !wasKilled(life));
  const killedLines = linesOf(killed);
  if (killedLines === 0 || linesOf(others) === 0) return [];
  const isKilled = new Set(killed.map(({ life }) => life));
  const listed = new Set(lives.map(({ life }) => life));
  return templates
    .filter((template) => template.lives.every((life) => isKilled.has(life) && listed.has(life)))
    .map((template) => ({
      template,
      killedLives: template.lives.length,
      ofKilledLives: killed.length,
      otherLives: others.length,
      expectedElsewhere: (template.count / killedLines) * linesOf(others),
    }))
    .filter((words) => words.expectedElsewhere >= FEWEST_EXPECTED || isInAll(words))
    .sort((a, b) => b.killedLives - a.killedLives || b.expectedElsewhere - a.expectedElsewhere);
}

const linesOf = (lives: readonly LogLife[]): number =>
  lives.reduce((sum, { firstLine, lastLine }) => sum + Math.max(0, lastLine - firstLine + 1), 0);

const isInAll = ({ killedLives, ofKilledLives, otherLives }: DyingWords): boolean =>
  killedLives === ofKilledLives && ways(ofKilledLives, otherLives) >= FEWEST_WAYS;

/** How many ways there are to choose so many lives out of these and the others. */
function ways(chosen: number, others: number): number {
  let count = 1;
  for (let i = 1; i <= chosen && count < FEWEST_WAYS; i++) count = (count * (others + i)) / i;
  return count;
}
