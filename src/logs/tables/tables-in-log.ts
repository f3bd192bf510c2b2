import type { LogLine } from '../log-line.ts';
import { MOST_SLOTS } from '../templates.ts';
import { mayHoldRow } from './may-hold-row.ts';
import { TableReader } from './reader.ts';
import type { LogRow } from './row.ts';
import { type LogTables, TableDigest } from './tables.ts';

/** A template is looked at the first times that it is said, and then ever more seldom: what its lines may hold is in its words. */
const LOOKED_AT = 4;
/** So often none of its lines was a row, whatever its words: then it is looked at as seldom as others. */
const FRUITLESS = 64;

/** Other rows are of sentences, and a number in a sentence is one that the program tells. */
const OF_TABLES: ReadonlySet<LogRow['kind']> = new Set([
  'allocation-site',
  'allocation-total',
  'object-count',
  'profiled-line',
  'cycle-object',
]);

/** Gathers the rows of a log whose lines come with the slot of their template: lines that can hold no row cost next to nothing. */
export class TablesInLog {
  readonly #reader = new TableReader();
  readonly #digest = new TableDigest();
  /** By slot, and whether there are fields: a message may come with and without. */
  readonly #mayHold = new Uint8Array(2 * MOST_SLOTS);
  readonly #fruitless = new Uint8Array(2 * MOST_SLOTS);

  /** `said`: how often that slot has come, this time included. True: the line is a part of a table, and its numbers are told there. */
  add(line: LogLine, slot: number, said: number, lineNumber: number, life: number): boolean {
    if (this.#reader.isWithin(line.writer) === 'no' && !this.#mayBeOne(line, slot, said)) return false;
    const numbered = line.number === lineNumber ? line : { ...line, number: lineNumber };
    const rows = this.#reader.take(numbered, life);
    for (const row of rows) this.#digest.add(row);
    this.#weigh(
      placeOf(slot, line.fields !== undefined),
      rows.length > 0 || this.#reader.isWithin(line.writer) !== 'no',
    );
    const own = rows.at(-1);
    if (own?.lineNumber === lineNumber) return OF_TABLES.has(own.kind);
    return this.#reader.isWithin(line.writer) === 'yes';
  }

  /** Whether a line of that slot, which came before, is no row and within no table. */
  passes(slot: number, hasFields: boolean, writer: string | undefined): boolean {
    return this.#mayHold[placeOf(slot, hasFields)] === 0 && this.#reader.isWithin(writer) === 'no';
  }

  /** These slots are of other templates from now on. */
  release(slots: readonly number[]): void {
    for (const slot of slots) {
      this.#mayHold.fill(0, placeOf(slot, false), placeOf(slot, true) + 1);
      this.#fruitless.fill(0, placeOf(slot, false), placeOf(slot, true) + 1);
    }
  }

  /** What there was; undefined where no row was. */
  finish(): LogTables | undefined {
    for (const row of this.#reader.end()) this.#digest.add(row);
    return this.#digest.rows > 0 ? this.#digest.result() : undefined;
  }

  #mayBeOne(line: LogLine, slot: number, said: number): boolean {
    const place = placeOf(slot, line.fields !== undefined);
    if (this.#mayHold[place] === 1) return true;
    if (said > LOOKED_AT && (said & (said - 1)) !== 0) return false;
    if (!mayHoldRow(line)) return false;
    this.#mayHold[place] = 1;
    return true;
  }

  #weigh(place: number, isFruitful: boolean): void {
    if (isFruitful) this.#fruitless[place] = 0;
    else if (++this.#fruitless[place]! >= FRUITLESS) {
      this.#fruitless[place] = 0;
      this.#mayHold[place] = 0;
    }
  }
}

const placeOf = (slot: number, hasFields: boolean): number => 2 * slot + (hasFields ? 1 : 0);
