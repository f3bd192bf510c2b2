import type { HeapHolder, HolderSite } from '../answer.ts';
import type { Walked } from '../cpython/walk.ts';
import type { HeapView } from './heap-view.ts';
import { referrersOf } from './heap-view.ts';
import { type Link, linkOf } from './links.ts';

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
  'thread-local': 4,
  // Last: a local is often a passing alias of something that has a name of its own.
  local: 9,
  interpreter: 60,
  none: 70,
};
const SUBSCRIPT_COST = 2;
const FIELD_COST = 15;
const MAX_DEPTH = 8;
const MAX_REFERRERS = 64;

/** Names containers by who refers to them. Names come from the heap alone. */
export class Namer {
  private readonly view: HeapView;
  private readonly known = new Map<number, HolderName>();
  private readonly rootKinds: ReadonlyMap<number, Walked['roots'][number]['kind']>;

  constructor(view: HeapView) {
    this.view = view;
    this.rootKinds = new Map(view.walked.roots.map((root) => [root.id, root.kind]).reverse() as never);
  }

  nameOf(id: number): HolderName {
    return this.search(id, 0, new Set());
  }

  private search(id: number, depth: number, above: ReadonlySet<number>): HolderName {
    const known = this.known.get(id);
    if (known) return known;
    let best: HolderName = this.unnamed(id);
    if (depth >= MAX_DEPTH) return best;
    const below = new Set([...above, id]);
    for (const referrer of referrersOf(this.view, id, MAX_REFERRERS)) {
      if (referrer === this.view.walked.graph.count || below.has(referrer)) continue;
      const link = linkOf(this.view, referrer, id);
      const named = link && this.through(link, depth, below);
      if (named && named.cost < best.cost) best = named;
      if (best.cost === 0) break;
    }
    // A name found while a cycle was cut off may not be the best: only the outermost answer is kept.
    if (depth === 0) this.known.set(id, best);
    return best;
  }

  private through(link: Link, depth: number, below: ReadonlySet<number>): HolderName {
    if (link.how === 'name') {
      const site = { ...link.site, depth: 0 };
      return { kind: link.kind, name: link.name, site, links: [link], cost: COST[link.kind] };
    }
    const outer = this.search(link.of, depth + 1, below);
    const label = link.how === 'element' ? link.label : `<${link.type}>`;
    return {
      kind: outer.kind,
      // The dict inside an lru_cache and the like: the holder's name says enough.
      name: outer.kind === 'cache-decorator' ? outer.name : `${outer.name}${label}`,
      site: { ...outer.site, depth: outer.site.depth + 1, keys: [...(outer.site.keys ?? []), constantKey(label)] },
      links: [...outer.links, link],
      cost: outer.cost + (link.how === 'element' ? SUBSCRIPT_COST : FIELD_COST),
    };
  }

  private unnamed(id: number): HolderName {
    const root = this.rootKinds.get(id);
    const isNamed = root !== undefined && root !== 'unreached';
    const kind = isNamed ? 'interpreter' : 'none';
    const name = isNamed ? `<interpreter>.${root === 'c-data' ? 'C data' : root}` : '<nobody>';
    return { kind, name, site: { depth: 0 }, links: [], cost: COST[kind] };
  }
}

/** The key in a label such as `['orders']`; null where the label hides data (`[str]`). */
function constantKey(label: string): string | null {
  return /^\['(.*)'\]$/.exec(label)?.[1] ?? null;
}
