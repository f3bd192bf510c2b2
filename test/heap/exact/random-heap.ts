import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { dictOf } from '../../../src/heap/cpython/instances.ts';
import { COMMON, TYPE_FLAGS } from '../../../src/heap/cpython/layout.ts';
import type { TypeInfo } from '../../../src/heap/cpython/types.ts';
import { LEAF } from '../../../src/heap/graph/heap-graph.ts';
import { type HeapView, ownBytesOf, typeOfId, wordOfId } from '../../../src/heap/holders/heap-view.ts';

/** An object as random_heap.py saw it from inside. */
const objectSchema = z.object({
  id: z.number(),
  type: z.string(),
  /** Of its type. */
  of: z.number(),
  /** `sys.getsizeof`; -1 where that fails. */
  bytes: z.number(),
  refs: z.array(z.number()),
});
type SaidObject = z.infer<typeof objectSchema>;

export const saidObjects = (file: string): SaidObject[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => objectSchema.parse(JSON.parse(line)));

/** What an object is from inside, and is not from outside, or the other way round. */
interface Difference {
  readonly id: number;
  readonly type: string;
  readonly what: 'absent' | 'type' | 'missing' | 'extra' | 'bytes';
  readonly detail: string;
}

/** Everything that differs, but for what docs/heap-reader.md says must. */
export function differences(view: HeapView, said: readonly SaidObject[]): Difference[] {
  return said.flatMap((each) => differencesOf(view, each));
}

function differencesOf(view: HeapView, said: SaidObject): Difference[] {
  const id = idAt(view, said.id);
  const differs = (what: Difference['what'], detail: string) => ({ id: said.id, type: said.type, what, detail });
  if (id < 0) return [differs('absent', said.id.toString(16))];
  const type = typeOfId(view, id);
  if (view.snapshot.address(type.word) !== said.of) return [differs('type', type.name)];
  const edges = unlike(said.refs, addressesOf(view, id));
  const missing = edges.missing.filter((address) => !isElsewhere(view, id, address)).map((each) => nameAt(view, each));
  const extra = edges.extra.filter((address) => !isHeldUnvisited(view, type, said, address));
  const bytes = ownBytesOf(view, id);
  const isSize = said.bytes < 0 || bytes === said.bytes || isOtherSize(view, type, said, bytes);
  return [
    ...(missing.length > 0 ? [differs('missing', missing.join())] : []),
    ...(extra.length > 0 ? [differs('extra', extra.map((each) => nameAt(view, each)).join())] : []),
    ...(isSize ? [] : [differs('bytes', `${bytes} for ${said.bytes}`)]),
  ];
}

/** The id of a node, or the edge that would lead to a leaf. */
function idAt(view: HeapView, address: number): number {
  const word = view.snapshot.word(address);
  if (word < 0 || !view.walked.has(word)) return -1;
  const node = view.walked.idOf(word);
  return node < 0 ? LEAF + word : node;
}

const nameAt = (view: HeapView, address: number): string => {
  const id = idAt(view, address);
  return id < 0 ? `nothing at ${address.toString(16)}` : typeOfId(view, id).name;
};

const edgesOf = (view: HeapView, id: number): number[] => {
  const { edges, firstEdge } = view.walked.graph;
  if (id >= LEAF) return [];
  return [...edges.subarray(firstEdge[id]!, firstEdge[id + 1]!)];
};

const addressesOf = (view: HeapView, id: number): number[] =>
  edgesOf(view, id).map((target) => view.snapshot.address(wordOfId(view, target)));

/** The referents that only one of the two knows, each as often as it is one. */
function unlike(said: readonly number[], found: readonly number[]): { missing: number[]; extra: number[] } {
  const left = new Map<number, number>();
  for (const address of found) left.set(address, (left.get(address) ?? 0) + 1);
  const missing = said.filter((address) => {
    const count = left.get(address) ?? 0;
    left.set(address, count - 1);
    return count <= 0;
  });
  return { missing, extra: [...left].flatMap(([address, count]) => Array<number>(Math.max(0, count)).fill(address)) };
}

/** References that another object of whyoom's graph has: the class of shared keys, the entries of an lru_cache. */
function isElsewhere(view: HeapView, id: number, address: number): boolean {
  const { snapshot, walked } = view;
  const type = typeOfId(view, id);
  if (type.shape === 'dict') {
    return isSplit(view, snapshot.address(wordOfId(view, id))) && nameAt(view, address) === 'str';
  }
  // Of an instance whose values lie in it, the dict is left out (3.13); here it is between the two.
  const dict = dictOf(snapshot, view.interpreter.layout, wordOfId(view, id), type);
  if (dict >= 0 && (type.flags & TYPE_FLAGS.inlineValues) !== 0) {
    return addressesOf(view, walked.idOf(dict)).includes(address);
  }
  if (type.shape !== 'lru-cache') return false;
  const links = edgesOf(view, id).flatMap((target) => edgesOf(view, target));
  return links.some((link) => addressesOf(view, link).includes(address));
}

