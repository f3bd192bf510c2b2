import { followList } from '../cpython/collector.ts';
import type { Interpreter } from '../cpython/interpreter.ts';
import { COMMON } from '../cpython/layout.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import type { CollectorState } from './answer.ts';

/** Where the numbers of a generation are in `struct gc_generation`, behind the head of its list. */
const [THRESHOLD, COUNT] = [16, 20];

/**
 * The state of the main interpreter's collector, as its `gc` module tells it; objects that were frozen are counted up to
 * `mostFrozen`. Undefined where its lists were not found.
 */
export function collectorState(
  snapshot: Snapshot,
  interpreter: Interpreter,
  mostFrozen: number,
): CollectorState | undefined {
  const { collectorAt, generations, layout } = interpreter;
  const heads = generations.slice(0, 3);
  const at = collectorAt === undefined ? -1 : snapshot.word(collectorAt);
  if (collectorAt === undefined || at < 0 || heads.length < 3) return undefined;
  const { enabled, garbage, permanent } = layout.collector;
  const frozen = countFrozen(snapshot, collectorAt + permanent, mostFrozen);
  const garbageList = snapshot.follow(at + garbage / 8);
  return {
    enabled: int32At(snapshot, collectorAt + enabled) !== 0,
    thresholds: heads.map((head) => int32At(snapshot, head + THRESHOLD)),
    counts: heads.map((head) => int32At(snapshot, head + COUNT)),
    ...(frozen === undefined ? {} : { frozen }),
    // ob_size; without a run of the collector there is no list.
    garbage: garbageList < 0 ? 0 : Math.max(0, snapshot.signed(garbageList + COMMON.str.length / 8)),
    generations: statistics(snapshot, interpreter, at),
  };
}

/** Heads lie at multiples of 4 alone in late 3.13 (see `pointerAt`): numbers in them are read by themselves. */
function int32At(snapshot: Snapshot, address: number): number {
  const word = snapshot.word(address);
  return word < 0 ? 0 : snapshot.int32(word, address % 8);
}

function countFrozen(snapshot: Snapshot, head: number, most: number): number | undefined {
  let count = 0;
  const isWhole = followList(snapshot, head, () => {
    count += 1;
    return count < most;
  });
  return isWhole ? count : undefined;
}

const GENERATIONS = 3;
/** Of struct gc_generation_stats up to 3.14: collections, collected, uncollectable. */
const STATISTICS_BYTES = 24;
/** Of 3.15: rings of 11, 3 and 3 of them, the place of the last one behind each (pycore_interp_structs.h). */
const RING = { itemBytes: 64, collections: 16, items: [11, 3, 3] } as const;

function statistics(snapshot: Snapshot, { layout }: Interpreter, at: number): CollectorState['generations'] {
  const { how, at: offset } = layout.collector.statistics;
  const places =
    how === 'inline'
      ? Array.from({ length: GENERATIONS }, (_, index) => at + (offset + index * STATISTICS_BYTES) / 8)
      : lastOfRings(snapshot, snapshot.follow(at + offset / 8));
  return places.map((place) => ({
    collections: snapshot.signed(place),
    collected: snapshot.signed(place + 1),
    uncollectable: snapshot.signed(place + 2),
  }));
}

function lastOfRings(snapshot: Snapshot, rings: number): number[] {
  if (rings < 0) return [];
  let ring = rings;
  return RING.items.map((items) => {
    const index = snapshot.uint8(ring + (items * RING.itemBytes) / 8, 0);
    const place = ring + (Math.min(index, items - 1) * RING.itemBytes + RING.collections) / 8;
    ring += (items * RING.itemBytes) / 8 + 1;
    return place;
  });
}
