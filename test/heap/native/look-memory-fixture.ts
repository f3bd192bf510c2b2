import type { Stopper } from '../../../src/heap/live-target.ts';
import { createHeapReading } from '../../../src/heap/session.ts';
import { liveTarget } from '../../../src/sources/process/live-target.ts';
import { whileStopped } from '../../../src/sources/process/tracer/while-stopped.ts';

/** A process of its own, as the tracer may be killed: looks at the heap of argv[2] once and prints the look as JSON. */
const MAX_PAUSE_MS = 10_000;
const pid = Number(process.argv[2]);
const stop: Stopper = (body) => whileStopped(pid, { maxPauseMs: MAX_PAUSE_MS }, body);
console.log(JSON.stringify(createHeapReading(liveTarget(pid), stop, MAX_PAUSE_MS).first()));
