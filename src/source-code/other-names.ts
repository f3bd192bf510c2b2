import { levelOf } from './denotes.ts';
import type { Home } from './locate.ts';
import { isMaking } from './making.ts';
import { attributeOf, entityOf, fileOf, moduleFile, sourceText, textOf } from './program.ts';
import { MOST_BINDINGS } from './reaching.ts';
import { lookUp } from './scopes.ts';
import { addVariable, isVariableSeed, passedTo, type Search } from './search.ts';
import type { Node } from './syntax.ts';

/**
 * Adds the names that the holder is made from. Only where it is made (module level, class body, `__init__`):
 * elsewhere `self.items = rest` puts another container in its place.
 */
export function addOtherNames(search: Search): boolean {
  const before = search.seeds.length;
  const names = new Set(search.seeds.map((seed) => seed.name));
  for (const file of search.program.files)
    for (const store of file.stores) {
      const name = attributeOf(file, store.target) ?? sourceText(file, store.target);
      if (!store.value || search.seeds.length > 20 || ![...names].some((each) => each.endsWith(name))) continue;
      if (!isMaking(store.target.scope!)) continue;
      if (levelOf(search, store.target) === 0) addSeed(search, store.value, 0);
    }
  if (search.home.kind === 'variable') addImportedName(search, search.home);
  return search.seeds.length > before;
}

/** The heap may name a variable by the module that imported it. */
function addImportedName(search: Search, home: Home & { kind: 'variable' }): void {
  for (const binding of home.scope.bindings.get(home.name) ?? []) {
    if (binding.kind !== 'member') continue;
    const file = moduleFile(search.program, binding.module);
    if (file?.module.bindings.has(binding.member)) addVariable(search, file.module, binding.member);
  }
}

function addSeed(search: Search, value: Node, depth: number): void {
  if (depth > 3) return;
  if (value.type === 'BinaryExpression' && value.children[1]?.type === 'or')
    return addSeed(search, value.children[0]!, depth + 1);
  if (value.type === 'ConditionalExpression') {
    addSeed(search, value.children[0]!, depth + 1);
    return addSeed(search, value.children.at(-1)!, depth + 1);
  }
  if (value.type === 'VariableName') return addVariableSeed(search, value, depth);
  const name = attributeOf(fileOf(search.program, value), value);
  const base = name === undefined ? undefined : entityOf(search.program, value.children[0]);
  if (name !== undefined && (base?.kind === 'instance' || base?.kind === 'class'))
    search.seeds.push({ kind: 'attribute', scope: base.scope, name, of: base.kind });
}

function addVariableSeed(search: Search, value: Node, depth: number): void {
  const name = textOf(search.program, value);
  const found = lookUp(value.scope, name);
  if (!found || isVariableSeed(search, found.scope, name)) return;
  const bindings = found.bindings.slice(0, MOST_BINDINGS);
  if (bindings.some((binding) => ['function', 'class', 'module', 'element'].includes(binding.kind))) return;
  addVariable(search, found.scope, name);
  const parameter = bindings.find((binding) => binding.kind === 'parameter');
  if (!parameter) return;
  const passed = passedTo(search, found.scope, parameter.parameter);
  // Many callers pass many containers; which of them is the holder cannot be told.
  if (passed.length <= 3) for (const each of passed) addSeed(search, each, depth + 1);
}
