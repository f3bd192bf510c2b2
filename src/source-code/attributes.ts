import type { Home } from './locate.ts';
import { isScalar } from './making.ts';
import { areRelated, entityOf, type Program } from './program.ts';
import type { Scope } from './scopes.ts';
import type { Node } from './syntax.ts';

/** Whether only classes of the holder's family have its attribute, so that an unknown object's `.name` must be it. */
export function isUnique(program: Program, home: Home): boolean {
  if (home.kind !== 'attribute' || home.of === 'function' || !home.scope) return false;
  const family = home.scope;
  const stores = program.attributeStores.get(home.name) ?? [];
  const owners = stores.map((store) => entityOf(program, store.target.children[0]));
  // `timer.items = True`: other objects use the name for something else.
  const otherwise = stores.some((store, at) => owners[at] === undefined && isScalar(store.value));
  const elsewhere = [...program.classes.values()]
    .flat()
    .some((scope) => scope.bindings.has(home.name) && !areRelated(program, scope, family));
  return (
    !elsewhere &&
    !otherwise &&
    owners.every(
      (owner) => owner?.kind !== 'module' && (owner === undefined || areRelated(program, owner.scope, family)),
    )
  );
}

/** `__items` in class `Box` is kept as `_Box__items`. */
export function isAttribute(kept: string, written: string, scope: Scope | undefined): boolean {
  if (kept === written) return true;
  const mangled = written.startsWith('__') && !written.endsWith('__') && kept.endsWith(written);
  return mangled && (scope === undefined || kept.startsWith('_'));
}

/** `os.environ`, `json.x`: an import that leads out of these files is no object of unknown class. */
export function isLibrary(program: Program, node: Node): boolean {
  let base = node;
  while (base.type === 'MemberExpression') base = base.children[0]!;
  return entityOf(program, base)?.kind === 'module';
}

/** Whether instances get an attribute of their own, so that `self.name` is no longer the class's. */
export function isShadowed(program: Program, scope: Scope, name: string): boolean {
  return (program.attributeStores.get(name) ?? []).some((store) => {
    const owner = entityOf(program, store.target.children[0]);
    return owner?.kind === 'instance' && areRelated(program, owner.scope, scope);
  });
}
