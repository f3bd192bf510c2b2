import { dataSegments, ELF_HEAD_BYTES } from '../elf/elf.ts';
import type { HeapGraph } from '../graph/heap-graph.ts';
import { Uint32List } from '../graph/uint32-list.ts';
import { WordSet } from '../graph/word-set.ts';
import { HeapError } from '../heap-error.ts';
import type { MemoryMap } from '../memory/reader.ts';
import { Room } from '../memory/room.ts';
import { PAGE_BYTES, type Snapshot } from '../memory/snapshot.ts';
import { type Interpreter, pointerAt } from './interpreter.ts';
import { COMMON } from './layout.ts';
import { Plausibility } from './plausible.ts';
import { ReferenceReader } from './references.ts';
import { ObjectSizes } from './sizes.ts';
import { isLive, TypeTable } from './types.ts';

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
  /** The place of each object in the snapshot. */
  readonly words: Uint32Array;
  readonly roots: readonly Root[];
  /** Pointers that led nowhere, and objects whose size cannot be. */
  readonly lost: number;
  /** Objects on the collector's lists (without the permanent generation), by place. */
  readonly tracked: Uint32Array;
  idOf(word: number): number;
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
  interpreter.threads.forEach((thread, index) => {
    for (const frame of thread.frames) walker.frame(frame, index);
  });
  walker.drain();
  walker.stacks();
  walker.drain();
  interpreter.threads.forEach((thread, index) => {
    walker.scan('thread', thread.state, interpreter.layout.thread.size / 8, index);
  });
  walker.scan('interpreter', interpreter.state, interpreter.layout.interpreter.size / 8);
  walker.drain();
  for (const segment of cData(snapshot, maps)) walker.scanSegment(segment);
  walker.drain();
  const tracked = walker.tracked();
  for (const word of tracked) walker.unreached(word);
  walker.drain();
  walker.stacks();
  walker.drain();
  return walker.finish(tracked);
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

class Walker {
  private readonly snapshot: Snapshot;
  private readonly interpreter: Interpreter;
  private readonly types: TypeTable;
  private readonly references: ReferenceReader;
  private readonly plausibility: Plausibility;
  private readonly room: Room;
  private readonly mostObjects: number;
  private readonly seen: WordSet;
  private readonly words = new Uint32List();
  private readonly type = new Uint32List();
  private readonly parent = new Uint32List();
  private readonly edges = new Uint32List();
  private readonly firstEdge = new Uint32List();
  private readonly mostEdges: number;
  private readonly onStacks: { word: number; frame: number }[] = [];
  private readonly roots: { kind: RootKind; word: number; thread?: number }[] = [];
  /** Marks a root as its own finder until the virtual root has its number. */
  private static readonly FROM_ROOT = 0xffffffff;

  constructor(snapshot: Snapshot, interpreter: Interpreter, room: Room, mostObjects: number) {
    this.mostObjects = mostObjects;
    this.snapshot = snapshot;
    this.interpreter = interpreter;
    this.room = room;
    this.plausibility = new Plausibility(snapshot, interpreter.layout, room);
    this.types = new TypeTable(snapshot, interpreter.layout, interpreter.typeType);
    this.references = new ReferenceReader(snapshot, interpreter.layout);
    this.seen = new WordSet(snapshot.words.length / 2);
    this.mostEdges = snapshot.copiedBytes / 8;
  }

  root(kind: RootKind, word: number, thread?: number): void {
    if (word < 0 || !this.admit(word, Walker.FROM_ROOT)) return;
    this.roots.push(thread === undefined ? { kind, word } : { kind, word, thread });
  }

