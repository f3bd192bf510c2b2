import type { Held } from '../../source-code/index.ts';

/** A container's name as a developer would type it, from its source alone: `shop.cart.Cart.items`, `app.main.<locals>.rows`. */
export function heldName({ kind, site }: Held): string {
  const owner = site.className ?? site.functionName;
  const isLocal = kind === 'local' || kind === 'closure' || kind === 'default-argument';
  const own = kind === 'cache-decorator' ? [] : [...(isLocal ? ['<locals>'] : []), site.name];
  const path = [moduleOf(site.module, site.file), owner, ...own].filter((part) => part !== undefined).join('.');
  return `${path}${(site.keys ?? []).map(subscript).join('')}`;
}

/** A key that is data is shown as what it is: any. */
const subscript = (key: string | null): string => (key === null ? '[…]' : `['${key}']`);

/** The module of a file in a source folder: `src/shop/cart.py` is `shop.cart`. */
function moduleOf(module: string | undefined, file: string | undefined): string | undefined {
  if (module !== undefined || file === undefined) return module;
  const path = file.replace(/^\.?\//, '').replace(/^(src|lib|app)\/(?=.*\/)/, '');
  return path
    .replace(/\.pyw?$/, '')
    .replace(/\/__init__$/, '')
    .replaceAll('/', '.');
}
