import type { HeapHolder, HolderSite } from '../answer.ts';
import { dictEntries } from '../cpython/dicts.ts';
import { isStr } from '../cpython/strings.ts';
import type { Walked } from '../cpython/walked.ts';
import { type HeapView, referrersOf, typeOfId, wordOfId } from './heap-view.ts';
import { type Link, linkOf } from './links.ts';
import { interpreterField } from './state-links.ts';
import { threadNames } from './thread-names.ts';

/** A container's name, and from where the path to it comes. */
export interface HolderName {
  readonly kind: HeapHolder['kind'];
  readonly name: string;
  readonly site: HolderSite;
  /** The links from the named object down to the container; the first names it, the others are subscripts. */
  readonly links: readonly Link[];
  readonly cost: number;
}

/** How far a name is from what a developer would type: lower is better. */
const COST: Readonly<Record<HeapHolder['kind'], number>> = {
  'module-variable': 0,
  'class-attribute': 1,
  'cache-decorator': 1,
  'instance-attribute': 2,
  closure: 3,
  'default-argument': 3,
  'context-variable': 4,
  // Last: a local is often a passing alias of something that has a name of its own.
  local: 9,
  'thread-local': 50,
  interpreter: 60,
  none: 70,
};
/** The attribute of a `threading.local`, other than what merely hangs on a thread. */
const NAMED_THREAD_LOCAL_COST = 4;
const COMPILED_COST = 0.5;
const SUBSCRIPT_COST = 2;
const FIELD_COST = 15;
const MAX_DEPTH = 8;
const MAX_REFERRERS = 64;

/** Referrers looked at for one name. */
const MAX_LINKS = 2000;

/** A way up from the object that is named: how the object at its end holds the one before. */
interface Way {
  readonly id: number;
  readonly cost: number;
  readonly depth: number;
  readonly down: { readonly link: Exclude<Link, { how: 'name' }>; readonly way: Way } | undefined;
}

/** Names containers by who refers to them. Names come from the heap alone. */
export class Namer {
  private readonly view: HeapView;
  private readonly known = new Map<number, HolderName>();
  private readonly threads: ReadonlyMap<number, string>;
  private readonly roots: ReadonlyMap<number, Walked['roots'][number]>;

  constructor(view: HeapView) {
    this.view = view;
    this.threads = threadNames(view);
    // The first root of an object is its best: roots are in the order of what they tell.
    this.roots = new Map([...view.walked.roots].reverse().map((root) => [root.id, root]));
  }

  nameOf(id: number): HolderName {
    const known = this.known.get(id);
    if (known) return known;
    const best = this.search(id);
    this.known.set(id, best);
    return best;
  }

  /**
   * Goes up from referrer to referrer, the cheapest way first (E. Dijkstra, 1959), until no way that is left can give a
   * better name. Each object is gone through once: along all ways there would be more of them than time.
   */
  private search(id: number): HolderName {
    const start: Way = { id, cost: 0, depth: 0, down: undefined };
    const ways: Way[][] = [[start]];
    const seen = new Set<number>();
    let best = this.unnamed(id);
    let left = MAX_LINKS;
    for (let cost = 0; cost < ways.length && cost < best.cost; cost += 1) {
      for (const way of ways[cost] ?? []) {
        if (seen.has(way.id)) continue;
        seen.add(way.id);
        const here = this.known.get(way.id) ?? this.unnamed(way.id);
        if (cost + here.cost < best.cost) best = nameAlong(way, here);
        if (way.depth >= MAX_DEPTH || this.known.has(way.id)) continue;
        for (const referrer of referrersOf(this.view, way.id, MAX_REFERRERS)) {
          if (referrer === this.view.walked.graph.count || seen.has(referrer) || left === 0) continue;
          left -= 1;
          const link = linkOf(this.view, referrer, way.id);
          if (link?.how === 'name') {
            const named = nameOfLink(link);
            if (cost + named.cost < best.cost) best = nameAlong(way, named);
          } else if (link !== undefined) {
            const up = cost + costOf(link);
            ways[up] ??= [];
            ways[up].push({ id: link.of, cost: up, depth: way.depth + 1, down: { link, way } });
          }
        }
      }
    }
    return best;
  }

