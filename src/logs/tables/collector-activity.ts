import type { CollectionRow, CollectorStateRow, CycleObjectRow } from './row.ts';

/** What the log tells of the garbage collector, over all writers and lives. */
export interface CollectorActivity {
  /** Runs that were told, by generation where it is said. */
  readonly runs: number;
  readonly runsByGeneration: readonly number[];
  readonly unreachable: number;
  readonly uncollectable: number;
  readonly seconds: number;
  readonly longestSeconds: number;
  /** What was said last; absent: nothing. */
  readonly enabled?: boolean;
  /** It was said to be off at one time at least, or its first threshold is 0. */
  readonly wasDisabled: boolean;
  readonly wasFrozen: boolean;
  /** Objects in `gc.garbage`: the first and the last number that was told, and the highest. */
  readonly garbage?: { readonly first: number; readonly last: number; readonly most: number };
  /** Types of objects in cycles, the most frequent first. */
  readonly types: readonly { readonly type: string; readonly collectable: boolean; readonly count: number }[];
}

const MOST_TYPES = 200;
const MOST_GENERATIONS = 8;

/** Adds up rows on the collector. */
export class CollectorActivityOf {
  #runs = 0;
  #unreachable = 0;
  #uncollectable = 0;
  #seconds = 0;
  #longestSeconds = 0;
  #enabled: boolean | undefined;
  #wasDisabled = false;
  #wasFrozen = false;
  #garbage: CollectorActivity['garbage'];
  readonly #byGeneration: number[] = [];
  readonly #types = new Map<string, { type: string; collectable: boolean; count: number }>();

  add(row: CollectionRow | CycleObjectRow | CollectorStateRow): void {
    if (row.kind === 'collection') this.#ran(row);
    else if (row.kind === 'cycle-object') this.#found(row);
    else this.#is(row);
  }

  result(): CollectorActivity {
    return {
      runs: this.#runs,
      runsByGeneration: Array.from(this.#byGeneration, (runs) => runs ?? 0),
      unreachable: this.#unreachable,
      uncollectable: this.#uncollectable,
      seconds: this.#seconds,
      longestSeconds: this.#longestSeconds,
      ...(this.#enabled === undefined ? {} : { enabled: this.#enabled }),
      wasDisabled: this.#wasDisabled,
      wasFrozen: this.#wasFrozen,
      ...(this.#garbage ? { garbage: this.#garbage } : {}),
      types: [...this.#types.values()].sort((a, b) => b.count - a.count),
    };
  }

  #ran({ generation, unreachable, uncollectable = 0, seconds = 0 }: CollectionRow): void {
    this.#runs++;
    this.#unreachable += unreachable;
    this.#uncollectable += uncollectable;
    this.#seconds += seconds;
    this.#longestSeconds = Math.max(this.#longestSeconds, seconds);
    if (generation !== undefined && generation < MOST_GENERATIONS)
      this.#byGeneration[generation] = (this.#byGeneration[generation] ?? 0) + 1;
  }

  #found({ type, collectable }: CycleObjectRow): void {
    const key = `${collectable} ${type}`;
    const known = this.#types.get(key);
    if (known) known.count++;
    else if (this.#types.size < MOST_TYPES) this.#types.set(key, { type, collectable, count: 1 });
  }

  #is({ enabled, frozen, thresholds, garbage }: CollectorStateRow): void {
    this.#enabled = enabled ?? this.#enabled;
    if (enabled === false || thresholds?.[0] === 0) this.#wasDisabled = true;
    if (frozen) this.#wasFrozen = true;
    if (garbage === undefined) return;
    const known = this.#garbage;
    this.#garbage = { first: known?.first ?? garbage, last: garbage, most: Math.max(known?.most ?? 0, garbage) };
  }
}
