import { giveBack } from '../graph/give-back.ts';
import { type Bytes, bytesArray, DEEPEST, LEAF } from '../graph/heap-graph.ts';
import { depthFirst, inOrder, type OwnGraph, renumber } from '../graph/preorder.ts';
import type { Reached } from '../graph/reached.ts';
import { Uint32List } from '../graph/uint32-list.ts';
import { WordSet } from '../graph/word-set.ts';
import { HeapError } from '../heap-error.ts';
import type { Room } from '../memory/room.ts';
import type { ObjectSizes } from './sizes.ts';
import type { TypeInfo, TypeTable } from './types.ts';
import type { Root, Walked } from './walked.ts';

/** Better no answer than a machine without memory. */
const tooManyObjects = (count: number) =>
  new HeapError(
    'refused',
    `The heap has more than ${count.toLocaleString('en')} objects; there is no memory here to read that many.`,
    'Free memory on this machine, or run whyoom where there is more.',
  );

/** A leaf of this size or more is a node all the same: one may be the answer by itself. */
const LARGE_LEAF_BYTES = 1 << 16;
/** Leaves above this are remembered: they do not come from Python's own allocator of small blocks. */
const LISTED_LEAF_BYTES = 512;
/** Frames are numbered beside the objects; there are few. */
const MOST_FRAMES = 1 << 16;

/** A root before its object has a number. */
export type FoundRoot = Omit<Root, 'id'> & { readonly word: number };

/** The objects that a walk has visited: their numbers, types and sizes, and in the end the graph of them. */
export class FoundObjects {
  private readonly types: TypeTable;
  private readonly sizes: ObjectSizes;
  private readonly room: Room;
  private readonly reached: Reached;
  private readonly mostObjects: number;
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

  /** `words` is how many places there are. Throws HeapError as soon as there are more than `mostObjects`. */
  constructor(
    words: number,
    mostObjects: number,
    { types, sizes, room, reached }: { types: TypeTable; sizes: ObjectSizes; room: Room; reached: Reached },
  ) {
    this.types = types;
    this.sizes = sizes;
    this.room = room;
    this.reached = reached;
    this.mostObjects = mostObjects;
    this.leaves = new WordSet(words);
    // An object takes two words at the least.
    const most = Math.min(Math.ceil(words / 2), Math.ceil(mostObjects)) + MOST_FRAMES;
    this.words = new Uint32Array(most);
    this.type = new Uint32Array(most);
    this.weight = bytesArray(most, room.bytes);
    this.depth = new Uint16Array(most);
    this.firstEdge = new Uint32Array(most + 2);
  }

  /** Takes an object in. Returns whether it is a node, whose references are to be read next. */
  add(word: number, type: TypeInfo): boolean {
    const bytes = this.sizeOf(word, type);
    this.byType.add(type.index, bytes);
    if (!type.isLeaf || bytes >= LARGE_LEAF_BYTES) {
      this.number(word, type.index, bytes);
      return true;
    }
    this.leaves.add(word);
    if (bytes > LISTED_LEAF_BYTES) this.listedLeaves.push(word);
    return false;
  }

  /** A frame is a node, and no object. */
  addFrame(word: number, type: TypeInfo): void {
    this.number(word, type.index, 0);
  }

  private sizeOf(word: number, type: TypeInfo): number {
    const bytes = this.sizes.of(word, type);
    if (bytes !== undefined) return bytes;
    this.reached.lost += 1;
    return type.basicSize;
  }

  private number(word: number, type: number, bytes: number): void {
    const id = this.count;
    if (this.byType.objects > this.mostObjects || id >= this.words.length) throw tooManyObjects(id);
    this.words[id] = word;
    this.type[id] = type;
    this.weight[id] = bytes;
    this.depth[id] = Math.min(this.reached.frontier.level, DEEPEST);
    this.firstEdge[id] = this.reached.references;
    this.count = id + 1;
  }

  /** Makes the graph. What was found is given back, and nothing can be added any more. */
  finish(roots: readonly FoundRoot[]): Walked {
    const { types, reached, byType, sizes, listedLeaves: listed } = this;
    reached.frontier.release();
    const nodes = this.numberLeaves();
    const { count } = this;
    const idOfRank = new Uint32Array(count);
    for (let id = 0; id < count; id += 1) idOfRank[nodes.rank(this.words[id]!)] = id;
    this.connect(roots, nodes, idOfRank, this.trimToRoom());
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
      const type = this.types.typeOf(word)!;
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
  private connect(roots: readonly FoundRoot[], nodes: WordSet, idOfRank: Uint32Array, leafRoom: number): void {
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
    for (const { word } of roots) {
      if (!nodes.has(word)) continue;
      targets[to] = idOfRank[nodes.rank(word)]!;
      to += 1;
    }
    firstEdge[count + 1] = to;
  }

  private leafBytes(word: number): number {
    const type = this.types.typeOf(word)!;
    return this.sizes.of(word, type) ?? type.basicSize;
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
