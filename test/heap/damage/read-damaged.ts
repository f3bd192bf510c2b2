import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HeapGrowth, HeapHolder, HeapLook } from '../../../src/heap/answer.ts';
import { HeapError } from '../../../src/heap/heap-error.ts';
import { takeLook } from '../../../src/heap/look.ts';
import { atOnce, readerOf, readingOf, record, targetOf } from '../recorded.ts';
import { damageOf, type Places, placesOf } from './damages.ts';
import { type Image, imageOf, readInPlace } from './image.ts';

const SUBJECT = fileURLToPath(new URL('subject.py', import.meta.url));

/**
 * Starts the program of every shape under an interpreter, records its memory, ends it, and gives what it holds and
 * where. It is stopped at any instruction: in the middle of a collection its lists are in pieces, so that it is tried again.
 */
export async function recordSubject(python: string): Promise<Places> {
  const child = spawn(python, ['-I', '-S', '-E', SUBJECT], { stdio: ['ignore', 'pipe', 'inherit'] });
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
  | { readonly looks: readonly HeapLook[]; readonly growth: HeapGrowth };

/** A recorded heap that is damaged by the number of a seed and read, again and again. */
export interface Subject {
  readonly places: Places;
  readonly image: Image;
}

export const subjectOf = (places: Places): Subject => ({ places, image: imageOf(places.recorded) });

/** Of so many images one is copied as from a live process, with pages that are missing or swapped out. */
const COPIED_EVERY = 25;
/** Of so many one is damaged in the first of the two looks: then the whole one has to be described every time. */
const FIRST_EVERY = 4;

/**
 * Reads a recording twice, damaged in one of the two looks (by the seed), with counts between. Throws what is no
 * HeapError.
 */
export function readDamaged({ places, image }: Subject, seed: number): Outcome {
  try {
    if (seed % COPIED_EVERY === 0) return readCopied(places, seed);
    const { first, growth } = readInPlace(image, damageOf(seed, places).patches ?? [], seed % FIRST_EVERY === 0);
    return { looks: [first, growth.second].flatMap((look) => look ?? []), growth };
  } catch (thrown) {
    if (thrown instanceof HeapError) return { refusal: thrown.message };
    throw thrown;
  }
}

function readCopied(places: Places, seed: number): Outcome {
  const whole = readerOf(places.recorded);
  const damaged = readerOf(places.recorded, damageOf(seed, places, true));
  const readers = seed % 2 === 0 ? [damaged, whole] : [whole, damaged];
  let at = 0;
  const reading = readingOf(
    () => readers[at]!,
    () => at,
  );
  const first = reading.first();
  at = 1;
  reading.counts();
  const growth = reading.growth();
  return { looks: growth.second ? [first, growth.second] : [first], growth };
}

/** What is said of a damaged heap that cannot be true of any process with these mappings; empty where all is sane. */
export function absurdities({ places }: Subject, outcome: Outcome): string[] {
  if ('refusal' in outcome)
    return UNSPEAKABLE.test(outcome.refusal) ? [`refusal: ${JSON.stringify(outcome.refusal)}`] : [];
  const { maps } = places.recorded;
  const mapped = maps.filter((map) => map.writable).reduce((sum, map) => sum + map.end - map.start, 0);
  const { growth, looks } = outcome;
  return [
    ...looks.flatMap((look) => absurdIn(look, mapped)),
    ...growth.holders.flatMap(({ holder, itemsBefore, heldBefore, counts }) => [
      ...absurdHolder(holder, mapped),
      ...bounded(`earlier items of ${holder.name}`, itemsBefore, mapped),
      ...bounded(`earlier bytes of ${holder.name}`, heldBefore, mapped),
      ...counts.flatMap(([, items]) => bounded(`count of ${holder.name}`, items, mapped)),
    ]),
    ...growth.types.flatMap(({ type, count, bytes }) => [
      ...bounded(`change in number of ${type}`, Math.abs(count), mapped / 16),
      ...bounded(`change in bytes of ${type}`, Math.abs(bytes), mapped),
    ]),
    ...bounded('change in bytes', Math.abs(growth.objectBytesGrown), mapped),
    ...bounded('watched', growth.watched, mapped / 16),
  ];
}

function absurdIn(look: HeapLook, mapped: number): string[] {
  const types = look.types.flatMap(({ type, count, bytes }) => [
    ...bounded(`number of ${type}`, count, mapped / 16),
    ...bounded(`bytes of ${type}`, bytes, mapped),
    ...speakable('a type', type),
  ]);
  return [
    ...bounded('objects', look.objects, mapped / 16),
    ...bounded('bytes of objects', look.objectBytes, mapped),
    ...bounded('references', look.references, mapped / 4),
    ...bounded('refused', look.refused, mapped),
    ...types,
    ...numbersIn(look.memory, 'memory').flatMap(([what, value]) => bounded(what, value, mapped)),
    ...look.holders.flatMap((holder) => absurdHolder(holder, mapped)),
  ];
}

/** All numbers in an answer, with the way to them. */
function numbersIn(answer: unknown, way: string): [string, number][] {
  if (typeof answer === 'number') return [[way, answer]];
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([key, value]) => numbersIn(value, `${way}.${key}`));
}

function absurdHolder(holder: HeapHolder, mapped: number): string[] {
  const { name, type, items, ownBytes, retainedBytes, sharedBytes, bound, keeps, path } = holder;
  return [
    ...bounded(`items of ${name}`, items, mapped),
    ...bounded(`own bytes of ${name}`, ownBytes, mapped),
    ...bounded(`retained bytes of ${name}`, retainedBytes, mapped),
    ...bounded(`shared bytes of ${name}`, sharedBytes, mapped),
    ...bounded(`bytes held by ${name}`, retainedBytes + sharedBytes, mapped),
    ...(bound === undefined || bound >= 0 ? [] : [`bound of ${name}: ${bound}`]),
    ...keeps.flatMap((kept) => bounded(`${kept.type} kept by ${name}`, kept.bytes, mapped)),
    ...speakable('a holder', name),
    ...speakable('a type', type),
    ...path.flatMap((step) => speakable('a step', step.name)),
  ];
}

const bounded = (what: string, value: number, most: number): string[] =>
  Number.isInteger(value) && value >= 0 && value <= most ? [] : [`${what}: ${value} (of at most ${most})`];

/** Characters that move a cursor, end a line or turn the writing direction. */
const UNSPEAKABLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/;
const MOST_NAME_CHARACTERS = 4000;

const speakable = (what: string, name: string): string[] =>
  name.length <= MOST_NAME_CHARACTERS && !UNSPEAKABLE.test(name.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))
    ? []
    : [`name of ${what}: ${JSON.stringify(name.slice(0, 80))}`];
