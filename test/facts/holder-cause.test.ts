import { expect, test } from 'vitest';
import { causeOfHolder, type HolderCause } from '../../src/facts/holder-cause.ts';
import type { Uses } from '../../src/source-code/index.ts';
import { type Holder, holderOf } from './made.ts';

const uses = (readByKey: boolean): Uses => ({
  feeds: [],
  empties: [],
  creates: [],
  readByKey,
  readElsewhere: false,
  boundedWhereFed: false,
  emptiedOnlyIn: [],
});
const site = (name: string, depth = 0): Holder['site'] => ({ module: 'app', name, depth });
const dict = (about: Partial<Holder> = {}) => holderOf({ type: 'dict', ...about });
const keeping = (type: string, count: number) => holderOf({ items: 100, keeps: [{ type, count, bytes: 1 }] });

test.each<[string, Holder, Uses | undefined, HolderCause]>([
  ['a list of a module accumulates', holderOf(), undefined, 'global-accumulation'],
  ['a list of a class accumulates', holderOf({ kind: 'class-attribute' }), undefined, 'global-accumulation'],
  [
    'a list of an instance is a collection',
    holderOf({ kind: 'instance-attribute' }),
    undefined,
    'unbounded-collection',
  ],
  ['a local list is a collection', holderOf({ kind: 'local' }), undefined, 'unbounded-collection'],
  [
    'an lru_cache is a cache',
    holderOf({ kind: 'cache-decorator', type: 'functools._lru_cache_wrapper' }),
    undefined,
    'unbounded-cache',
  ],
  ['a dict that is read by its keys is a cache', dict(), uses(true), 'unbounded-cache'],
  ['a dict that is not read by its keys accumulates', dict(), uses(false), 'global-accumulation'],
  [
    'a dict that is called so is a cache, though its source is not known',
    dict({ site: site('_page_cache') }),
    undefined,
    'unbounded-cache',
  ],
  ['a dict called memo is a cache', dict({ site: site('memo') }), undefined, 'unbounded-cache'],
  ['a dict that is called memory is none', dict({ site: site('memory') }), undefined, 'global-accumulation'],
  [
    'a list that is called a cache is none: nothing is looked up in it',
    holderOf({ site: site('cache') }),
    uses(true),
    'global-accumulation',
  ],
  [
    'a list in a dict that is called a cache is none',
    dict({ site: site('cache', 1) }),
    undefined,
    'global-accumulation',
  ],
  [
    'a defaultdict that is read by its keys groups',
    dict({ type: 'collections.defaultdict' }),
    uses(true),
    'global-accumulation',
  ],
  [
    'a Counter that is read by its keys counts',
    dict({ type: 'collections.Counter' }),
    uses(true),
    'global-accumulation',
  ],
  ['a frame for every item is what keeps', keeping('frame', 100), undefined, 'retained-objects'],
  ['a view for every second item is what keeps', keeping('memoryview', 50), undefined, 'retained-objects'],
  ['a traceback among a hundred items is not', keeping('traceback', 1), undefined, 'global-accumulation'],
  [
    'a cache of tracebacks keeps what they hold',
    { ...keeping('traceback', 100), type: 'dict' },
    uses(true),
    'retained-objects',
  ],
])('%s', (_, holder, given, cause) => expect(causeOfHolder(holder, given)).toBe(cause));
