import type { LogPoint } from './number-series.ts';

/** Points of one series that are kept at most, while they come. */
const MOST_POINTS = 512;
const FIRST_ROOM = 4;

/** Of a point: its time, line, value and life, one behind the other. */
const AT = 0;
const LINE = 1;
const VALUE = 2;
const LIFE = 3;
const SIZE = 4;
/** Of the run that is not full yet, in the same way. */
const LEAST = 0;
const GREATEST = SIZE;
const LAST = 2 * SIZE;

/**
 * Points as they come, thinned in bounded memory: of each run of neighbours in a life the least and the greatest are kept, and always the
 * first and the last of a life, as long as there are not more lives than room.
 */
export class PointBuffer {
  /** Values that came. */
  count = 0;
  length = 0;
  #points = new Float64Array(FIRST_ROOM * SIZE);
  /** How many values become two points. */
  #run = 1;
  #inRun = 0;
  #life = -1;
  readonly #pending = new Float64Array(3 * SIZE);

  /** `at` is NaN where there is no time. */
  add(at: number, line: number, value: number, life: number): void {
    this.count++;
    if (life !== this.#life) {
      this.#endRun(true);
      this.#life = life;
      this.#push(at, line, value);
    } else if (this.#run === 1) this.#push(at, line, value);
    else this.#intoRun(at, line, value);
    if (this.length >= MOST_POINTS) this.#compact();
  }

  /** @param factor by which their values are multiplied */
  points(factor = 1): LogPoint[] {
    this.#endRun(true);
    return Array.from({ length: this.length }, (_, i) => {
      const at = this.#points[i * SIZE]!;
      const timed = Number.isNaN(at) ? {} : { atUnixSeconds: at };
      return { ...timed, line: this.#of(i, LINE), value: this.#of(i, VALUE) * factor, life: this.#of(i, LIFE) };
    });
  }

  /** Undefined where none came. */
  lastValue(): number | undefined {
    this.#endRun(true);
    return this.length === 0 ? undefined : this.#of(this.length - 1, VALUE);
  }

  /** No more points than so, where first and last of each life leave room for it. */
  thinTo(most: number): void {
    this.#endRun(true);
    while (this.length > Math.max(SIZE, most)) {
      const before = this.length;
      this.#compact();
      if (this.length >= before) break;
    }
  }

  /** Whether all values are the same one. */
  get isConstant(): boolean {
    for (let i = 1; i < this.length; i++) if (this.#of(i, VALUE) !== this.#of(0, VALUE)) return false;
    return (
      this.#inRun === 0 ||
      (this.#pending[LEAST + VALUE] === this.#pending[GREATEST + VALUE] &&
        this.#pending[LEAST + VALUE] === this.#of(0, VALUE))
    );
  }

  get isAllZero(): boolean {
    return this.length === 0 || (this.#of(0, VALUE) === 0 && this.isConstant);
  }

  #of = (point: number, what: number): number => this.#points[point * SIZE + what]!;

  #intoRun(at: number, line: number, value: number): void {
    const pending = this.#pending;
    if (this.#inRun === 0 || value < pending[LEAST + VALUE]!) this.#set(LEAST, at, line, value);
    if (this.#inRun === 0 || value >= pending[GREATEST + VALUE]!) this.#set(GREATEST, at, line, value);
    this.#set(LAST, at, line, value);
    this.#inRun++;
    if (this.#inRun >= this.#run) this.#endRun(false);
  }

  #set(which: number, at: number, line: number, value: number): void {
    this.#pending[which + AT] = at;
    this.#pending[which + LINE] = line;
    this.#pending[which + VALUE] = value;
  }

  /** What is kept of the run, in the order in which it came. */
  #endRun(isLastOfLife: boolean): void {
    if (this.#inRun === 0) return;
    this.#inRun = 0;
    const least = this.#pending[LEAST + LINE]!;
    const greatest = this.#pending[GREATEST + LINE]!;
    this.#pushPending(least <= greatest ? LEAST : GREATEST);
    if (least !== greatest) this.#pushPending(least <= greatest ? GREATEST : LEAST);
    if (isLastOfLife && this.#pending[LAST + LINE]! > Math.max(least, greatest)) this.#pushPending(LAST);
  }

  #pushPending(which: number): void {
    this.#push(this.#pending[which + AT]!, this.#pending[which + LINE]!, this.#pending[which + VALUE]!);
  }

  #compact(): void {
    this.#run = this.#run === 1 ? 4 : Math.min(2 ** 40, this.#run * 2);
    if (this.#livesKept() > MOST_POINTS / 8) this.#dropLives();
    const before = this.length;
    let to = 0;
    for (let start = 0; start < before; ) {
      let end = start + 1;
      while (end < before && this.#of(end, LIFE) === this.#of(start, LIFE)) end++;
      to = this.#compactLife(start, end, to);
      start = end;
    }
    this.length = to;
  }

  /** First and last stay; of each four between them the least and the greatest. */
  #compactLife(start: number, end: number, into: number): number {
    let to = into;
    this.#move(start, to++);
    for (let at = start + 1; at < end - 1; at += 4) {
      const upTo = Math.min(at + 4, end - 1);
      let least = at;
      let greatest = at;
      for (let i = at + 1; i < upTo; i++) {
        if (this.#of(i, VALUE) < this.#of(least, VALUE)) least = i;
        if (this.#of(i, VALUE) >= this.#of(greatest, VALUE)) greatest = i;
      }
      this.#move(Math.min(least, greatest), to++);
      if (least !== greatest) this.#move(Math.max(least, greatest), to++);
    }
    if (end - start > 1) this.#move(end - 1, to++);
    return to;
  }

  #livesKept(): number {
    let lives = 0;
    for (let i = 0; i < this.length; i++) if (i === 0 || this.#of(i, LIFE) !== this.#of(i - 1, LIFE)) lives++;
    return lives;
  }

  /** Every second life goes, but for the first and the last. */
  #dropLives(): void {
    let to = 0;
    let number = 0;
    let before = this.#of(0, LIFE);
    const first = before;
    for (let i = 0; i < this.length; i++) {
      const life = this.#of(i, LIFE);
      if (life !== before) number++;
      before = life;
      if (number % 2 === 0 || life === first || life === this.#life) this.#move(i, to++);
    }
    this.length = to;
  }

  #move(from: number, to: number): void {
    if (from !== to) this.#points.copyWithin(to * SIZE, from * SIZE, (from + 1) * SIZE);
  }

  #push(at: number, line: number, value: number): void {
    const from = this.length * SIZE;
    if (from === this.#points.length) {
      const grown = new Float64Array(this.#points.length * 2);
      grown.set(this.#points);
      this.#points = grown;
    }
    this.#points[from + AT] = at;
    this.#points[from + LINE] = line;
    this.#points[from + VALUE] = value;
    this.#points[from + LIFE] = this.#life;
    this.length++;
  }
}
