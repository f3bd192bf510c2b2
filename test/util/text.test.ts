import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiGlyphs, asciiText } from '../../src/util/ascii.ts';
import { bytesOfText, bytesRangeText, bytesText } from '../../src/util/bytes.ts';
import { countText } from '../../src/util/count.ts';
import { diffLines } from '../../src/util/diff-lines.ts';
import { msText, secondsRangeText, secondsText } from '../../src/util/duration.ts';
import { html, prose } from '../../src/util/html.ts';
import { markdownBlock, markdownCode, markdownTable, markdownText } from '../../src/util/markdown.ts';
import { clipped, visible, visibleJson, visibleLines } from '../../src/util/text-escape.ts';
import { cutToWidth, padToWidth, textWidth, wrapped } from '../../src/util/text-width.ts';
import { thinned } from '../../src/util/thinned.ts';

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 300 }));

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [920, '920 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1.3 * 1024 ** 2, '1.3 MiB'],
    [118 * 1024 ** 2, '118 MiB'],
    // 1023.9 KiB is not shown as 1024 KiB.
    [1023.9 * 1024, '1 MiB'],
    [-2048, '-2 KiB'],
    [5 * 1024 ** 6, '5120 PiB'],
  ])('%d bytes are %s', (bytes, text) => expect(bytesText(bytes)).toBe(text));

  test('two sizes share the unit of the larger', () => {
    expect(bytesOfText(118 * 1024 ** 2, 128 * 1024 ** 2)).toBe('118 of 128 MiB');
    expect(bytesOfText(300 * 1024 ** 2, 4 * 1024 ** 3)).toBe('0.3 of 4 GiB');
    expect(bytesRangeText(-2100, 4096)).toBe('-2.1 to 4 KiB');
  });
});

test.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [1_234_567, '1,234,567'],
  [-1_234_567, '-1,234,567'],
  [1234.5678, '1,235'],
])('the count %d is written %s', (count, text) => expect(countText(count)).toBe(text));

describe('time spans', () => {
  test.each([
    [0.42, '0.4 s'],
    [21, '21 s'],
    [840, '14 min'],
    [12_240, '3.4 h'],
    [12 * 86_400, '12 days'],
    [1e12, 'more than 10 years'],
  ])('%d seconds are %s', (seconds, text) => expect(secondsText(seconds)).toBe(text));

  test('an estimate and its interval have one unit', () => {
    expect(secondsRangeText(21, 18, 25)).toBe('21 s (18–25 s)');
    expect(secondsRangeText(3000, 2500, 9000)).toBe('50 min (42–150 min)');
    expect(secondsRangeText(100, -5, 1e12)).toBe('100 s (0 s or more)');
  });

  test('milliseconds become seconds where there are many', () => {
    expect([msText(143.2), msText(20_012)]).toEqual(['143 ms', '20 s']);
  });
});

describe('text from elsewhere', () => {
  test('is shown with its controls, overrides and separators written out', () => {
    expect(visible('a\x1b[2J\n\u0085\u202e\u2028\ud800\u{e0041}é')).toBe(
      'a\\x1b[2J\\n\\x85\\u202e\\u2028\\ud800\\u{e0041}é',
    );
    expect(visibleLines('a\n\tb\r\x00')).toBe('a\n\tb\\r\\x00');
  });

  test('has nothing unseen left, for any string, and what could be seen is untouched', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = visible(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        if (/^[\x20-\x7e]*$/.test(text)) expect(shown).toBe(text);
        expect(JSON.parse(visibleJson(JSON.stringify(text)))).toBe(text);
      }),
    );
  });

  test('is cut without leaving half a character', () => {
    expect(clipped('abcdef', 4)).toBe('abc…');
    expect(clipped('ab👧cd', 4)).toBe('ab…');
    expect(clipped('abcd', 4)).toBe('abcd');
  });

  test('is ASCII where the screen can show no more, our own signs keeping their width', () => {
    expect(asciiText('é — ▶')).toBe('\\u{e9} - >');
    fc.assert(fc.property(anyText, (text) => /^[\0-\x7f]*$/.test(asciiText(text))));
    expect(asciiGlyphs('─│┤┈╭╮╯╰▶·×–—−…’')).toHaveLength(16);
  });
});