  /** A frame is an object up to 3.10; from 3.11 on it is a node of the graph all the same. */
  frame(word: number, thread: number): void {
    if (this.interpreter.layout.frame.how === 'object') return this.root('frame', word, thread);
    if (!this.seen.has(word)) this.take(word, 0, Walker.FROM_ROOT);
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
      if (word < 0 || this.seen.has(word) || !this.admitGuess(word, Walker.FROM_ROOT)) continue;
      this.roots.push(thread === undefined ? { kind, word } : { kind, word, thread });
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

  /** The objects on the collector's lists. */
  tracked(): Uint32Array {
    const found = new Uint32List();
    for (const head of this.interpreter.generations) this.followList(head, found);
    return found.view().slice();
  }

  /** A list that leads back into itself elsewhere than at its head is damage: told by R. Brent's method (1980). */
  private followList(head: number, found: Uint32List): void {
    const { snapshot } = this;
    const first = pointerAt(snapshot, head);
    if (first === head) return;
    // A head that lies at no multiple of 8 has no word: `follow` gives -1 for a pointer to it, as for damage.
    const headWord = head % 8 === 0 ? snapshot.word(head) : -1;
    let mark = headWord;
    let marked = found.length;
    let last = -1;
    for (let at = first % 8 === 0 ? snapshot.word(first) : -1; at !== headWord; at = snapshot.follow(at)) {
      if (at < 0 || at === mark) {
        this.references.lost += 1;
        return;
      }
      found.push(at + COMMON.gc.headBytes / 8);
      last = at;
      if (found.length < 2 * marked + 64) continue;
      mark = at;
      marked = found.length;
    }
    if (headWord < 0 && (last < 0 || snapshot.unsigned(last) !== head)) this.references.lost += 1;
  }

  unreached(word: number): void {
    if (!this.seen.has(word)) this.root('unreached', word);
  }

  /** Follows the references of all that was found, in the order of finding. */
  drain(): void {
    for (let id = this.firstEdge.length; id < this.words.length; id += 1) {
      if (id > this.mostObjects) throw tooManyObjects(id);
      this.firstEdge.push(this.edges.length);
      // Each reference lies in a word of its own: more of them than words are damage, tables laid over one another.
      if (this.edges.length >= this.mostEdges) {
        this.references.lost += 1;
        continue;
      }
      this.references.collect(this.words.at(id), this.types.all[this.type.at(id)]!);
      const { found, guessed } = this.references;
      for (let at = 0; at < found.length && this.edges.length < this.mostEdges; at += 1) {
        const target = found.at(at);
        if (this.admit(target, id)) this.edges.push(target);
      }
      for (let at = 0; at < guessed.length; at += 1) {
        const target = guessed.at(at);
        if (this.admitGuess(target, id)) this.edges.push(target);
      }
      const { stale } = this.references;
      for (let at = 0; at < stale.length; at += 1) this.onStacks.push({ word: stale.at(at), frame: this.words.at(id) });
    }
  }

  /** What only the value stacks of running frames hold: a list that is being built, the arguments of a call. */
  stacks(): void {
    const frames = new Map(this.roots.filter((root) => root.kind === 'frame').map((root) => [root.word, root]));
    for (const { word, frame } of this.onStacks.splice(0)) {
      if (this.seen.has(word) || !this.admitGuess(word, Walker.FROM_ROOT)) continue;
      this.roots.push({ ...frames.get(frame), kind: 'frame', word });
    }
  }

  finish(tracked: Uint32Array): Walked {
    const { types } = this;
    const count = this.words.length;
    this.firstEdge.push(this.edges.length);
    for (const root of this.roots) this.edges.push(root.word);
    this.firstEdge.push(this.edges.length);
    const words = this.words.view();
    const idOfRank = new Uint32Array(count);
    for (let id = 0; id < count; id += 1) idOfRank[this.seen.rank(words[id]!)] = id;
    const idOf = (word: number) => (this.seen.has(word) ? idOfRank[this.seen.rank(word)]! : -1);
    const edges = this.edges.view();
    for (let at = 0; at < edges.length; at += 1) edges[at] = idOfRank[this.seen.rank(edges[at]!)]!;
    const parent = this.parent.view();
    for (let id = 0; id < count; id += 1) if (parent[id] === Walker.FROM_ROOT) parent[id] = count;
    const type = this.type.view();
    const size = this.sizes(words, type);
    return {
      graph: { count, type, size, firstEdge: this.firstEdge.view(), edges, parent },
      types,
      words,
      roots: this.roots.map(({ word, ...root }) => ({ ...root, id: idOf(word) })),
      lost: this.references.lost,
      tracked,
      idOf,
    };
  }

  /** Whether a live object is at the place; takes it in when it is new. */
  private admit(word: number, from: number): boolean {
    if (this.seen.has(word)) return true;
    if (!isLive(this.snapshot, word)) return false;
    const typeWord = this.snapshot.follow(word + 1);
    const index = typeWord < 0 ? -1 : this.types.indexOf(typeWord);
    if (index < 0) return false;
    this.take(word, index, from);
    return true;
  }

  /** As `admit`, for a place where anything can be: what is taken in must also look like an object of its type. */
  private admitGuess(word: number, from: number): boolean {
    if (this.seen.has(word)) return true;
    if (!isLive(this.snapshot, word)) return false;
    const typeWord = this.snapshot.follow(word + 1);
    const index = typeWord < 0 ? -1 : this.types.indexOf(typeWord);
    if (index < 0) return false;
    if (!this.plausibility.is(word, this.types.all[index]!)) {
      // In C data anything can be; in an object it was most likely meant to be one.
      if (from !== Walker.FROM_ROOT) this.references.lost += 1;
      return false;
    }
    this.take(word, index, from);
    return true;
  }

  private sizes(words: Uint32Array, type: Uint32Array): Float64Array {
    const sizes = new ObjectSizes(this.snapshot, this.interpreter.layout, this.room);
    const all = new Float64Array(words.length);
    let sum = 0;
    for (let id = 0; id < words.length; id += 1) {
      const info = this.types.all[type[id]!]!;
      const size = sizes.of(words[id]!, info);
      if (size === undefined) this.references.lost += 1;
      all[id] = size ?? info.basicSize;
      sum += all[id]!;
    }
    if (sum > this.room.bytes) this.references.lost += cutLargest(all, sum - this.room.bytes);
    return all;
  }

  private take(word: number, type: number, from: number): void {
    this.seen.add(word);
    this.words.push(word);
    this.type.push(type);
    this.parent.push(from);
  }
}

/** Objects cannot take more than all memory: leaves the largest out until the rest can be; returns how many. */
function cutLargest(sizes: Float64Array, excess: number): number {
  const order = Array.from(sizes.keys()).sort((a, b) => sizes[b]! - sizes[a]!);
  let cut = 0;
  for (let left = excess; left > 0; cut += 1) {
    left -= sizes[order[cut]!]!;
    sizes[order[cut]!] = 0;
  }
  return cut;
}
