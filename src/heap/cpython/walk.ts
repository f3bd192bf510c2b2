import { dataSegments, ELF_HEAD_BYTES } from '../elf/elf.ts';
import { Reached } from '../graph/reached.ts';
import type { MemoryMap } from '../memory/reader.ts';
import { Room } from '../memory/room.ts';
import { PAGE_BYTES, type Snapshot } from '../memory/snapshot.ts';
import { trackedBy } from './collector.ts';
import { FoundObjects, type FoundRoot } from './found-objects.ts';
import type { Interpreter } from './interpreter.ts';
import { Plausibility } from './plausible.ts';
import { ReferenceReader } from './references.ts';
import { ObjectSizes } from './sizes.ts';
import { isLive, type TypeInfo, TypeTable } from './types.ts';
import type { RootKind, Walked } from './walked.ts';

/**
 * Finds everything that can be reached and everything that the collector tracks: breadth first, roots in the order
 * of `RootKind`, so that the shortest path from the best known root comes first.
 */
export function walkHeap(
  snapshot: Snapshot,
  interpreter: Interpreter,
  maps: readonly MemoryMap[],
  mostObjects = Number.POSITIVE_INFINITY,
): Walked {
  const walker = new Walker(snapshot, interpreter, new Room(maps), mostObjects);
  walker.root('modules', interpreter.modules);
  walker.root('modules', interpreter.builtins);
  walker.root('modules', interpreter.sysdict);
  // What else a sub-interpreter has is found in its state.
  for (const other of interpreter.others) walker.root('modules', other.modules);
  interpreter.threads.forEach((thread, index) => {
    for (const frame of thread.frames) walker.frame(frame, index);
  });
  walker.drain();
  walker.stacks();
  walker.drain();
  interpreter.threads.forEach((thread, index) => {
    walker.scan('thread', thread.state, interpreter.layout.thread.size / 8, index);
  });
  for (const { state } of [interpreter, ...interpreter.others]) {
    walker.scan('interpreter', state, interpreter.layout.interpreter.size / 8);
  }
  walker.drain();
  for (const segment of cData(snapshot, maps)) walker.scanSegment(segment);
  walker.drain();
  walker.unreached();
  walker.drain();
  walker.stacks();
  walker.drain();
  return walker.finish();
}

/** The variables of C code: writable data of the executable and its libraries. What lies behind is the heap's. */
function cData(snapshot: Snapshot, maps: readonly MemoryMap[]): { start: number; end: number }[] {
  const images = maps.filter((map) => map.inode !== 0 && map.offset === 0 && map.path.startsWith('/'));
  const seen = new Set<string>();
  const segments = images.flatMap((map) => {
    if (seen.has(map.path)) return [];
    seen.add(map.path);
    return dataSegments(snapshot.slice(map.start, ELF_HEAD_BYTES), map.start);
  });
  // How long a segment is, is said in the target's memory: it ends where its mappings do.
  return segments.flatMap(({ start, end }) =>
    maps
      .filter((map) => map.writable && map.start < end && map.end > start)
      .map((map) => ({ start: Math.max(start, map.start), end: Math.min(end, map.end) })),
  );
}

/** What is read behind the fixed part of an object, other than through pointers: a generator's frame. */
const BEHIND_BYTES = 128;
/** Places visited between two looks at the frontier. */
const BATCH = 4096;

class Walker {
  private readonly snapshot: Snapshot;
  private readonly interpreter: Interpreter;
  private readonly types: TypeTable;
  private readonly references: ReferenceReader;
  private readonly plausibility: Plausibility;
  private readonly reached: Reached;
  private readonly found: FoundObjects;
  private readonly batch = new Uint32Array(BATCH);
  private readonly onStacks: { word: number; frame: number }[] = [];
  private readonly roots: FoundRoot[] = [];

  constructor(snapshot: Snapshot, interpreter: Interpreter, room: Room, mostObjects: number) {
    const { layout, typeType } = interpreter;
    const words = snapshot.places;
    this.snapshot = snapshot;
    this.interpreter = interpreter;
    this.plausibility = new Plausibility(snapshot, layout, room);
    this.types = new TypeTable(snapshot, layout, typeType);
    this.reached = new Reached(words);
    this.references = new ReferenceReader(snapshot, layout, this.reached, (word) => this.looksLikeOne(word));
    const sizes = new ObjectSizes(snapshot, layout, room);
    this.found = new FoundObjects(words, mostObjects, { types: this.types, sizes, room, reached: this.reached });
  }

