import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interpreters } from '../python/programs.ts';
import { seeded } from '../stats/series.ts';
import { CHECKED, type CheckedProgram, startChecked } from './checked-program.ts';
import { kill, look, type Victim } from './rounds.ts';

/** How much was done, and what came of it; plain data, so that a script can go on where it ended. */
export interface Tally {
  readonly seed: number;
  /** Programs started so far: decides which comes next. */
  programs: number;
  /** Stops for a look. `partial` and `givenUp` are said by whyoom itself. */
  looks: number;
  partial: number;
  givenUp: string[];
  /** Kills in the stop, by who was killed, and how many of them while the target stood still. */
  kills: Record<Victim, number>;
  standing: number;
  longestPauseMs: number;
  /** Programs that came to their end and found nothing wrong. */
  ended: number;
  failures: string[];
}

export const newTally = (seed: number): Tally => ({
  seed,
  programs: 0,
  looks: 0,
  partial: 0,
  givenUp: [],
  kills: { helper: 0, whyoom: 0 },
  standing: 0,
  longestPauseMs: 0,
  ended: 0,
  failures: [],
});

export interface Goal {
  readonly looks: number;
  readonly kills: number;
  /** Rounds of one program before it comes to its end and the next one starts. */
  readonly roundsAProgram: number;
  /** Paths of interpreters, in turn. */
  readonly pythons: readonly string[];
}

export const killsOf = ({ kills }: Tally): number => kills.helper + kills.whyoom;
const isDone = (tally: Tally, goal: Goal) => tally.looks >= goal.looks && killsOf(tally) >= goal.kills;
/** Dictionaries that a program holds: from a short stop to one of some ten milliseconds. */
const BALLASTS = [500, 2000, 10_000];

const HAS_SHELL = 'import os; os.stat("/bin/sh"), os.stat("/bin/sleep")';

/** The interpreters that have a shell beside them, which the children are: one in a root of its own may not. */
export function pythonsWithShell(): string[] {
  const paths = interpreters().map(({ path }) => path);
  return paths.filter((path) => spawnSync(path, ['-c', HAS_SHELL], { stdio: 'ignore' }).status === 0);
}

/** Looks and kills until the goal is met; `after` is called after each round, with the tally as it is then. */
export async function runCampaign(tally: Tally, goal: Goal, after: (tally: Tally) => void): Promise<void> {
  // A helper a round: most of its time would go into reading its own sources.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'whyoom-compile-cache');
  while (!isDone(tally, goal)) {
    const turn = tally.programs++;
    const random = seeded(tally.seed + turn);
    const name = CHECKED[turn % CHECKED.length]!;
    const python = goal.pythons[Math.floor(turn / CHECKED.length + turn) % goal.pythons.length]!;
    const ballast = BALLASTS[Math.floor(random() * BALLASTS.length)]!;
    let program: CheckedProgram | undefined;
    try {
      program = await startChecked(python, name, ballast);
      await roundsOn(program, tally, goal, random, after);
      await program.finish();
      tally.ended += 1;
    } catch (thrown) {
      tally.failures.push(`program ${turn}, ${name} on ${python}, ballast ${ballast}: ${String(thrown)}`);
    } finally {
      await program?.kill();
      after(tally);
    }
  }
}

async function roundsOn(
  program: CheckedProgram,
  tally: Tally,
  goal: Goal,
  random: () => number,
  after: (tally: Tally) => void,
): Promise<void> {
  let pauseMs = await lookOnce(program, tally, random);
  for (let round = 1; round < goal.roundsAProgram && !isDone(tally, goal); round += 1) {
    const looksLeft = Math.max(0, goal.looks - tally.looks);
    const killsLeft = Math.max(0, goal.kills - killsOf(tally));
    if (random() * (looksLeft + killsLeft) < looksLeft) pauseMs = await lookOnce(program, tally, random);
    else await killOnce(program, tally, pauseMs, random);
    after(tally);
  }
}

/** Returns how long the target stood still. */
async function lookOnce(program: CheckedProgram, tally: Tally, random: () => number): Promise<number> {
  const looked = await look(program, random);
  tally.looks += looked.stops;
  if (looked.is === 'given-up') {
    tally.givenUp.push(looked.why);
    return 10;
  }
  if (looked.is === 'partial') tally.partial += 1;
  tally.longestPauseMs = Math.max(tally.longestPauseMs, looked.pauseMs);
  return looked.pauseMs;
}

async function killOnce(program: CheckedProgram, tally: Tally, pauseMs: number, random: () => number): Promise<void> {
  const victim = random() < 0.7 ? 'helper' : 'whyoom';
  const killed = await kill(program, victim, pauseMs, random);
  if (killed === 'missed') return;
  tally.kills[victim] += 1;
  if (killed === 'standing') tally.standing += 1;
}
