/**
 * Reads damaged heaps: `node scripts/fuzz-heap.ts --count 1000 --seed 1 [--python PATH]…`. Says what crashed, hung or
 * claimed the impossible, by seed and interpreter, and exits 1 if anything did. Ends by itself, whatever the reader does:
 * the reading runs in a thread that is ended when an image takes too long.
 */
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { Places } from '../test/heap/damage/damages.ts';
import { absurdities, readDamaged, recordSubject } from '../test/heap/damage/read-damaged.ts';

const MOST_MS_AN_IMAGE = 15_000;
const MOST_HEAP_MB = 600;

/** What happened to one image. */
interface Done {
  readonly seed: number;
  readonly wrong: readonly string[];
  readonly refused: boolean;
  readonly ms: number;
}
interface Work {
  readonly python: string;
  readonly seed: number;
  readonly count: number;
}

async function readAll({ python, seed, count }: Work): Promise<void> {
  const places = await recordSubject(python);
  parentPort?.postMessage('ready');
  for (let at = seed; at < seed + count; at += 1) parentPort?.postMessage(readOne(places, at));
}

function readOne(places: Places, seed: number): Done {
  const from = performance.now();
  try {
    const outcome = readDamaged(places, seed);
    return {
      seed,
      wrong: absurdities(places, outcome).slice(0, 5),
      refused: 'refusal' in outcome,
      ms: performance.now() - from,
    };
  } catch (thrown) {
    const wrong = [thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)];
    return { seed, wrong, refused: false, ms: performance.now() - from };
  }
}

/** Reads `count` images of one interpreter from `seed` on; resolves with the seeds that went wrong. */
async function run(work: Work): Promise<number> {
  let next = work.seed;
  let refused = 0;
  let wrong = 0;
  let slowestMs = 0;
  while (next < work.seed + work.count) {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { ...work, seed: next, count: work.seed + work.count - next },
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    const why = await new Promise<string | undefined>((resolve) => {
      let timer = setTimeout(resolve, 60_000, 'the program did not start');
      worker.on('message', (message: Done | 'ready') => {
        clearTimeout(timer);
        timer = setTimeout(resolve, MOST_MS_AN_IMAGE, `took longer than ${MOST_MS_AN_IMAGE} ms`);
        if (message === 'ready') return;
        next = message.seed + 1;
        if (message.refused) refused += 1;
        slowestMs = Math.max(slowestMs, message.ms);
        for (const line of message.wrong) console.log(`${work.python} seed ${message.seed}: ${line}`);
        if (message.wrong.length > 0) wrong += 1;
      });
      worker.on('error', (error) => resolve(error.message));
      worker.on('exit', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
    await worker.terminate();
    if (why === undefined) break;
    console.log(`${work.python} seed ${next}: ${why}`);
    wrong += 1;
    next += 1;
  }
  console.log(
    `${work.python}: ${work.count} damaged heaps from seed ${work.seed}, ${refused} refused, ${wrong} wrong, the slowest ${Math.round(slowestMs)} ms`,
  );
  return wrong;
}

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '300' },
      seed: { type: 'string', default: '1' },
      python: { type: 'string', multiple: true, default: ['python3'] },
    },
  });
  let wrong = 0;
  for (const python of values.python) {
    wrong += await run({
      python,
      seed: Number(values.seed),
      count: Math.ceil(Number(values.count) / values.python.length),
    });
  }
  process.exitCode = wrong === 0 ? 0 : 1;
} else {
  await readAll(workerData as Work);
}