  root(kind: RootKind, word: number, thread?: number): void {
    if (word < 0 || this.typeIndex(word) < 0) return;
    this.addRoot(kind, word, thread);
  }

  private addRoot(kind: RootKind, word: number, thread?: number): void {
    const { seen, again, frontier } = this.reached;
    // What is a root is a node, even where it is a leaf.
    again.add(word);
    if (!seen.has(word)) {
      seen.add(word);
      frontier.add(word);
    }
    this.roots.push(thread === undefined ? { kind, word } : { kind, word, thread });
  }

  /** A frame is an object up to 3.10; from 3.11 on it is a node of the graph all the same. */
  frame(word: number, thread: number): void {
    if (this.interpreter.layout.frame.how === 'object') return this.root('frame', word, thread);
    if (!this.reached.seen.has(word)) {
      this.reached.seen.add(word);
      const type = this.types.all[0]!;
      this.found.addFrame(word, type);
      this.read(word, type);
    }
    this.roots.push({ kind: 'frame', word, thread });
  }

  /**
   * Words of C structures that may be pointers to objects. They count as roots only of what nothing else was found to
   * hold: an array of free objects keeps pointing to those that were taken from it (`free_list` of dicts and lists).
   */
  scan(kind: RootKind, start: number, words: number, thread?: number): void {
    const run = this.snapshot.run(start, words);
    for (let at = start; at < start + run; at += 1) {
      const word = this.snapshot.follow(at);
      if (word < 0 || this.reached.seen.has(word) || !this.isOne(word)) continue;
      this.addRoot(kind, word, thread);
    }
  }

  scanSegment({ start, end }: { start: number; end: number }): void {
    for (let address = start - (start % 8); address < end; ) {
      const next = Math.min(end, address - (address % PAGE_BYTES) + PAGE_BYTES);
      const word = this.snapshot.word(address);
      if (word >= 0) this.scan('c-data', word, (next - address) / 8);
      address = next;
    }
  }

  /** What the collector tracks and nothing was found to hold. */
  unreached(): void {
    const { seen } = this.reached;
    this.reached.lost += trackedBy(this.snapshot, this.interpreter, (word) => {
      if (!seen.has(word)) this.root('unreached', word);
    });
  }

  /** Follows the references of all that was found, a level at a time. */
  drain(): void {
    const { batch } = this;
    const { frontier } = this.reached;
    for (let count = frontier.next(batch); count > 0; count = frontier.next(batch)) {
      for (let at = 0; at < count; at += 1) this.visit(batch[at]!);
    }
  }

  private visit(word: number): void {
    const index = this.typeIndex(word);
    if (index < 0) {
      // Not counted as lost: the marks of C code that stand where an object would (a set's deleted key) are no objects either.
      this.reached.seen.delete(word);
      return;
    }
    const type = this.types.all[index]!;
    if (this.found.add(word, type)) this.read(word, type);
  }

  private read(word: number, type: TypeInfo): void {
    if (this.reached.isFull) return;
    this.references.collect(word, type);
    const { stale } = this.references;
    for (let at = 0; at < stale.length; at += 1) this.onStacks.push({ word: stale.at(at), frame: word });
    stale.length = 0;
  }

  /** What only the value stacks of running frames hold: a list that is being built, the arguments of a call. */
  stacks(): void {
    const frames = new Map(this.roots.filter((root) => root.kind === 'frame').map((root) => [root.word, root]));
    for (const { word, frame } of this.onStacks.splice(0)) {
      if (!this.reached.seen.has(word) && this.isOne(word)) this.addRoot('frame', word, frames.get(frame)?.thread);
    }
  }

  finish(): Walked {
    return this.found.finish(this.roots);
  }

  /** The index of the type of the live object at the place; -1 where none is. */
  private typeIndex(word: number): number {
    if (!isLive(this.snapshot, word)) return -1;
    const type = this.snapshot.follow(word + 1);
    const index = type < 0 ? -1 : this.types.indexOf(type);
    if (index >= 0) this.snapshot.span(word, this.types.all[index]!.basicSize + BEHIND_BYTES);
    return index;
  }

  /** Whether an object is where anything can be: it must also look like one of its type. */
  private isOne(word: number): boolean {
    const index = this.typeIndex(word);
    return index >= 0 && this.plausibility.is(word, this.types.all[index]!);
  }

  /** The same for a word in an object, where it was most likely meant to be one. */
  private looksLikeOne(word: number): boolean {
    const index = this.typeIndex(word);
    if (index < 0) return false;
    const is = this.plausibility.is(word, this.types.all[index]!);
    if (!is) this.reached.lost += 1;
    return is;
  }
}
