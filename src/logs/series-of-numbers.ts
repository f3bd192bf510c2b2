import { type MessageScan, NUMBER } from './message-scan.ts';
import type { Unit } from './number-series.ts';
import { PointBuffer } from './point-buffer.ts';
import { quantityOf } from './quantities.ts';
import { UNITS } from './units.ts';

/** Series that are kept at once; beyond, those that were said least go. */
const MOST_SERIES = 1200;
/** Numbers of one message that are followed, and fields beside it. */
const MOST_PLACES = 32;
const MOST_FIELDS = 48;
/** A series said less often may be let go. */
const FEW_VALUES = 8;
/** Where nothing could be let go, so many lines pass before it is tried again. */
const LINES_BETWEEN = 100_000;
const MOST_FIELD_CHARACTERS = 64;

/** Fields that every line has, and that count nothing. */
const NO_COUNTS =
  /^(?:time|ts|timestamp|@timestamp|asctime|created|relative_?created|msecs|levelno|level|severity|line_?no|line|lineNumber|pid|process|process_?id|thread|thread_?id|tid|port|status|status_code|code|(?:.*[._])?(?:id|uuid))$/i;

/** One number of a wording: what it was, each time. */
export interface NumberPlace {
  readonly slot: number;
  /** Of the scan; of a wording that stands for many: 8 × its token, and which place in that. A field by its name. */
  readonly place: number | string;
  readonly writer: string | undefined;
  readonly points: PointBuffer;
  /** Of `UNITS`, as first said. */
  spelling: number;
  /** It was said with different units. */
  isMixed: boolean;
  isApart: boolean;
  /** Values in a unit that does not fit the others: not kept. */
  misfits: number;
}

/** Where the numbers of a wording go, by writer. */
interface Places {
  readonly byNumber: (NumberPlace | undefined)[];
  byField: Map<string, NumberPlace> | undefined;
}

/** Who says what is added. */
export interface Saying {
  /** Of the wording, and whether others share it. */
  slot: number;
  isShared: boolean;
  /** 0: nobody says who. */
  writer: number;
  writerName: string | undefined;
  /** NaN: it has no time. */
  at: number;
  line: number;
  life: number;
}

/** All numbers of a log as series, in bounded memory. */
export class NumbersInLog {
  /** Series that were let go for want of room, or never begun. */
  letGo = 0;
  /** Another one: slots that were there may be others now, and their series are no more. */
  generation = 0;
  /** Another one: series that were there may be no more. */
  seriesGeneration = 0;
  #count = 0;
  /** By slot, of writer 0. */
  readonly #ofNobody: (Places | undefined)[] = [];
  readonly #ofWriters = new Map<number, (Places | undefined)[]>();
  #closedUntil = 0;

  /** Takes the numbers in the message that was scanned last. */
  addMessage(scan: MessageScan, saying: Saying): void {
    const { places } = scan;
    for (let place = 0, inToken = 0; place < places; place++) {
      inToken = place > 0 && scan.placeTokens[place] === scan.placeTokens[place - 1] ? inToken + 1 : 0;
      if (scan.placeKinds[place] !== NUMBER) continue;
      const key = saying.isShared ? sharedPlace({ token: scan.placeTokens[place]!, inToken }) : place;
      const unit = scan.placeUnits[place]!;
      const series =
        this.#placesOf(saying).byNumber[key] ?? this.inMessage(saying, key, inToken, unit, scan.isPlaceApart(place));
      if (series) take(series, scan.placeValues[place]!, scan.placeUnits[place]!, saying);
    }
  }

  addField(name: string, value: number | string, saying: Saying): void {
    if (typeof value === 'number') return this.#addToField(name, value, 0, saying);
    if (value.length > 32) return;
    const quantity = quantityOf(value);
    if (quantity) this.#addToField(name, quantity.value, baseUnit(quantity.unit), saying);
  }

  /** The series of a number in a message, begun where there is none; undefined where it is not followed. */
  inMessage(saying: Saying, place: number, inToken: number, unit: number, isApart: boolean): NumberPlace | undefined {
    if (saying.isShared ? inToken > 7 : place >= MOST_PLACES) return undefined;
    return this.#placesOf(saying).byNumber[place] ?? this.#begin(saying, place, unit, isApart);
  }

  /** The same of a field. */
  inField(saying: Saying, name: string, unit: number): NumberPlace | undefined {
    const places = this.#placesOf(saying);
    const known = places.byField?.get(name);
    if (known || name.length > MOST_FIELD_CHARACTERS || NO_COUNTS.test(name)) return known;
    return (places.byField?.size ?? 0) < MOST_FIELDS ? this.#begin(saying, name, unit, false) : undefined;
  }

