import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findUses, type Held, proposeFix } from '../../src/source-code/index.ts';
import { LEAKS } from './programs.ts';
import { SNIPPETS } from './snippets.ts';

const helds: Held[] = [...SNIPPETS.map((each) => each.held), ...LEAKS.map((each) => each.held)];
const sizing = { bytesPerItem: 1000, limitBytes: 1e8, items: 1000 };

/** Everything that a caller does with a text; the answer must be plain data that agrees with the text. */
function judge(text: string, held: Held): void {
  const files = [{ path: '/srv/app.py', module: 'app', text }];
  const uses = findUses(files, held);
  const lines = text.split(/\r\n|\r|\n/);
  for (const use of [...uses.feeds, ...uses.empties, ...uses.creates]) {
    expect(lines[use.line - 1]?.trim().startsWith(use.code)).toBe(true);
    expect(use.to).toBeLessThanOrEqual(text.length);
  }
  const fix = proposeFix(files, held, uses, sizing);
  expect(fix.patch === undefined || uses.feeds.length > 0).toBe(true);
  expect(fix.summary.length).toBeLessThan(2000);
}

describe('any text gives an answer', () => {
  test('whatever its characters are', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.constantFrom(...helds), judge), {
      numRuns: 300,
    });
  });

  test('put together from pieces of Python', () => {
    const piece = fc.constantFrom(
      'class P:',
      'def f(self, x=[]):',
      '    ',
      '\n',
      '\n    ',
      '\n        ',
      'self.items',
      '.append(',
      'X',
      '[',
      ']',
      '(',
      ')',
      ' = ',
      ' += ',
      'x',
      ',',
      'del ',
      'for x in ',
      'if ',
      ':',
      'return ',
      'lambda ',
      ' if ',
      ' else ',
      ':=',
      'import ',
      'from ',
      ' as ',
      'global X',
      'nonlocal ',
      "'",
      '"""',
      '@cache',
      '{',
      '}',
      '*',
      '**',
      'try:',
      'except E as x:',
      '\r\n',
      '\\',
      '#',
      ';',
      'D',
      '.get(',
      'f"{',
      'not in ',
      'ITEMS',
      'items',
      'collect',
      'main',
      'async ',
      'await ',
      'match x:',
      'case ',
      '\ufeff',
      '\t',
      '\0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.constantFrom(...helds), (pieces, held) =>
        judge(pieces.join(''), held),
      ),
      { numRuns: 1500 },
    );
  });

  test('made from real programs by cutting and doubling', () => {
    const texts = [...LEAKS.map((each) => each.text), ...SNIPPETS.flatMap((each) => Object.values(each.files))];
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.nat(2000),
        fc.nat(300),
        fc.constantFrom(...helds),
        (text, at, length, held) => {
          judge(text.slice(0, at) + text.slice(at + length), held);
          judge(text.slice(0, at) + text.slice(Math.max(0, at - length)), held);
        },
      ),
      { numRuns: 400 },
    );
  });

  test.each([
    ['brackets', '('.repeat(200_000)],
    ['lists', 'X.append('.repeat(60_000)],
    ['attributes', `X${'.append'.repeat(100_000)}(1)`],
    ['subscripts', `X${'[0]'.repeat(100_000)}.append(1)`],
    ['calls', `X.append${'(1)'.repeat(100_000)}`],
    ['operators', `X = X${' + X'.repeat(100_000)}`],
    ['ifs', Array.from({ length: 900 }, (_, at) => `${' '.repeat(at)}if x:\n`).join('')],
    ['functions', Array.from({ length: 900 }, (_, at) => `${' '.repeat(at)}def f(X=X):\n`).join('')],
    ['lambdas', 'lambda X=X: '.repeat(30_000)],
    ['noise', '\u0000)]}X.append '.repeat(80_000)],
    ['one long line', `X.append(${'1,'.repeat(400_000)})`],
    ['many feeds', 'X.append(1)\n'.repeat(60_000)],
    ['many bindings', `${'X = Y\nY = X\n'.repeat(20_000)}X.append(1)`],
    [
      'aliases in a ring',
      `a0 = a499\n${Array.from({ length: 499 }, (_, at) => `a${at + 1} = a${at}\n`).join('')}a9.append(1)`,
    ],
    [
      'helpers in a ring',
      Array.from({ length: 400 }, (_, at) => `def f${at}(x):\n    f${(at + 1) % 400}(x)\n    x.append(1)\n`).join(''),
    ],
    [
      'bases in a ring',
      Array.from(
        { length: 300 },
        (_, at) => `class P${at}(P${(at + 1) % 300}):\n    def f(self):\n        self.items.append(1)\n`,
      ).join(''),
    ],
    ['arguments', `f(${'X, '.repeat(30_000)})`],
  ])('nested or repeated without end: %s', (_, text) => {
    for (const held of [
      SNIPPETS[4]!.held,
      { ...SNIPPETS[0]!.held, site: { ...SNIPPETS[0]!.held.site, className: 'P0', name: 'items' } },
    ])
      judge(text, held);
  });
});
