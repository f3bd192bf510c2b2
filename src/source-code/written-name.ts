import type { Held, HeldSite } from './types.ts';

/** `_Box__items`: a class puts `_` and its own name before the private names in it. Names of classes are capitalised. */
const MANGLED = /^_[A-Z]\w*?__(?=\w)(?!\w*__$)/;

/** The holder's name as its source has it: `__items` for `_Box__items`, `load` for the cache of a function. */
export function writtenName({ name, className, functionName }: HeldSite): string | undefined {
  return (className === undefined ? name : name?.replace(MANGLED, '__')) ?? functionName?.split('.').at(-1);
}

/** The same with the subscripts that lead to the container: `state['seen']`; `state[…]` where the key is data. */
export function writtenPath({ kind, site }: Pick<Held, 'kind' | 'site'>): string | undefined {
  const name = writtenName(site);
  // What lies in a cache is the cache, to whoever calls the function.
  const keys = kind === 'cache-decorator' ? [] : (site.keys ?? []);
  return name && `${name}${keys.map(subscript).join('')}`;
}

/** No name begins with a digit: that is a place in a tuple. */
const subscript = (key: string | null): string => (key === null ? '[…]' : /^\d/.test(key) ? `[${key}]` : `['${key}']`);
