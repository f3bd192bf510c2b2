import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { judged } from '../../src/app.ts';
import { investigate } from '../../src/core/investigate.ts';
import type { HeapSession, ProcessPort } from '../../src/core/ports.ts';
import type { Report } from '../../src/core/report.ts';
import type { Watch, WatchEnd } from '../../src/core/watch.ts';
import { createHeapReading } from '../../src/heap/session.ts';
import { createProcessPort } from '../../src/sources/process/index.ts';
import { liveTarget } from '../../src/sources/process/live-target.ts';
import { processSteps } from '../../src/steps/index.ts';
import { targetOf } from '../../src/steps/process/target.ts';
import type { Interpreter, Program } from './programs.ts';

const MAX_PAUSE_MS = 10_000;
/** Old enough for what grows not to be taken for loading. */
const AGE_SECONDS = 60;
/** Part of the time in which the program is said to work: what its work really takes has nothing to do with this clock. */
const WORK_SHARE = 0.2;

/** A program that sleeps only as long as it is told to (see paced/sitecustomize.py). Between orders it stands still. */
interface PacedProgram {
  readonly pid: number;
  /** Lets the program sleep for so long, and comes back when it has: what it does between takes no time. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

async function startPaced(interpreter: Interpreter, program: Pick<Program, 'entry'>): Promise<PacedProgram> {
  const child = spawn(interpreter.path, [program.entry], {
    cwd: dirname(program.entry),
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: join(import.meta.dirname, 'paced') },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let arrived = Promise.withResolvers<void>();
  createInterface(child.stdout).on('line', (line) => line === 'PACED' && arrived.resolve());
  exited.then(() => arrived.reject(new Error(`${program.entry} ended: ${said}`)));
  await arrived.promise;
  return {
    pid: child.pid!,
    async pass(ms) {
      arrived = Promise.withResolvers();
      child.stdin.write(`${ms}\n`);
      await arrived.promise;
    },
    async stop() {
      arrived.promise.catch(() => {});
      child.stdin.destroy();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A clock that goes on when everybody who looks at it sleeps, and takes the program along. */
class PacedClock {
  now = Date.now() / 1000 + AGE_SECONDS;
  private readonly program: PacedProgram;
  private readonly sleepers: { at: number; wake: () => void }[] = [];
  private busy = 0;
  private going = false;

  constructor(program: PacedProgram) {
    this.program = program;
  }

  /** Time stands still while `work` is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  async sleep(ms: number): Promise<void> {
    const slept = new Promise<void>((wake) => this.sleepers.push({ at: this.now + ms / 1000, wake }));
    if (!this.going) void this.go();
    await slept;
  }

  private async go(): Promise<void> {
    this.going = true;
    while (this.sleepers.length > 0) {
      do await setImmediate();
      while (this.busy > 0);
      this.sleepers.sort((a, b) => a.at - b.at);
      const { at, wake } = this.sleepers.shift()!;
      const ms = Math.round((at - this.now) * 1000);
      // A program that has ended is found out by whoever reads it.
      if (ms > 0) await this.program.pass(ms).catch(() => {});
      this.now = at;
      wake();
      await setImmediate();
    }
    this.going = false;
  }
}

function pacedPort(clock: PacedClock): ProcessPort {
  const real = createProcessPort(async (pid): Promise<HeapSession> => {
    const target = { ...liveTarget(pid), nowUnixSeconds: () => clock.now };
    // It stands still already.
    const reading = createHeapReading(target, (body) => ({ value: body(0), pauseMs: 1 }), MAX_PAUSE_MS);
    return {
      first: async () => reading.first(),
      counts: async () => reading.counts(),
      grownByCounts: async () => reading.grownByCounts(),
      growth: async () => reading.growth(),
      stacks: async () => reading.stacks(),
      close: async () => {},
    };
  });
  return {
    tree: (pid) => clock.during(() => real.tree(pid)),
    memoryLimit: (pid) => clock.during(() => real.memoryLimit(pid)),
    sample: (pid, limit) =>
      clock.during(async () => {
        const sample = await real.sample(pid, limit);
        return { ...sample, atUnixSeconds: clock.now, cpuSeconds: clock.now * WORK_SHARE };
      }),
    openHeap: (pid, options) => real.openHeap(pid, options),
    readFile: (pid, path) => clock.during(() => real.readFile(pid, path)),
    sleep: (ms) => clock.sleep(ms),
    nowUnixSeconds: () => clock.now,
  };
}

/** A watch that ends by the paced clock. */
function pacedWatch(clock: PacedClock, watchMs: number): Watch {
  const controller = new AbortController();
  const end = (why: WatchEnd) => controller.signal.aborted || controller.abort(why);
  const start = async () => {
    await clock.sleep(watchMs);
    end('time-up');
  };
  return { over: controller.signal, end, hold: () => {}, start: () => void start() };
}

/**
 * The report on a program that does its work as fast as it can, while the steps that watch it are made to believe that
 * time passes. Everything but clock, tracer and helper process is as in a real run.
 */
export async function diagnosedPaced(
  interpreter: Interpreter,
  program: Pick<Program, 'entry'>,
  watchMs: number,
): Promise<Report> {
  const running = await startPaced(interpreter, program);
  const { pid } = running;
  try {
    const clock = new PacedClock(running);
    const options = { watchMs, maxPauseMs: MAX_PAUSE_MS };
    const gathered = await investigate(processSteps, {
      pid,
      processes: pacedPort(clock),
      heap: {},
      options,
      watch: pacedWatch(clock, watchMs),
      interrupted: new AbortController().signal,
      note: () => {},
    });
    const collectedAt = new Date(clock.now * 1000).toISOString();
    const target = targetOf(pid, gathered.outcomes.processes);
    return judged({ version: 1, tool: 'test', collectedAt, target, options, ...gathered });
  } finally {
    await running.stop();
  }
}
