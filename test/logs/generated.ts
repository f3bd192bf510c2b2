import { seeded } from '../../src/stats/seeded.ts';
import type { KnownLog } from './known-log.ts';
import { LINE_FORMATS, type Saying } from './line-formats.ts';
import { pick, type Wording, wordingOf } from './wording.ts';

/** How much there is of something at each step of work. */
type Course = (step: number, steps: number, random: () => number, before: number) => number;

/** Each step adds something, at a rate of its own. */
const rising: Course = (step, steps, random, before) =>
  before + (random() < [0.2, 0.9, 0.5][Math.floor((3 * step) / steps)]! ? 1 : 0);
const LEAKS: Readonly<Record<string, Course>> = {
  'grows at changing rates': rising,
  'grows in bursts': (step, _, random, before) => before + (step % 40 < 6 ? 2 + Math.floor(random() * 4) : 0),
  'grows, and loses some now and then': (_, __, random, before) =>
    before + (random() < 0.02 ? -1 : random() < 0.6 ? 1 : 0),
};
const HEALTHY: Readonly<Record<string, Course>> = {
  'fills up and stays': (_, __, random, before) => Math.min(128, before + (random() < 0.8 ? 3 : 1)),
  'is emptied again and again': (step, _, random, before) => (step % 70 === 0 ? 0 : before + (random() < 0.7 ? 1 : 2)),
  'strays around a level': (_, __, random, before) =>
    Math.max(0, before + Math.round((random() - 0.5) * 12 + (60 - before) * 0.1)),
  'warms up and settles': (step, _, random) => Math.round(200 * (1 - Math.exp(-step / 60)) + random() * 4),
  'follows the load of the day': (step, steps, random) =>
    Math.round(60 + 50 * Math.sin((step / steps) * 4 * Math.PI) + random() * 6),
};

interface Scene {
  readonly what: string;
  readonly healthy: boolean;
  /** Absent: nothing is kept, only work is counted. */
  readonly course?: Course;
  readonly lives: number;
  readonly hasMemory: boolean;
  readonly isNamed?: 'bytes' | 'thousands' | 'fields';
}

const STEPS = 600;
const STEP_SECONDS = 12;
const SAMPLE_SECONDS = 15;
const STARTED = [
  'Starting application version 2.4.1',
  'Started server process [1]',
  'Starting service',
  'Booting worker with pid: 7',
  'Application startup complete, listening on 0.0.0.0:8080',
  'Starting up the order service',
];
const START = 1_795_374_000;
const BASE = 90_000_000;

const leak = (what: string, more: Partial<Scene> = {}): Scene => ({
  what,
  healthy: false,
  course: LEAKS[what]!,
  lives: 1,
  hasMemory: true,
  ...more,
});
const fine = (what: string, more: Partial<Scene> = {}): Scene => ({
  what,
  healthy: true,
  lives: 1,
  hasMemory: true,
  ...(HEALTHY[what] ? { course: HEALTHY[what] } : {}),
  ...more,
});

const SCENES: readonly Scene[] = [
  ...Object.keys(LEAKS).flatMap((what) => [leak(what), leak(what, { lives: 3 })]),
  leak('grows at changing rates', { hasMemory: false, lives: 2 }),
  leak('grows at changing rates', { isNamed: 'thousands' }),
  leak('grows at changing rates', { isNamed: 'fields' }),
  leak('grows in bursts', { isNamed: 'fields', lives: 2 }),
  ...Object.keys(HEALTHY).flatMap((what) => [fine(what), fine(what, { lives: 2 })]),
  fine('only counts work'),
  fine('only counts work', { lives: 3 }),
  fine('only counts work', { isNamed: 'thousands' }),
  fine('only counts work', { isNamed: 'fields' }),
  fine('only counts work', { hasMemory: false }),
  fine('is emptied again and again', { isNamed: 'fields' }),
  fine('fills up and stays', { hasMemory: false }),
];

/** Each scene in a format of its own, and each format at least once; words and values drawn by the seed. */
export function generatedLogs(seed: number): KnownLog[] {
  const formats = Object.keys(LINE_FORMATS);
  const count = Math.max(SCENES.length, 2 * formats.length);
  return Array.from({ length: count }, (_, at) => {
    const scene = SCENES[at % SCENES.length]!;
    // 7 has no divisor in common with their number: scenes and formats meet in another way in the second round.
    const format = formats[(at + 7 * Math.floor(at / SCENES.length) + seed) % formats.length]!;
    return generated(scene, format, seed * 1000 + at);
  });
}