  /** What belongs to these slots is over. */
  release(slots: readonly number[]): void {
    this.generation++;
    for (const bySlot of [this.#ofNobody, ...this.#ofWriters.values()])
      for (const slot of slots) {
        this.#count -= seriesIn(bySlot[slot]).length;
        bySlot[slot] = undefined;
      }
  }

  all(): NumberPlace[] {
    return [this.#ofNobody, ...this.#ofWriters.values()].flatMap((bySlot) => bySlot.flatMap(seriesIn));
  }

  #addToField(name: string, value: number, unit: number, saying: Saying): void {
    if (!Number.isFinite(value) || Math.abs(value) > 2 ** 64) return;
    const series = this.inField(saying, name, unit);
    if (series) take(series, value, unit, saying);
  }

  #placesOf({ slot, writer }: Saying): Places {
    let bySlot = this.#ofNobody;
    if (writer > 0) {
      bySlot = this.#ofWriters.get(writer) ?? [];
      if (bySlot.length === 0) this.#ofWriters.set(writer, bySlot);
    }
    let places = bySlot[slot];
    if (!places) {
      places = { byNumber: [], byField: undefined };
      while (bySlot.length < slot) bySlot.push(undefined);
      bySlot[slot] = places;
    }
    return places;
  }

  #begin(saying: Saying, place: number | string, spelling: number, isApart: boolean): NumberPlace | undefined {
    if (this.#count >= MOST_SERIES && !this.#makeRoom(saying.line)) {
      this.letGo++;
      return undefined;
    }
    const { slot, writerName: writer } = saying;
    const series: NumberPlace = {
      slot,
      place,
      writer,
      points: new PointBuffer(),
      spelling,
      isMixed: false,
      isApart,
      misfits: 0,
    };
    const places = this.#placesOf(saying);
    if (typeof place === 'number') places.byNumber[place] = series;
    else {
      places.byField ??= new Map();
      places.byField.set(place, series);
    }
    this.#count++;
    return series;
  }

  /** Of the series that were said few times those go that were said least. */
  #makeRoom(line: number): boolean {
    if (line < this.#closedUntil) return false;
    const few = this.all().filter(({ points }) => points.count < FEW_VALUES);
    few.sort((a, b) => a.points.count - b.points.count);
    const gone = new Set(few.slice(0, Math.ceil(few.length / 2)));
    if (gone.size < MOST_SERIES / 8) this.#closedUntil = line + LINES_BETWEEN;
    for (const bySlot of [this.#ofNobody, ...this.#ofWriters.values()])
      for (const places of bySlot) {
        if (!places) continue;
        for (const [at, series] of places.byNumber.entries())
          if (series && gone.has(series)) places.byNumber[at] = undefined;
        for (const [name, series] of places.byField ?? []) if (gone.has(series)) places.byField!.delete(name);
      }
    this.seriesGeneration++;
    this.#count -= gone.size;
    this.letGo += gone.size;
    return gone.size > 0;
  }
}

/** The place of a number in a wording that stands for many. */
export const sharedPlace = ({ token, inToken }: { token: number; inToken: number }): number => token * 8 + inToken;

/** The number of the unit that values of a kind are told in. */
export const baseUnit = (unit: Unit): number => BASE_UNITS[unit];

const BASE_UNITS: Readonly<Record<Unit, number>> = {
  bytes: UNITS.findIndex(({ text }) => text === 'B'),
  seconds: UNITS.findIndex(({ text }) => text === 's'),
  percent: UNITS.findIndex(({ text }) => text === '%'),
  count: 0,
  unknown: 0,
};

export function take(series: NumberPlace, value: number, unit: number, { at, line, life }: Saying): void {
  if (unit !== series.spelling) {
    const kind = UNITS[unit]!.unit;
    const before = UNITS[series.spelling]!.unit;
    // Nothing is zero in any unit; a series of zeros has the unit of what comes first.
    if (kind !== before && value !== 0) {
      if (!series.points.isAllZero) {
        series.misfits++;
        return;
      }
      series.spelling = unit;
    } else if (value !== 0) series.isMixed = true;
  }
  series.points.add(at, line, value, life);
}

const seriesIn = (places: Places | undefined): NumberPlace[] =>
  places ? [...places.byNumber.filter((series) => series !== undefined), ...(places.byField?.values() ?? [])] : [];
