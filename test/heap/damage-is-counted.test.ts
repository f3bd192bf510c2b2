import { beforeAll, describe, expect, test } from 'vitest';
import type { HeapLook } from '../../src/heap/answer.ts';
import { COMMON } from '../../src/heap/cpython/layout.ts';
import { PYTHON } from '../sources/process/programs.ts';
import type { Places } from './damage/damages.ts';
import { recordSubject } from './damage/read-damaged.ts';
import { type Damage, readerOf, readingOf } from './recorded.ts';

let places: Places;
let whole: HeapLook;
const lookAt = (damage: Damage = {}) => readingOf(() => readerOf(places.recorded, damage)).first();

beforeAll(async () => {
  places = await recordSubject(PYTHON);
  whole = lookAt();
});

/** One of the objects of a shape that are found early, so by a way on which nothing is guessed. */
function someOf(shape: string): number {
  const all = places.byShape.get(shape)!;
  return all[Math.floor(all.length / 4)]!;
}

function word(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

test('nothing is refused in a heap that nobody damaged', () => {
  expect(whole.refused).toBe(0);
  expect(whole.objects).toBeGreaterThan(10_000);
});

describe('an absurd size is counted, and adds nothing to the bytes', () => {
  test.each([
    ['list', COMMON.list.allocated],
    ['list', 16],
    ['tuple', 16],
    ['str', COMMON.str.length],
    ['bytes', 16],
    ['int', 16],
    ['bytearray', COMMON.bytearray.allocated],
    ['set', COMMON.set.mask],
    ['deque', 16],
    ['array', 32],
  ])('of a %s, at %i', (shape, offset) => {
    for (const value of [2n ** 33n, 2n ** 46n, 2n ** 62n]) {
      const look = lookAt({ patches: [{ address: someOf(shape) + offset, bytes: word(value) }] });
      expect(look.refused).toBeGreaterThan(0);
      // What is left is the size of its head, which a short str does not fill.
      expect(look.objectBytes).toBeLessThan(whole.objectBytes + 100);
    }
  });
});

test('a pointer to nowhere is counted, and all that others hold is still found', () => {
  const list = places.byShape
    .get('list')!
    .find((address) => places.view.snapshot.signed(places.view.snapshot.word(address) + 2) > 0);
  const look = lookAt({ patches: [{ address: list! + COMMON.list.items, bytes: word(0x7f1234567000n) }] });
  expect(look.refused).toBeGreaterThan(0);
  expect(look.objects).toBeGreaterThan(whole.objects / 2);
});

test('a list of the collector that leads into itself ends, and is counted', () => {
  const [early, late] = [10, 900].map((at) => places.tracked[at]! - COMMON.gc.headBytes);
  const look = lookAt({ patches: [{ address: late!, bytes: word(BigInt(early!)) }] });
  expect(look.refused).toBeGreaterThan(0);
  expect(look.objects).toBeGreaterThan(whole.objects / 2);
});

test('pages that are swapped out are left out, and said to be missing', () => {
  const swapped = new Set(
    places.writable.flatMap(({ start, bytes }) => (bytes.length > 1 << 17 ? [start + 8192] : [])),
  );
  const look = lookAt({ swapped });
  expect(look.missedBytes).toBeGreaterThan(0);
  expect(look.refused).toBeGreaterThan(0);
});