function generated(scene: Scene, format: string, seed: number): KnownLog {
  const random = seeded(seed);
  const isTimed = format !== 'no time' && format !== 'time of day only';
  const mayMislead = scene.hasMemory && isTimed;
  const wording = wordingOf(seed, { mayMislead });
  const itemBytes = 20_000 + Math.floor(random() * 200_000);
  const told = { kept: [] as number[], work: [] as number[] };
  const memory: [number, number][] = [];
  const started = pick(random, STARTED);
  const texts = Array.from({ length: scene.lives }, (_, life) => {
    const lines: string[] = [];
    const say = (said: Saying) => lines.push(LINE_FORMATS[format]!(said));
    liveOnce({ scene, wording, random, life, itemBytes, told, memory, say, started });
    return `${lines.join('\n')}\n`;
  });
  // Two lives are in one stream, more are logs of their own: as of a container that was killed and restarted.
  const isOne = scene.lives === 2;
  return {
    name: `${format}: ${scene.what}${scene.lives > 1 ? `, ${scene.lives} lives${isOne ? ' in one stream' : ''}` : ''}${scene.isNamed ? `, ${scene.isNamed}` : ''}`,
    texts: isOne ? [texts.join('')] : texts,
    memory: scene.hasMemory ? memory : [],
    healthy: scene.healthy,
    misleading: wording.misleading,
    ...(scene.course ? { kept: told.kept } : {}),
    work: told.work,
    itemBytes,
    writers: 1,
  };
}

interface Making {
  readonly scene: Scene;
  readonly wording: Wording;
  readonly random: () => number;
  readonly life: number;
  readonly itemBytes: number;
  readonly told: { kept: number[]; work: number[] };
  readonly memory: [number, number][];
  readonly say: (said: Saying) => void;
  readonly started: string;
}

const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

function liveOnce({ scene, wording, random, life, itemBytes, told, memory, say, started }: Making): void {
  const steps = Math.round(STEPS / scene.lives);
  let [kept, work, order, noise, sampled] = [
    0,
    scene.isNamed === 'thousands' ? 900 : 0,
    50_000 + Math.floor(random() * 9000),
    0,
    0,
  ];
  const start = START + life * (steps * STEP_SECONDS + 30);
  const shown = (value: number) => (scene.isNamed === 'thousands' ? grouped(value) : String(value));
  say({ at: start, level: 'INFO', logger: 'app', message: started });
  for (let step = 0; step < steps; step++) {
    const at = start + (step + 1) * STEP_SECONDS + random();
    kept = scene.course?.(step, steps, random, kept) ?? 0;
    work += 1 + Math.floor(random() * 3);
    order += 1 + Math.floor(random() * 5);
    say({
      at,
      level: 'INFO',
      logger: 'app.orders',
      message: `order ${order} accepted from 10.1.${Math.floor(random() * 9)}.${Math.floor(random() * 250)} in ${(random() * 40).toFixed(1)} ms`,
    });
    if (random() < 0.03)
      say({
        at,
        level: 'WARNING',
        logger: 'app.net',
        message: pick(random, ['retrying upload', 'slow answer from db-2', 'connection reset by peer']),
      });
    if (step % 3 === 0) state(at);
    while (sampled * SAMPLE_SECONDS < (step + 1) * STEP_SECONDS) {
      noise = 0.8 * noise + (random() - 0.5) * 300_000;
      memory.push([start + sampled++ * SAMPLE_SECONDS, Math.round(BASE + itemBytes * kept + noise)]);
    }
  }

  function state(at: number): void {
    told.work.push(work);
    if (scene.course) told.kept.push(kept);
    if (scene.isNamed === 'fields') {
      const fields = { [wording.workField]: work, ...(scene.course ? { [wording.keptField]: kept } : {}) };
      say({ at, level: 'INFO', logger: 'app.state', message: wording.event, fields });
      return;
    }
    say({ at, level: 'INFO', logger: 'app.state', message: wording.work.replace('{n}', shown(work)) });
    if (scene.course)
      say({ at, level: 'INFO', logger: 'app.state', message: wording.kept.replace('{n}', shown(kept)) });
  }
}
