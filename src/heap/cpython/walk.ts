import { dataSegments, ELF_HEAD_BYTES } from '../elf/elf.ts';
import { giveBack } from '../graph/give-back.ts';
import { type Bytes, bytesArray, DEEPEST, type HeapGraph, LEAF } from '../graph/heap-graph.ts';
import { depthFirst, inOrder, type OwnGraph, renumber } from '../graph/preorder.ts';
import { Reached } from '../graph/reached.ts';
import { Uint32List } from '../graph/uint32-list.ts';
import { WordSet } from '../graph/word-set.ts';
import { HeapError } from '../heap-error.ts';
import type { MemoryMap } from '../memory/reader.ts';
import { Room } from '../memory/room.ts';
import { PAGE_BYTES, type Snapshot } from '../memory/snapshot.ts';
import { trackedBy } from './collector.ts';
import type { Interpreter } from './interpreter.ts';
import { Plausibility } from './plausible.ts';
import { ReferenceReader } from './references.ts';
import { ObjectSizes } from './sizes.ts';
import { isLive, type TypeInfo, TypeTable } from './types.ts';

/** What a root is, from the best known to the least. */
export type RootKind =
  | 'modules'
  | 'frame'
  | 'thread'
  | 'interpreter'
  /** A variable of C code: in the writable data of the interpreter or an extension. */
  | 'c-data'
  /** Tracked by the collector, and reached from nowhere else. */
  | 'unreached';

export interface Root {
  readonly kind: RootKind;
  readonly id: number;
  /** Index of the thread (`frame`, `thread`). */
  readonly thread?: number;
}

/** The objects of a snapshot, as a graph, and the way back from a number to a place. */
export interface Walked {
  readonly graph: HeapGraph;
  readonly types: TypeTable;
  /** The place of each node in the snapshot. */
  readonly words: Uint32Array;
  readonly roots: readonly Root[];
  /** All objects, leaves among them, and their bytes; frames do not count. */
  readonly objects: number;
  readonly objectBytes: number;
  /** Objects and bytes by index of the type. */
  readonly countByType: Float64Array;
  readonly bytesByType: Float64Array;
  /** Pointers that led nowhere, and objects whose size cannot be. */
  readonly lost: number;
  /** The node at a place; -1 where there is none, or a leaf. */
  idOf(word: number): number;
  /** Whether an object begins at the place, node or leaf. */
  has(word: number): boolean;
  typeAt(word: number): TypeInfo | undefined;
  /** The bytes of the object itself at a place where one begins. `type` is its index, where it is known. */
  sizeAt(word: number, type?: number): number;
  /** Calls `visit` with every object of more than so many bytes, node or leaf. Few bytes mean a visit to all leaves. */
  eachAbove(bytes: number, visit: (word: number, type: TypeInfo, bytes: number) => void): void;
}

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
  return images.flatMap((map) => {
    if (seen.has(map.path)) return [];
    seen.add(map.path);
    return dataSegments(snapshot.slice(map.start, ELF_HEAD_BYTES), map.start);
  });
}

/** Better no answer than a machine without memory. */
const tooManyObjects = (count: number) =>
  new HeapError(
    'refused',
    `The heap has more than ${Math.floor(count / 1e6)} million objects; there is no memory here to read that many.`,
    'Free memory on this machine, or run whyoom where there is more.',
  );

/** A leaf of this size or more is a node all the same: one may be the answer by itself. */
const LARGE_LEAF_BYTES = 1 << 16;
/** Leaves above this are remembered: they do not come from Python's own allocator of small blocks. */
const LISTED_LEAF_BYTES = 512;
/** Places visited between two looks at the frontier. */
const BATCH = 4096;

class Walker {
  private readonly snapshot: Snapshot;
  private readonly interpreter: Interpreter;
  private readonly types: TypeTable;
  private readonly references: ReferenceReader;
  private readonly plausibility: Plausibility;
  private readonly sizes: ObjectSizes;
  private readonly room: Room;
  private readonly mostObjects: number;
  private readonly reached: Reached;
  private readonly leaves: WordSet;
  private readonly listedLeaves = new Uint32List(1 << 10);
  /** By id. Room for all that can be is asked for at the start: memory that is not written to is not taken. */
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly type: Uint32Array<ArrayBuffer>;
  private readonly weight: Bytes;
  private readonly depth: Uint16Array<ArrayBuffer>;
  private readonly firstEdge: Uint32Array<ArrayBuffer>;
  private count = 0;
  private readonly byType = new Census();
  private readonly batch = new Uint32Array(BATCH);
  private readonly onStacks: { word: number; frame: number }[] = [];
  private readonly roots: { kind: RootKind; word: number; thread?: number }[] = [];

