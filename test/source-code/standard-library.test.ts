import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findUses, type Held, proposeFix, type SourceFile } from '../../src/source-code/index.ts';
import { counted } from '../counted.ts';

const known = '/root/.pyenv/versions/3.11.7/bin/python';
const python = existsSync(known) ? known : 'python3';
const library = execFileSync(python, ['-c', 'import os; print(os.path.dirname(os.__file__))'], {
  encoding: 'utf8',
}).trim();
const folder = mkdtempSync(join(tmpdir(), 'whyoom-library-'));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (module: string): SourceFile => {
  const base = join(library, module.replaceAll('.', '/'));
  const path = existsSync(`${base}.py`) ? `${base}.py` : join(base, '__init__.py');
  return { path, module, text: readFileSync(path, 'utf8') };
};
const variable = (module: string, name: string, type: string): Held => ({
  kind: 'module-variable',
  type,
  site: { module, name, depth: 0 },
});
const attribute = (module: string, className: string, name: string, type: string): Held => ({
  kind: 'instance-attribute',
  type,
  site: { module, className, name, depth: 0 },
});

describe('containers of the standard library that grow', () => {
  test.each([
    [
      variable('linecache', 'cache', 'dict'),
      ['updatecache', 'updatecache', 'lazycache'],
      ['clearcache', 'checkcache', 'updatecache'],
      true,
    ],
    [
      attribute('logging', 'Manager', 'loggerDict', 'dict'),
      ['Manager.getLogger', 'Manager.getLogger', 'Manager._fixupParents'],
      [],
      true,
    ],
    [variable('encodings', '_cache', 'dict'), ['search_function', 'search_function'], [], true],
    [variable('copyreg', '_extension_registry', 'dict'), ['add_extension'], ['remove_extension'], true],
    [
      attribute('asyncio.base_events', 'BaseEventLoop', '_scheduled', 'list'),
      ['BaseEventLoop.call_at'],
      ['BaseEventLoop.close', 'BaseEventLoop._run_once'],
      false,
    ],
  ])('$site.module $site.name', (held, feeds, empties, readByKey) => {
    const file = read(held.site.module!);
    const uses = findUses([file], held);
    expect(uses.feeds.map((use) => use.function)).toEqual(feeds);
    expect(uses.emptiedOnlyIn).toEqual(empties);
    expect(uses.readByKey).toBe(readByKey);
    counted('programs', `${held.site.module}.${held.site.name}`);
  });

  test('every patch for its modules applies and is Python', { timeout: 300_000 }, () => {
    const patched: string[] = [];
    const modules = readdirSync(library)
      .filter((name) => name.endsWith('.py'))
      .map((name) => name.slice(0, -3));
    for (const module of modules) {
      const file = read(module);
      for (const held of containersOf(module, file.text)) {
        const fix = proposeFix([file], held, findUses([file], held), { bytesPerItem: 1e6, limitBytes: 1e8, items: 50 });
        if (!fix.patch) continue;
        const at = join(folder, String(patched.length));
        const target = join(at, file.path);
        mkdirSync(join(at, library), { recursive: true });
        writeFileSync(target, file.text);
        execFileSync('patch', ['-p1', '--fuzz=0', '-s', '-d', at], { input: fix.patch });
        patched.push(target);
        counted('patches', `${module} ${held.site.className ?? ''} ${held.site.name}`);
      }
    }
    const list = join(folder, 'patched.txt');
    writeFileSync(list, patched.join('\n'));
    const script =
      'import ast, sys\nfor path in open(sys.argv[1]).read().split("\\n"): ast.parse(open(path, encoding="utf-8").read())';
    execFileSync(python, ['-W', 'ignore', '-c', script, list]);
    expect(patched.length).toBeGreaterThan(30);
  });
});

const TYPES: Record<string, string> = { '[]': 'list', '{}': 'dict', 'set()': 'set', 'deque()': 'collections.deque' };

/** What looks like an empty container with a name. */
function containersOf(module: string, text: string): Held[] {
  const found: Held[] = [];
  let className = '';
  for (const line of text.split('\n')) {
    className = /^class (\w+)/.exec(line)?.[1] ?? className;
    const match = /^(\s+self\.)?(\w+)\s*=\s*(\[\]|\{\}|set\(\)|deque\(\))/.exec(line);
    const type = match && TYPES[match[3]!];
    if (type && match[1] === undefined) found.push(variable(module, match[2]!, type));
    else if (type && className) found.push(attribute(module, className, match[2]!, type));
  }
  return found;
}
