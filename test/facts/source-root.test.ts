import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fix } from '../../src/core/report.ts';
import { relativeToRoot } from '../../src/facts/source-root.ts';

const TEXT = 'ORDERS = []\n';
const sha256 = createHash('sha256').update(TEXT).digest('hex');

/** A fix that adds a line to each of the files, as the search for the fix makes it: without the leading slash. */
function fixOf(paths: readonly string[]): Fix {
  const names = paths.map((path) => path.replace(/^\//, ''));
  const header = (name: string, end = /\s/.test(name) ? '\t' : '') => `--- a/${name}${end}\n+++ b/${name}${end}\n`;
  return {
    summary: 'Bound it.',
    advice: ['Look first.'],
    patch: names.map((name) => `${header(name)}@@ -1,1 +1,2 @@\n ORDERS = []\n+LIMIT = 5\n`).join(''),
    files: names.map((path) => ({ path, sha256 })),
  };
}

const files = (paths: readonly string[]) => paths.map((path) => ({ path, text: TEXT }));

describe('a patch is for the folder where the imports start', () => {
  test.each<[string, string[], [string, string][], string | undefined, string[]]>([
    ['of a script, its own', ['/srv/app/app.py'], [['__main__', '/srv/app/app.py']], '/srv/app', ['app.py']],
    ['of a file that no module is known for, its own', ['/srv/app/app.py'], [], '/srv/app', ['app.py']],
    [
      'of a module in a package, the one above the package',
      ['/srv/app/shop/cart.py'],
      [['shop.cart', '/srv/app/shop/cart.py']],
      '/srv/app',
      ['shop/cart.py'],
    ],
    [
      'of a package, the one above it',
      ['/srv/app/shop/__init__.py'],
      [['shop', '/srv/app/shop/__init__.py']],
      '/srv/app',
      ['shop/__init__.py'],
    ],
    [
      'of a package in a package',
      ['/srv/shop/web/__init__.py'],
      [['shop.web', '/srv/shop/web/__init__.py']],
      '/srv',
      ['shop/web/__init__.py'],
    ],
    [
      'of a module that was loaded under another name, its own',
      ['/srv/plugins/x.py'],
      [['loaded.plugins.y', '/srv/plugins/x.py']],
      '/srv/plugins',
      ['x.py'],
    ],
    ['of a file with a space in its name', ['/srv/my app/the app.py'], [], '/srv/my app', ['the app.py']],
    [
      'of two files of one package, the same',
      ['/srv/shop/a.py', '/srv/shop/b.py'],
      [
        ['shop.a', '/srv/shop/a.py'],
        ['shop.b', '/srv/shop/b.py'],
      ],
      '/srv',
      ['shop/a.py', 'shop/b.py'],
    ],
    [
      'of a script and a package elsewhere, the one that both lie in',
      ['/srv/bin/run.py', '/srv/lib/shop/a.py'],
      [['shop.a', '/srv/lib/shop/a.py']],
      '/srv',
      ['bin/run.py', 'lib/shop/a.py'],
    ],
    [
      'of files that have only / in common, none',
      ['/srv/run.py', '/opt/a.py'],
      [],
      undefined,
      ['srv/run.py', 'opt/a.py'],
    ],
    ['of a file in /, none', ['/app.py'], [], undefined, ['app.py']],
    ['of a file without a folder, none', ['app.py'], [], undefined, ['app.py']],
  ])('%s', (_, paths, modules, root, inside) => {
    const fix = relativeToRoot(
      fixOf(paths),
      modules.map(([name, file]) => ({ name, file })),
      files(paths),
    );
    const advice = root === undefined ? [] : [`The patch is for the folder ${root}: \`patch -p1 < fix.patch\``];
    expect(fix.advice).toEqual(['Look first.', ...advice]);
    expect(fix.files).toEqual(inside.map((path) => ({ path, sha256 })));
    expectApplies(fix);
  });
});

test('a fix without a patch stays as it is', () => {
  const fix: Fix = { summary: 'Bound it.', advice: [] };
  expect(relativeToRoot(fix, [], files(['/srv/app.py']))).toBe(fix);
});

test('lines of the program that look like a header stay as they are', () => {
  const fix = fixOf(['/srv/app/app.py']);
  const patch = `${fix.patch!.replace('-1,1 +1,2', '-1,2 +1,3')} --- a/srv/app/app.py\n`;
  expect(relativeToRoot({ ...fix, patch }, [], files(['/srv/app/app.py'])).patch).toContain(
    '\n --- a/srv/app/app.py\n',
  );
});

/** The patch does what it says in a folder laid out as its file names say, with the real `patch`. */
function expectApplies({ patch, files }: Fix): void {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-root-'));
  try {
    for (const { path } of files!) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), TEXT);
    }
    execFileSync('patch', ['-p1', '--batch', '-d', folder], { input: patch! });
    for (const { path } of files!) expect(readFileSync(join(folder, path), 'utf8')).toBe(`${TEXT}LIMIT = 5\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
