import { MOST_PROC_BYTES, type ProcFiles, type ProcText } from './proc-files.ts';

/** What may be asked about files that are read elsewhere. */
export type ProcQuestion =
  | { readonly ask: 'read'; readonly path: string; readonly mostBytes: number }
  | { readonly ask: 'link' | 'list' | 'exists'; readonly path: string }
  | { readonly ask: 'range'; readonly path: string; readonly offset: number; readonly bytes: number };

export type ProcAnswer = ProcText | readonly string[] | boolean | Uint8Array;

/** Longest chain of reads of which each depends on the one before: some 10 for a tree of processes, 45 links in a path. */
const MOST_ROUNDS = 100;

/**
 * Runs `work` over files that are read elsewhere, where each question costs a round trip: as often as needed, until it finds
 * all that it asks for. What it asks and is not known yet is answered with nothing, and all of that is asked at once before
 * the next time. So the one code that understands /proc serves both. What was read is not read again: one picture.
 */
export async function inRounds<T>(
  ask: (questions: readonly ProcQuestion[]) => Promise<readonly ProcAnswer[]>,
  work: (files: ProcFiles) => T,
  memory: RoundsMemory = { first: [] },
): Promise<T> {
  const rounds = roundsOf(work, memory);
  let step = rounds.next([]);
  while (!step.done) step = rounds.next(await ask(step.value));
  return step.value;
}

/** The same for who can wait for answers. */
export function inRoundsNow<T>(
  ask: (questions: readonly ProcQuestion[]) => readonly ProcAnswer[],
  work: (files: ProcFiles) => T,
): T {
  const rounds = roundsOf(work, { first: [] });
  let step = rounds.next([]);
  while (!step.done) step = rounds.next(ask(step.value));
  return step.value;
}

function* roundsOf<T>(
  work: (files: ProcFiles) => T,
  memory: RoundsMemory,
): Generator<readonly ProcQuestion[], T, readonly ProcAnswer[]> {
  const known = new Map<string, ProcAnswer>();
  let wanted = new Map(memory.first.map((question) => [keyOf(question), question]));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const questions = [...wanted.values()];
    const answers = questions.length > 0 ? yield questions : [];
    for (const [at, question] of questions.entries()) known.set(keyOf(question), answers[at] ?? nothing(question));
    wanted = new Map();
    const used = new Map<string, ProcQuestion>();
    const tried = attempt(() => work(askedFiles(known, wanted, used)));
    if (wanted.size > 0) continue;
    memory.first = [...used.values()];
    if ('thrown' in tried) throw tried.thrown;
    return tried.value;
  }
  throw new Error(`the files of a container lead on and on: ${[...wanted.keys()].slice(0, 3).join(' ')}`);
}

/** What was asked the last time: asked at once the next time, it takes one round trip. */
export interface RoundsMemory {
  first: readonly ProcQuestion[];
}

type Tried<T> = { readonly value: T } | { readonly thrown: unknown };

function attempt<T>(work: () => T): Tried<T> {
  try {
    return { value: work() };
  } catch (thrown) {
    return { thrown };
  }
}

const keyOf = (question: ProcQuestion): string =>
  question.ask === 'range'
    ? `${question.ask} ${question.offset} ${question.bytes} ${question.path}`
    : `${question.ask} ${question.path}`;

/** Until it is known. */
function nothing(question: ProcQuestion): ProcAnswer {
  switch (question.ask) {
    case 'read':
    case 'link':
      return { why: 'asked' };
    case 'list':
      return [];
    case 'exists':
      return false;
    case 'range':
      return new Uint8Array();
  }
}

function askedFiles(
  known: ReadonlyMap<string, ProcAnswer>,
  wanted: Map<string, ProcQuestion>,
  used: Map<string, ProcQuestion>,
): ProcFiles {
  const look = (question: ProcQuestion): ProcAnswer => {
    const key = keyOf(question);
    used.set(key, question);
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    wanted.set(key, question);
    return nothing(question);
  };
  // Each answer is of the kind that its question has: `nothing` and whoever answers see to it.
  return {
    read: (path, mostBytes = MOST_PROC_BYTES) => look({ ask: 'read', path, mostBytes }) as ProcText,
    link: (path) => look({ ask: 'link', path }) as ProcText,
    list: (path) => look({ ask: 'list', path }) as readonly string[],
    exists: (path) => look({ ask: 'exists', path }) as boolean,
    range: (path, offset, bytes) => look({ ask: 'range', path, offset, bytes }) as Uint8Array,
    hides: () => false,
  };
}