  private unnamed(id: number): HolderName {
    const { kind, name } = this.rootName(id);
    return { kind, name, site: { depth: 0 }, links: [], cost: COST[kind] };
  }

  private fieldName(id: number): string | undefined {
    return isInternedDict(this.view, id) ? 'interned' : interpreterField(this.view, id);
  }

  private rootName(id: number): { kind: HeapHolder['kind']; name: string } {
    const root = this.roots.get(id);
    if (root === undefined) return { kind: 'none', name: '<nobody>' };
    switch (root.kind) {
      case 'unreached':
        return { kind: 'none', name: '<nobody>' };
      case 'thread':
      case 'frame': {
        const thread = root.thread === undefined ? undefined : this.view.interpreter.threads[root.thread];
        const name = root.thread === undefined ? undefined : this.threads.get(root.thread);
        return { kind: 'thread-local', name: `<thread ${name ?? thread?.nativeId ?? (root.thread ?? 0) + 1}>` };
      }
      default:
        return { kind: 'interpreter', name: `<interpreter>.${this.fieldName(id) ?? root.kind}` };
    }
  }
}

const costOf = (link: Exclude<Link, { how: 'name' }>): number => (link.how === 'element' ? SUBSCRIPT_COST : FIELD_COST);

function nameOfLink(link: Extract<Link, { how: 'name' }>): HolderName {
  // A module written in C often shows what one written in Python has: the second is the one that can be changed.
  const compiled = link.kind === 'module-variable' && !link.site.file?.endsWith('.py') ? COMPILED_COST : 0;
  const site = { ...link.site, depth: 0 };
  const cost = link.kind === 'thread-local' ? NAMED_THREAD_LOCAL_COST : COST[link.kind];
  return { kind: link.kind, name: link.name, site, links: [link], cost: cost + compiled };
}

/** The name of the object where a way starts, from that of the one at its end. */
function nameAlong(end: Way, outermost: HolderName): HolderName {
  let name = outermost;
  for (let down = end.down; down !== undefined; down = down.way.down) name = nameThrough(name, down.link);
  return name;
}

function nameThrough(outer: HolderName, link: Exclude<Link, { how: 'name' }>): HolderName {
  const label = link.how === 'element' ? link.label : fieldLabel(link.type);
  return {
    kind: outer.kind,
    // The dict inside an lru_cache and the like: the holder's name says enough.
    name: outer.kind === 'cache-decorator' ? outer.name : `${outer.name}${label}`,
    site: { ...outer.site, depth: outer.site.depth + 1, keys: [...(outer.site.keys ?? []), constantKey(label)] },
    links: [...outer.links, link],
    cost: outer.cost + costOf(link),
  };
}

/** What lies on the stack of a frame has no name: that of the frame is said already. */
const fieldLabel = (type: string): string => (type === '<frame>' ? '' : `<${type}>`);

/** The key in a label such as `['orders']` or `[1]`; null where the label hides data (`[str]`). */
function constantKey(label: string): string | null {
  return /^\['(.*)'\]$/.exec(label)?.[1] ?? /^\[(\d+)\]$/.exec(label)?.[1] ?? null;
}

/** The interpreter's table of interned strings: a dict whose every key is its own value. */
function isInternedDict(view: HeapView, id: number): boolean {
  if (typeOfId(view, id).shape !== 'dict') return false;
  let seen = 0;
  for (const { key, value } of dictEntries(view.snapshot, view.interpreter.layout, wordOfId(view, id))) {
    if (key !== value || !isStr(view.snapshot, key)) return false;
    seen += 1;
    if (seen >= 20) return true;
  }
  return false;
}
