import { createHeapReading } from '../../src/heap/session.ts';
import { liveTarget } from '../../src/sources/process/live-target.ts';
import { loadLibc } from '../../src/sources/process/tracer/libc.ts';
import { whileStopped } from '../../src/sources/process/tracer/while-stopped.ts';
import { peakBytes } from './memory-of.ts';
import { reply } from './worker.ts';

/**
 * One look by the product's own code in a process of its own, as the helper of whyoom does it: argv is the pid, or
 * nothing, to tell what such a process takes that looks at nothing.
 */
const MAX_PAUSE_MS = 60_000;

function look(pid: number) {
  const phases: Record<string, number> = {};
  const addUp = (name: string, ms: number) => {
    phases[name] = (phases[name] ?? 0) + ms;
  };
  let asideMs = 0;
  const cpuBefore = process.cpuUsage();
  const beganMs = performance.now();
  const target = { ...liveTarget(pid), onPhase: addUp };
  const reading = createHeapReading(
    target,
    (body) => {
      asideMs ||= performance.now() - beganMs;
      return whileStopped(pid, { maxPauseMs: MAX_PAUSE_MS }, body);
    },
    MAX_PAUSE_MS,
  );
  const answer = reading.first();
  const lookMs = performance.now() - beganMs;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuMs = (cpu.user + cpu.system) / 1000;
  // What can be told from outside, where the product tells nothing of its phases.
  if (Object.keys(phases).length === 0) {
    addUp('before the stop', asideMs);
    addUp('stop and copy', answer.pauseMs);
  }
  addUp('the rest', lookMs - Object.values(phases).reduce((sum, ms) => sum + ms, 0));
  const { pauseMs, copiedBytes, missedBytes, objects, objectBytes, references, python, partial } = answer;
  return {
    lookMs,
    cpuMs,
    pauseMs,
    copiedBytes,
    missedBytes,
    objects,
    objectBytes,
    references,
    python,
    partial,
    phases,
  };
}

loadLibc();
const pid = process.argv[2];
const looked = pid === undefined ? {} : look(Number(pid));
reply({ ...looked, peakBytes: peakBytes('self') });
