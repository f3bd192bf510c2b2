import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from '../../src/util/shell-word.ts';

test('a shell reads back any words as they were', () => {
  const word = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed());
  fc.assert(
    fc.property(
      fc.array(fc.oneof(word, fc.constantFrom('', '~', '$HOME', "it's", '*', '`id`', 'a\nb', '-n', '!!', '#x'))),
      (words) => {
        const script = `for word in ${words.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`;
        const read = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
        expect(read.split('\0').slice(0, -1)).toEqual(words);
      },
    ),
    { numRuns: 60 },
  );
});

test('a plain path stays readable', () => {
  expect(shellWord('/srv/app/app.py')).toBe('/srv/app/app.py');
  expect(shellWord("it's")).toBe("'it'\\''s'");
});