describe('lines', () => {
  test('are never wider than asked, and lose nothing but spaces', () => {
    fc.assert(
      fc.property(anyText.map(visible), fc.integer({ min: 20, max: 100 }), (text, width) => {
        const lines = wrapped(text, width, '  - ', '    ');
        expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
        expect(
          lines
            .map((line) => line.slice(4))
            .join('')
            .replace(/\s/g, ''),
        ).toBe(text.replace(/\s/g, ''));
      }),
    );
  });

  test('keep a number and its unit together', () => {
    expect(wrapped('the C heap has 9 MiB', 18)).toEqual(['the C heap has', '9 MiB']);
  });

  test('count wide characters as two cells and marks as none', () => {
    expect([textWidth('日本'), textWidth('a\u0301'), textWidth('👧')]).toEqual([4, 1, 2]);
    expect(padToWidth('日本', 6)).toBe('日本  ');
    expect([cutToWidth('日本', 2), cutToWidth('日本', 3), cutToWidth('ab', 1)]).toEqual(['…', '日…', '…']);
    fc.assert(
      fc.property(anyText.map(visible), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(textWidth(cutToWidth(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('of a patch are told apart by the counts of their hunk', () => {
    const patch = '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- old comment\n+-- new comment\n same\n--- a/y\n';
    expect(diffLines(patch).map(({ kind }) => kind)).toEqual([
      'file',
      'file',
      'hunk',
      'removed',
      'added',
      'context',
      'file',
    ]);
    expect(diffLines('')).toEqual([]);
  });
});

describe('markup', () => {
  test('HTML escapes every part that is not markup itself', () => {
    expect(html`<p title="${`"'`}">${['<b>', 1, html`<i>${'&'}</i>`, undefined]}</p>`.markup).toBe(
      '<p title="&quot;&#39;">&lt;b&gt;1<i>&amp;</i></p>',
    );
    expect(prose('run `a<b` now').markup).toBe('run <code>a&lt;b</code> now');
  });

  test('Markdown sets as code what could act, and only that', () => {
    expect(markdownText('Cache.items keeps <b>, see https://x.example (self.cache_of(x)), at 19:09:29')).toBe(
      'Cache.items keeps `<b>`, see `https://x.example` (`self.cache_of(x)`), at 19:09:29',
    );
    expect(markdownText('- item')).toBe('\\- item');
    expect(markdownText('12. item')).toBe('12\\. item');
    expect(markdownText('run `whyoom preflight` now')).toBe('run `whyoom preflight` now');
  });

  test('fences are longer than what they hold', () => {
    expect(markdownCode('a``b')).toBe('```a``b```');
    expect(markdownCode('`')).toBe('`` ` ``');
    expect(markdownBlock('x\n````\n', 'diff')).toBe('`````diff\nx\n````\n`````');
    // In code everything stands as it is written: an escape would be read as such.
    expect(markdownCode('main.<locals>.items & &lt; \\<')).toBe('`main.<locals>.items & &lt; \\<`');
    expect(markdownTable(['a'], [['`x|y`']])).toBe('| a |\n| --- |\n| `x\\x7cy` |');
  });
});

test('thinning a series keeps its peaks and its order', () => {
  const points = Array.from({ length: 5000 }, (_, at): [number, number] => [
    at,
    at === 3333 ? 1000 : at === 77 ? -5 : at % 7,
  ]);
  const few = thinned(points, 100);
  expect(few.length).toBeLessThanOrEqual(102);
  expect(few).toContainEqual([3333, 1000]);
  expect(few).toContainEqual([77, -5]);
  expect(few.map(([at]) => at)).toEqual([...few.map(([at]) => at)].sort((a, b) => a - b));
});
