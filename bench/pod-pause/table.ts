import type { Round, Stood } from './round.ts';
import type { Load } from './target.ts';

export interface Row {
  readonly load: Load;
  readonly link: string;
  readonly rounds: readonly Round[];
}

const HEAD = [
  'process',
  'link',
  'asked: ms at most',
  'pause 1: whyoom, target; ms',
  'pause 2: whyoom, target; ms',
  'gap without a look, ms',
  'look 1, look 2: MB over the link',
  'look 1, look 2: s',
  'whole, s',
  "reader's own; its group's, MB",
  'verdicts',
];

/** Of all rounds, a row each link and load. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| ${cells(row).join(' | ')} |`);
  const notes = rows.flatMap(({ load, link, rounds }) =>
    rounds
      .flatMap(({ problems, looks }) => [...problems, ...looks.flatMap(({ partial }) => partial ?? [])])
      .map((each) => `- ${load.kind}, ${link}: ${each}`),
  );
  return `${[`| ${HEAD.join(' | ')} |`, `|${'---|'.repeat(HEAD.length)}`, ...lines].join('\n')}\n${notes.length > 0 ? `\n${notes.join('\n')}\n` : ''}`;
}

function cells({ load, link, rounds }: Row): string[] {
  const look = (at: number, what: (stood: Stood) => number | undefined) =>
    rounds.flatMap(({ looks }) => (looks[at] === undefined ? [] : (what(looks[at]) ?? [])));
  const pause = (at: number) =>
    `${spread(look(at, ({ pauseMs }) => pauseMs))}, ${spread(look(at, ({ gapMs }) => gapMs))}`;
  const both = (what: (stood: Stood) => number | undefined) => `${spread(look(0, what))}, ${spread(look(1, what))}`;
  return [
    load.says,
    link,
    String(load.asksMs),
    pause(0),
    pause(1),
    spread(rounds.map(({ quietGapMs }) => quietGapMs)),
    both(({ bytes }) => bytes && bytes / 1e6),
    both(({ lookMs }) => lookMs && lookMs / 1000),
    spread(rounds.map(({ wholeMs }) => wholeMs / 1000)),
    `${spread(rounds.map(({ reader }) => reader.ownBytes / 1e6))}; ${spread(rounds.map(({ reader }) => reader.groupBytes / 1e6))}`,
    rounds.map(({ verdict }) => verdict).join(', '),
  ];
}

/** For whoever waits for the table. */
export function tellRound(round: Round): string {
  const looks = round.looks.map(
    ({ pauseMs, gapMs, lookMs, bytes }) =>
      `${pauseMs.toFixed(1)} ms (${gapMs.toFixed(1)} by its own clock), ${(bytes ?? 0) / 1e6} MB, ${((lookMs ?? 0) / 1000).toFixed(1)} s`,
  );
  return `${looks.join('; ')}; whole ${(round.wholeMs / 1000).toFixed(1)} s, reader ${(round.reader.ownBytes / 1e6).toFixed(1)} MB, its group ${(round.reader.groupBytes / 1e6).toFixed(1)} MB, ${round.verdict} ${round.problems.join(' ')}`;
}

function spread(numbers: readonly number[]): string {
  if (numbers.length === 0) return '–';
  const sorted = [...numbers].sort((a, b) => a - b);
  const digits = sorted[sorted.length >> 1]! < 10 ? 1 : 0;
  const [middle, low, high] = [sorted[sorted.length >> 1]!, sorted[0]!, sorted.at(-1)!].map((each) =>
    each.toFixed(digits),
  );
  return `${middle} (${low}–${high})`;
}