const isSplit = ({ snapshot }: HeapView, dict: number): boolean =>
  snapshot.unsigned(snapshot.word(dict) + COMMON.dict.values / 8) !== 0;

/** Of a dict whose values lie in an instance (3.13): they are the instance's, the collector is told. */
function hasEmbeddedValues(view: HeapView, dict: number): boolean {
  const { snapshot, interpreter } = view;
  const values = snapshot.follow(snapshot.word(dict) + COMMON.dict.values / 8);
  return interpreter.layout.instance.how === 'inline' && values >= 0 && snapshot.uint8(values, 2) === 1;
}

/** References that an object has though its traversal leaves them out, since they can be in no cycle; by its type. */
const UNVISITED: readonly [type: RegExp, held: RegExp][] = [
  // Names, their tuples (`__slots__`), the weak references to subclasses.
  [/^type$|Meta$/, /^(str|tuple|dict|type)$/],
  [/descriptor$|^_io\.StringIO$/, /^str$/],
  [/^_io\.BytesIO$/, /^bytes$/],
  [/^operator\.methodcaller$/, /^str$/],
  [/^_json\.Scanner$/, /^dict$/],
  [/^_thread\._local$|Local$/, /^(str|builtin_function_or_method)$/],
  [/^decimal\.Context$/, /SignalDict/],
  [/^functools\.partial$/, /^functools\._PlaceholderType$/],
  [/^numpy\.ufunc$/, /^(list|dict)$/],
  // It borrows the module's classes of exceptions.
  [/^sqlite3\.Connection$/, /^type$/],
];

function isHeldUnvisited(view: HeapView, type: TypeInfo, said: SaidObject, address: number): boolean {
  // The type of a class written in Python is held by its instances; up to 3.8 none visited it.
  if (address === said.of) return type.isHeapType;
  const held = nameAt(view, address);
  if (type.shape === 'dict' && hasEmbeddedValues(view, said.id)) return true;
  // The names of a class that gave them up: also those that the last instance with them has no value for.
  if (type.shape === 'dict' && held === 'str' && isSplit(view, said.id)) return true;
  if ((type.flags & TYPE_FLAGS.inlineValues) !== 0 && held === 'dict') return true;
  // What the collector does not track has no traversal at all.
  return !type.isGc || UNVISITED.some(([of, what]) => of.test(type.name) && what.test(held));
}

/** Types with a C `__sizeof__` that counts buffers which whyoom does not know. */
const OWN_SIZEOF =
  /^(numpy\.(?!ndarray|ma).*|(_struct\.)?Struct|_io\..*|itertools\.(permutations|combinations.*|product))$/;

/** Where `sys.getsizeof` is not what an object takes. */
function isOtherSize(view: HeapView, type: TypeInfo, said: SaidObject, bytes: number): boolean {
  const { layout } = view.interpreter;
  const more = bytes - said.bytes;
  if (more < 0 && OWN_SIZEOF.test(type.name)) return true;
  if (type.name === 'bool') return more === 8;
  // Up to 3.14 its ring is not counted.
  if (type.name === '_queue.SimpleQueue') return more > 0 && more % 8 === 0;
  // What debuggers and profilers keep with it.
  if (type.name === 'code') return Math.abs(more) <= 32;
  // A frame's last word counts twice in its structure; so much is taken.
  if (type.shape === 'frame' && layout.frame.how === 'object') return more >= 0;
  // Of static types a head of the collector's is counted that they do not have.
  if (type.shape === 'type') return more === -COMMON.gc.headBytes;
  // The order in which values were assigned, which lies before them.
  if (type.shape === 'dict' && hasEmbeddedValues(view, said.id)) return more < 0;
  if (type.shape === 'dict') return (type.flags & TYPE_FLAGS.heapType) === 0 && more > 0 && more <= 48;
  // Attributes that are in no dict.
  if ((type.flags & TYPE_FLAGS.managedDict) !== 0) return more >= 0 && more <= 400;
  // Its own fields behind those of the built-in type that it is derived from.
  return type.isHeapType && (type.shape === 'int' || type.shape === 'str') && more > 0 && more <= 24;
}
