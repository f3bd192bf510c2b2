import type { CauseId } from '../core/report.ts';
import type { Uses } from '../source-code/index.ts';
import type { HeapHolder } from './growing-holders.ts';

export type HolderCause = Extract<
  CauseId,
  'unbounded-collection' | 'unbounded-cache' | 'global-accumulation' | 'retained-objects' | 'reference-leak'
>;

/** Types that keep far more alive than they look: a traceback keeps frames, a frame its locals, a view its buffer. */
const KEEPERS = new Set(['traceback', 'frame', 'memoryview', 'generator', 'coroutine']);
const CACHE_NAMES = /cache|memo(?!r)/i;
const MAPPINGS = /dict|Dict/;
/** Reading makes the entry here: they group and count, they do not save work. */
const GROUPINGS = /defaultdict|Counter/;

/** Which of the holder causes fits best: the more specific leads. */
/** As much of a holder as tells its cause. */
export type CausedHolder = Pick<HeapHolder, 'kind' | 'type' | 'items' | 'keeps'> & {
  readonly site: Pick<HeapHolder['site'], 'name' | 'depth'>;
};

export function causeOfHolder(holder: CausedHolder, uses: Uses | undefined): HolderCause {
  if (holder.kind === 'none') return 'reference-leak';
  if (holder.kind === 'cache-decorator') return 'unbounded-cache';
  if (keepsMuch(holder)) return 'retained-objects';
  if (isCache(holder, uses)) return 'unbounded-cache';
  return holder.kind === 'module-variable' || holder.kind === 'class-attribute'
    ? 'global-accumulation'
    : 'unbounded-collection';
}

/** Every second item, or more, keeps its neighbours alive through one of the keepers. */
function keepsMuch({ keeps, items }: CausedHolder): boolean {
  return keeps.some(({ type, count }) => KEEPERS.has(type) && count * 2 >= items);
}

function isCache(holder: CausedHolder, uses: Uses | undefined): boolean {
  if (!MAPPINGS.test(holder.type) || holder.site.depth > 0) return false;
  return CACHE_NAMES.test(holder.site.name ?? '') || (!GROUPINGS.test(holder.type) && (uses?.readByKey ?? false));
}
