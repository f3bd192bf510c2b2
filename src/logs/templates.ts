import type { LogLine } from './log-line.ts';
import { MessageScan } from './message-scan.ts';
import { type Template, TemplateTree, tokensOf } from './template-tree.ts';

/** What the miner keeps at most, all of it counted where something is let go. */
export const MOST_TEMPLATES = 2000;
/** Of one template so many wordings are told apart; what is said of others falls together. */
export const MOST_WORDINGS = 16;
export const MOST_SLOTS = 16_384;
/** Half of it may be used. */
const TABLE_SIZE = 2 ** 16;
const TABLE_USED = TABLE_SIZE / 2;

/** What was merged or let go for want of room. */
export interface Merged {
  /** Templates that were let go: those said least and longest ago. */
  readonly templates: number;
  /** The messages of those. */
  readonly lines: number;
  /** Messages that were put to a template that they are hardly like. */
  readonly forced: number;
}

/**
 * Finds the templates of a stream of messages, in bounded memory. A message that differs in its places alone from one before is known
 * by two hashes of the rest; the tree (see `TemplateTree`) is asked for the first of its kind only. `read` returns a slot: the number
 * of a wording, one of those that a template has. What belongs to slots is kept by others, in arrays.
 */
export class TemplateMiner {
  readonly scan = new MessageScan();
  /** Called with the slots that are let go, before they are used again. */
  onRelease: (slots: readonly number[]) => void = () => {};
  readonly #tree = new TemplateTree();
  readonly #templates = new Set<Template>();
  /** By slot. */
  readonly #owners: (Template | undefined)[] = [];
  readonly #counts = new Float64Array(MOST_SLOTS);
  readonly #isShared = new Uint8Array(MOST_SLOTS);
  readonly #free: number[] = [];
  #nextSlot = 0;
  readonly #hashes = new Int32Array(TABLE_SIZE);
  readonly #otherHashes = new Int32Array(TABLE_SIZE);
  /** 0: nothing there; else the slot, and one more. */
  readonly #found = new Int32Array(TABLE_SIZE);
  #used = 0;
  #released = { templates: 0, lines: 0 };

  /** The slot of the message; `scan` tells what is in its places. Fields in words make another wording, not another template. */
  read(message: string, fields?: LogLine['fields']): number {
    this.#look(message, fields);
    const { hash, otherHash } = this.scan;
    const at = this.#placeOf(hash, otherHash);
    if (this.#found[at] === 0) return this.#firstOfKind(hash, otherHash);
    const slot = this.#found[at]! - 1;
    this.#counts[slot]!++;
    return slot;
  }

  #look(message: string, fields: LogLine['fields']): void {
    const { scan } = this;
    scan.read(message);
    if (fields !== undefined) for (const field of fields) if (typeof field[1] === 'string') scan.addWord(field[1]);
  }

  /** Where it is in the table, or would be. */
  #placeOf(hash: number, otherHash: number): number {
    let at = (hash ^ (hash >>> 15)) & (TABLE_SIZE - 1);
    while (this.#found[at] !== 0 && (this.#hashes[at] !== hash || this.#otherHashes[at] !== otherHash))
      at = (at + 1) & (TABLE_SIZE - 1);
    return at;
  }

  /** The slot of a message that was read before, without counting it; undefined where it is not known at once. */
  find(message: string, fields?: LogLine['fields']): number | undefined {
    this.#look(message, fields);
    const slot = this.#found[this.#placeOf(this.scan.hash, this.scan.otherHash)]! - 1;
    return slot < 0 ? undefined : slot;
  }

  /** Another message for a slot, without reading it. */
  again(slot: number): void {
    this.#counts[slot]!++;
  }

  get merged(): Merged {
    return { ...this.#released, forced: this.#tree.forced };
  }

  get templates(): Iterable<Template> {
    return this.#templates;
  }

  templateOf(slot: number): Template {
    return this.#owners[slot]!;
  }

  countOf(slot: number): number {
    return this.#counts[slot]!;
  }

  /** Whether further wordings fall together in it. */
  isShared(slot: number): boolean {
    return this.#isShared[slot] === 1;
  }

  #firstOfKind(hash: number, otherHash: number): number {
    if (this.#templates.size >= MOST_TEMPLATES || this.#freeSlots() < 2) this.#release();
    const tokens = tokensOf(this.scan);
    let template = this.#tree.match(tokens);
    if (!template) {
      template = this.#tree.add(tokens);
      this.#templates.add(template);
    }
    const slot = this.#slotIn(template);
    this.#counts[slot]!++;
    if (this.#used >= TABLE_USED) this.#forgetShared();
    this.#enter(hash, otherHash, slot);
    return slot;
  }

  #slotIn(template: Template): number {
    const { slots } = template;
    if (slots.length > MOST_WORDINGS) return slots[MOST_WORDINGS]!;
    const slot = this.#free.pop() ?? this.#nextSlot++;
    this.#counts[slot] = 0;
    this.#isShared[slot] = slots.length === MOST_WORDINGS ? 1 : 0;
    this.#owners[slot] = template;
    slots.push(slot);
    return slot;
  }

  #freeSlots = (): number => this.#free.length + MOST_SLOTS - this.#nextSlot;

  #enter(hash: number, otherHash: number, slot: number): void {
    const at = this.#placeOf(hash, otherHash);
    this.#hashes[at] = hash;
    this.#otherHashes[at] = otherHash;
    this.#found[at] = slot + 1;
    this.#used++;
  }

  /** Half of the templates go: those said least, and of those the oldest. */
  #release(): void {
    const byCount = [...this.#templates].map((template) => ({ template, count: this.#countOf(template) }));
    // The order of a set is that of coming: of equals the oldest come first, and sorting is stable.
    byCount.sort((a, b) => a.count - b.count);
    const gone = byCount.slice(0, Math.ceil(byCount.length / 2));
    const slots = gone.flatMap(({ template }) => template.slots);
    this.onRelease(slots);
    for (const slot of slots) this.#owners[slot] = undefined;
    this.#free.push(...slots);
    for (const { template, count } of gone) {
      this.#templates.delete(template);
      this.#released.templates++;
      this.#released.lines += count;
    }
    this.#tree.keep(this.#templates);
    this.#rebuild((slot) => this.#owners[slot] !== undefined);
  }

  #countOf = ({ slots }: Template): number => slots.reduce((sum, slot) => sum + this.#counts[slot]!, 0);

  /** Wordings that share a slot are found again by the tree. */
  #forgetShared(): void {
    this.#rebuild((slot) => this.#isShared[slot] === 0);
  }

  #rebuild(stays: (slot: number) => boolean): void {
    const entries: [number, number, number][] = [];
    for (let at = 0; at < TABLE_SIZE; at++) {
      const slot = this.#found[at]! - 1;
      if (slot >= 0 && stays(slot)) entries.push([this.#hashes[at]!, this.#otherHashes[at]!, slot]);
    }
    this.#found.fill(0);
    this.#used = 0;
    for (const [hash, otherHash, slot] of entries) this.#enter(hash, otherHash, slot);
  }
}
