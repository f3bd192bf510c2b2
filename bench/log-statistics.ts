import { falseAlarmsOf, OTHERS } from './log-statistics/other-tests.ts';
import {
  falseAlarms,
  falseChances,
  itemsCovered,
  type Played,
  slopesCovered,
  timesCovered,
} from './log-statistics/simulations.ts';

/**
 * How honest the statistics of numbers in logs are, by simulation: the tables of docs/statistics.md.
 * `npm run bench:statistics [RUNS]`; 2000 runs of each world take a quarter of an hour.
 */
const runs = Number(process.argv[2] ?? 2000);
const MEMORIES = [0, 0.5, 0.9];
const percent = (share: number): string => (100 * share).toFixed(1).padStart(5);
const covered = ({ share, said }: Played): string =>
  `${percent(share)}${said < 1 ? ` of ${percent(said).trim()} %` : ''}`;

function table(
  title: string,
  lengths: readonly (readonly [lives: number, values: number])[],
  cell: (world: { lives: number; values: number; memory: number }) => string,
): void {
  console.log(
    `\n${title}\n\n| lives × values | ${MEMORIES.map((memory) => `ρ = ${memory}`).join(' | ')} |\n|---|${MEMORIES.map(() => '---').join('|')}|`,
  );
  for (const [lives, values] of lengths)
    console.log(`| ${lives} × ${values} | ${MEMORIES.map((memory) => cell({ lives, values, memory })).join(' | ')} |`);
}

const LENGTHS = [
  [1, 12],
  [1, 20],
  [1, 30],
  [1, 50],
  [1, 70],
  [1, 100],
  [1, 200],
  [4, 10],
  [4, 20],
  [4, 50],
] as const;

table('False alarms of "only grows", in %', LENGTHS, (world) => percent(falseAlarms(world, runs)));
table('Chance of no rise at most 1 %, in % of series that do not rise', LENGTHS, (world) =>
  percent(falseChances(world, runs)),
);
table('Slope within its interval of 90 %', LENGTHS, (world) => covered(slopesCovered(world, runs)));
table('Bytes an item within its interval of 90 %', LENGTHS, (world) => covered(itemsCovered(world, runs)));
table(
  'Time to the limit within its interval of 90 %',
  LENGTHS.filter(([lives]) => lives === 1),
  (world) => covered(timesCovered(world, Math.ceil(runs / 2))),
);
for (const [name, test] of Object.entries(OTHERS))
  table(
    `False alarms of ${name} at 1 %, in %`,
    [
      [1, 20],
      [1, 50],
      [1, 100],
    ],
    (world) => percent(falseAlarmsOf(test, world, runs)),
  );
