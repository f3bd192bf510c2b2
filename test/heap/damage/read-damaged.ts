import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HeapGrowth, HeapLook } from '../../../src/heap/answer.ts';
import { HeapError } from '../../../src/heap/heap-error.ts';
import { takeLook } from '../../../src/heap/look.ts';
import { atOnce, readerOf, readingOf, record, targetOf } from '../recorded.ts';
import { damageOf, type Places, placesOf } from './damages.ts';

const SUBJECT = fileURLToPath(new URL('subject.py', import.meta.url));

/**
 * Starts the program of every shape under an interpreter, records its memory, ends it, and gives what it holds and
 * where. It is stopped at any instruction: in the middle of a collection its lists are in pieces, so that it is tried again.
 */
export async function recordSubject(python: string): Promise<Places> {
  const child = spawn(python, ['-S', '-E', SUBJECT], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    for (;;) {
      await sleep(100);
      process.kill(child.pid!, 'SIGSTOP');
      const recorded = record(child.pid!);
      const { view } = takeLook(
        targetOf(() => readerOf(recorded)),
        atOnce,
        1000,
      );
      if (!view.interpreter.collecting) return placesOf(recorded, view);
      process.kill(child.pid!, 'SIGCONT');
    }
  } finally {
    child.kill('SIGKILL');
  }
}

export type Outcome =
  | { readonly refusal: string }
  | { readonly first: HeapLook; readonly growth: HeapGrowth; readonly seconds: number };

/** Reads a recording twice, damaged in one of the two looks (by the seed), with counts between. Throws what is no HeapError. */
export function readDamaged(places: Places, seed: number): Outcome {
  const whole = readerOf(places.recorded);
  const damaged = readerOf(places.recorded, damageOf(seed, places));
  const readers = seed % 2 === 0 ? [damaged, whole] : [whole, damaged];
  let at = 0;
  const reading = readingOf(
    () => readers[at]!,
    () => at,
  );
  try {
    const first = reading.first();
    at = 1;
    reading.counts();
    return { first, growth: reading.growth(), seconds: 1 };
  } catch (thrown) {
    if (thrown instanceof HeapError) return { refusal: thrown.message };
    throw thrown;
  }
}

/** What is said of a damaged heap that cannot be true of any process with these mappings; empty where all is sane. */
export function absurdities({ recorded }: Places, outcome: Outcome): string[] {
  if ('refusal' in outcome) return [];
  const mapped = recorded.maps.filter((map) => map.writable).reduce((sum, map) => sum + map.end - map.start, 0);
  return [outcome.first, outcome.growth.second].flatMap((look) => (look ? absurdIn(look, mapped) : []));
}

function absurdIn(look: HeapLook, mapped: number): string[] {
  const holders = look.holders.flatMap(({ name, items, ownBytes, retainedBytes, sharedBytes }) => [
    ...bounded(`items of ${name}`, items, mapped),
    ...bounded(`own bytes of ${name}`, ownBytes, mapped),
    ...bounded(`retained bytes of ${name}`, retainedBytes + sharedBytes, mapped),
  ]);
  const types = look.types.flatMap(({ type, count, bytes }) => [
    ...bounded(`number of ${type}`, count, mapped / 16),
    ...bounded(`bytes of ${type}`, bytes, mapped),
  ]);
  return [
    ...bounded('objects', look.objects, mapped / 16),
    ...bounded('bytes of objects', look.objectBytes, mapped),
    ...bounded('references', look.references, mapped / 4),
    ...bounded('refused', look.refused, mapped),
    ...types,
    ...holders,
  ];
}

const bounded = (what: string, value: number, most: number): string[] =>
  Number.isInteger(value) && value >= 0 && value <= most ? [] : [`${what}: ${value} (of at most ${most})`];
