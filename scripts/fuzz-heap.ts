/**
 * Reads damaged heaps: `npm run fuzz:heap -- --images 20000 --seed 1 [--python PATH]… [--jobs 2] [--state FILE]`, the
 * images shared out among the interpreters (those that are found, where none are given). Says what crashed, hung or
 * claimed the impossible, by seed and interpreter, and exits 1 if anything did. With `--state` a run that was ended goes
 * on where it was. Ends by itself, whatever the reader does: the reading runs in a thread that is ended when an image
 * takes too long.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { absurdities, readDamaged, recordSubject, type Subject, subjectOf } from '../test/heap/damage/read-damaged.ts';
import { interpreters } from '../test/python/programs.ts';

/** A thousand times what an image takes. By the clock it is more: others may be at work on the machine. */
const MOST_CPU_MS = 10_000;
const MOST_MS = 90_000;
const LOOK_EVERY_MS = 5000;
const MOST_HEAP_MB = 600;
const BATCH = 100;
/** So many images apart it is seen to that what was damaged was mended. */
const WHOLE_EVERY = 1000;

interface Work {
  readonly python: string;
  readonly from: number;
  readonly to: number;
  /** The seed that is being read, for whoever has to end it. */
  readonly at: SharedArrayBuffer;
}
interface Batch {
  readonly next: number;
  readonly refused: number;
  readonly wrong: readonly { seed: number; lines: readonly string[] }[];
}
interface Total {
  next: number;
  images: number;
  refused: number;
  wrong: number;
}

async function readAll({ python, from, to, at }: Work): Promise<void> {
  const subject = subjectOf(await recordSubject(python));
  const whole = checksum(subject);
  const current = new Float64Array(at);
  for (let next = from; next < to; ) {
    const end = Math.min(to, next + BATCH);
    const wrong: { seed: number; lines: readonly string[] }[] = [];
    let refused = 0;
    for (; next < end; next += 1) {
      current[0] = next;
      const done = readOne(subject, next);
      if (done.refused) refused += 1;
      if (done.lines.length > 0) wrong.push({ seed: next, lines: done.lines });
      if (next % WHOLE_EVERY === 0 && checksum(subject) !== whole) throw new Error('the image was not mended');
    }
    parentPort?.postMessage({ next, refused, wrong } satisfies Batch);
  }
}

/** Of some of the bytes, which is enough for what is put back wrongly every time. */
function checksum({ image }: Subject): number {
  const { words } = image.snapshot;
  let sum = 0;
  for (let at = 0; at < words.length; at += 1) sum = (Math.imul(sum, 31) + words[at]!) | 0;
  return sum;
}

function readOne(subject: Subject, seed: number): { lines: readonly string[]; refused: boolean } {
  const from = cpuMs();
  const lines: string[] = [];
  let refused = false;
  try {
    const outcome = readDamaged(subject, seed);
    refused = 'refusal' in outcome;
    lines.push(...absurdities(subject, outcome).slice(0, 5));
  } catch (thrown) {
    lines.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
  const ms = cpuMs() - from;
  if (ms > MOST_CPU_MS) lines.push(`took ${Math.round(ms)} ms of processor time`);
  return { lines, refused };
}

/** Processor time of this thread where Node can tell it; else nothing, and the clock alone ends what hangs. */
function cpuMs(): number {
  const usage = (process as { threadCpuUsage?: () => { user: number } }).threadCpuUsage?.();
  return (usage?.user ?? 0) / 1000;
}

/** Reads images until `to`; tells after each batch how far it is. */
async function run(python: string, to: number, total: Total, tell: () => void): Promise<void> {
  while (total.next < to) {
    const from = total.next;
    const at = new SharedArrayBuffer(8);
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { python, from, to, at } satisfies Work,
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MB },
    });
    const why = await new Promise<string | undefined>((resolve) => {
      const stopWatching = watchOver(new Float64Array(at), () => resolve(`took longer than ${MOST_MS} ms`));
      worker.on('message', (batch: Batch) => {
        for (const { seed, lines } of batch.wrong)
          for (const line of lines) console.log(`${python} seed ${seed}: ${line}`);
        total.images += batch.next - total.next;
        total.next = batch.next;
        total.refused += batch.refused;
        total.wrong += batch.wrong.length;
        tell();
      });
      worker.on('error', (error) => resolve(error.message));
      worker.on('exit', () => {
        stopWatching();
        resolve(undefined);
      });
    });
    await worker.terminate();
    if (why === undefined) continue;
    // What came before it in its batch is read again.
    const seed = Math.max(from, new Float64Array(at)[0]!);
    console.log(`${python} seed ${seed}: ${why}`);
    total.images += seed + 1 - total.next;
    total.next = seed + 1;
    total.wrong += 1;
  }
}

/** Calls `late` when the same seed is being read for too long. */
function watchOver(current: Float64Array, late: () => void): () => void {
  let [seen, since] = [current[0]!, Date.now()];
  const timer = setInterval(() => {
    if (current[0] !== seen) [seen, since] = [current[0]!, Date.now()];
    else if (Date.now() - since > MOST_MS) late();
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function totalsFrom(file: string | undefined): Record<string, Total> {
  return file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

function keep(file: string, totals: Record<string, Total>): void {
  writeFileSync(`${file}.new`, JSON.stringify(totals));
  renameSync(`${file}.new`, file);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      images: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      python: { type: 'string', multiple: true },
      jobs: { type: 'string', default: '1' },
      state: { type: 'string' },
    },
  });
  const pythons = values.python ?? interpreters().map(({ path }) => path);
  const totals = totalsFrom(values.state);
  const first = Number(values.seed);
  const each = Math.ceil(Number(values.images) / pythons.length);
  const left = [...pythons];
  const work = async () => {
    for (let python = left.shift(); python !== undefined; python = left.shift()) {
      const total = totals[python] ?? { next: first, images: 0, refused: 0, wrong: 0 };
      totals[python] = total;
      await run(python, first + each, total, () => values.state && keep(values.state, totals));
      console.log(
        `${python}: ${total.images} damaged heaps from seed ${first}, ${total.refused} refused, ${total.wrong} wrong`,
      );
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, work));
  process.exitCode = Object.values(totals).some(({ wrong }) => wrong > 0) ? 1 : 0;
}

if (isMainThread) await main();
else await readAll(workerData as Work);