  constructor(snapshot: Snapshot, interpreter: Interpreter, room: Room, mostObjects: number) {
    const words = snapshot.copiedBytes / 8;
    this.mostObjects = mostObjects;
    this.snapshot = snapshot;
    this.interpreter = interpreter;
    this.room = room;
    this.plausibility = new Plausibility(snapshot, interpreter.layout, room);
    this.types = new TypeTable(snapshot, interpreter.layout, interpreter.typeType);
    this.sizes = new ObjectSizes(snapshot, interpreter.layout, room);
    this.reached = new Reached(words);
    this.references = new ReferenceReader(snapshot, interpreter.layout, this.reached, (word) =>
      this.looksLikeOne(word),
    );
    this.leaves = new WordSet(words);
    // An object takes two words at the least; those that are no objects of Python's (frames) are few.
    const most = Math.min(words / 2 + BATCH, mostObjects + BATCH);
    this.words = new Uint32Array(most);
    this.type = new Uint32Array(most);
    this.weight = bytesArray(most, room.bytes);
    this.depth = new Uint16Array(most);
    this.firstEdge = new Uint32Array(most + 2);
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
      this.take(word, this.types.all[0]!, 0);
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
      this.reached.seen.delete(word);
      return;
    }
    const type = this.types.all[index]!;
    const bytes = this.sizeOf(word, type);
    this.byType.add(index, bytes);
    if (!type.isLeaf || bytes >= LARGE_LEAF_BYTES) return this.take(word, type, bytes);
    this.leaves.add(word);
    if (bytes > LISTED_LEAF_BYTES) this.listedLeaves.push(word);
  }

  private sizeOf(word: number, type: TypeInfo): number {
    const bytes = this.sizes.of(word, type);
    if (bytes !== undefined) return bytes;
    this.reached.lost += 1;
    return type.basicSize;
  }

  /** Gives an object its number and reads what it refers to. */
  private take(word: number, type: TypeInfo, bytes: number): void {
    const id = this.number(word, type.index, bytes);
    if (this.byType.objects > this.mostObjects || id + BATCH > this.words.length) throw tooManyObjects(id);
    if (this.reached.isFull) return;
    this.references.collect(word, type);
    const { stale } = this.references;
    for (let at = 0; at < stale.length; at += 1) this.onStacks.push({ word: stale.at(at), frame: word });
    stale.length = 0;
  }

  private number(word: number, type: number, bytes: number): number {
    const id = this.count;
    this.words[id] = word;
    this.type[id] = type;
    this.weight[id] = bytes;
    this.depth[id] = Math.min(this.reached.frontier.level, DEEPEST);
    this.firstEdge[id] = this.reached.references;
    this.count = id + 1;
    return id;
  }

  /** What only the value stacks of running frames hold: a list that is being built, the arguments of a call. */
  stacks(): void {
    const frames = new Map(this.roots.filter((root) => root.kind === 'frame').map((root) => [root.word, root]));
    for (const { word, frame } of this.onStacks.splice(0)) {
      if (!this.reached.seen.has(word) && this.isOne(word)) this.addRoot('frame', word, frames.get(frame)?.thread);
    }
  }

  finish(): Walked {
    const { types, reached, roots, byType, sizes, listedLeaves: listed } = this;
    reached.frontier.release();
    const nodes = this.numberLeaves();
    const { count } = this;
    const idOfRank = new Uint32Array(count);
    for (let id = 0; id < count; id += 1) idOfRank[nodes.rank(this.words[id]!)] = id;
    this.connect(nodes, idOfRank, this.trimToRoom());
    const numbering = depthFirst(this.graph());
    const graph = renumber(this.graph(), numbering);
    const words = inOrder(this.words.subarray(0, count), numbering.order);
    for (let rank = 0; rank < count; rank += 1) idOfRank[rank] = numbering.number[idOfRank[rank]!]!;
    const idOf = (word: number) => (nodes.has(word) ? idOfRank[nodes.rank(word)]! : -1);
    giveBack(numbering.order, numbering.number);
    return {
      graph,
      types,
      words,
      roots: roots.map(({ word, ...root }) => ({ ...root, id: idOf(word) })),
      objects: byType.objects,
      objectBytes: Math.min(byType.bytes, this.room.bytes),
      countByType: Float64Array.from(types.all, (_, index) => byType.counts[index] ?? 0),
      bytesByType: Float64Array.from(types.all, (_, index) => Math.min(byType.sums[index] ?? 0, this.room.bytes)),
      lost: reached.lost,
      idOf,
      has: (word) => reached.seen.has(word),
      typeAt: (word) => types.typeOf(word),
      eachAbove: (least, visit) => {
        const see = (word: number) => {
          const type = types.typeOf(word);
          const bytes = type === undefined ? 0 : (sizes.of(word, type) ?? 0);
          if (type !== undefined && bytes > least) visit(word, type, bytes);
        };
        for (let id = 0; id < count; id += 1) if (graph.weight[id]! > least) see(words[id]!);
        // A leaf to which several refer is a node, and was seen.
        const seeLeaf = (word: number) => {
          if (!nodes.has(word)) see(word);
        };
        if (least >= LISTED_LEAF_BYTES) listed.view().forEach(seeLeaf);
        else reached.seen.each(seeLeaf);
      },
      sizeAt: (word, type = types.typeOf(word)?.index ?? 0) => sizes.of(word, types.all[type]!) ?? 0,
    };
  }

  /** The graph in the order of the walk. */
  private graph(): OwnGraph {
    const { count } = this;
    return {
      count,
      type: this.type.subarray(0, count),
      weight: this.weight.subarray(0, count),
      depth: this.depth.subarray(0, count),
      firstEdge: this.firstEdge.subarray(0, count + 2),
      edges: this.reached.targets.subarray(0, this.firstEdge[count + 1]!),
    };
  }

  /** Leaves to which several refer get numbers too. Returns all that have one. */
  private numberLeaves(): WordSet {
    const { seen, again } = this.reached;
    const nodes = seen.copy();
    nodes.keepWhere(again, this.leaves);
    this.leaves.keepBoth(nodes);
    again.release();
    this.leaves.each((word) => {
      const type = this.types.all[this.typeIndex(word)]!;
      this.number(word, type.index, this.sizes.of(word, type) ?? type.basicSize);
    });
    this.leaves.release();
    return nodes;
  }

  /** Objects cannot take more than all memory: leaves the largest out until the rest can be. Returns what is left for leaves. */
  private trimToRoom(): number {
    const weight = this.weight.subarray(0, this.count);
    let excess = this.byType.bytes - this.room.bytes;
    if (excess <= 0) return Number.POSITIVE_INFINITY;
    const order = Uint32Array.from(weight.keys()).sort((a, b) => weight[b]! - weight[a]!);
    for (let at = 0; at < order.length && excess > 0; at += 1) {
      excess -= weight[order[at]!]!;
      weight[order[at]!] = 0;
      this.reached.lost += 1;
    }
    let kept = 0;
    for (const bytes of weight) kept += bytes;
    return Math.max(0, this.room.bytes - kept);
  }

  /** Makes ids, or leaves, of the targets, and leaves out those at which no object turned out to be; the roots come last. */
  private connect(nodes: WordSet, idOfRank: Uint32Array, leafRoom: number): void {
    const { targets, seen } = this.reached;
    const { firstEdge, weight, count } = this;
    let to = 0;
    let left = leafRoom;
    firstEdge[count] = this.reached.references;
    for (let id = 0; id < count; id += 1) {
      let at = firstEdge[id]!;
      const end = firstEdge[id + 1]!;
      firstEdge[id] = to;
      for (; at < end; at += 1) {
        const word = targets[at]!;
        if (!seen.has(word)) continue;
        if (nodes.has(word)) targets[to] = idOfRank[nodes.rank(word)]!;
        else {
          const bytes = Math.min(left, this.leafBytes(word));
          left -= bytes;
          weight[id]! += bytes;
          targets[to] = LEAF + word;
        }
        to += 1;
      }
    }
    firstEdge[count] = to;
    for (const { word } of this.roots) {
      if (!nodes.has(word)) continue;
      targets[to] = idOfRank[nodes.rank(word)]!;
      to += 1;
    }
    firstEdge[count + 1] = to;
  }

  private leafBytes(word: number): number {
    const type = this.types.all[this.typeIndex(word)]!;
    return this.sizes.of(word, type) ?? type.basicSize;
  }

  /** The index of the type of the live object at the place; -1 where none is. */
  private typeIndex(word: number): number {
    if (!isLive(this.snapshot, word)) return -1;
    const type = this.snapshot.follow(word + 1);
    return type < 0 ? -1 : this.types.indexOf(type);
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

/** Objects and bytes by type. Frames have no bytes and are no objects. */
class Census {
  readonly counts: number[] = [];
  readonly sums: number[] = [];
  objects = 0;
  bytes = 0;

  add(type: number, bytes: number): void {
    this.counts[type] = (this.counts[type] ?? 0) + 1;
    this.sums[type] = (this.sums[type] ?? 0) + bytes;
    this.objects += 1;
    this.bytes += bytes;
  }
}
