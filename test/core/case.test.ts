import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Case, decodeCase, decodeManifest, encodeCase, MANIFEST } from '../../src/core/case.ts';
import { ProblemError } from '../../src/core/problem.ts';
import { exampleCase, holder } from './example.ts';

function roundTrip(whole: Case): Case {
  const files = encodeCase(whole);
  const bytes = new Map([...files].map(([name, text]) => [name, Buffer.from(text)]));
  return decodeCase(decodeManifest(files.get(MANIFEST)!), bytes);
}

test('what is read back is what was saved', () => {
  expect(roundTrip(exampleCase)).toStrictEqual(exampleCase);
});

test('names and numbers of any kind survive', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.double({ min: 0, max: 2 ** 64, noNaN: true }), (name, bytes) => {
      const outcome = exampleCase.outcomes.heap!;
      if (!outcome.ok) throw new Error('the example has a heap');
      // -0 is the one number that JSON does not keep.
      const value = { ...outcome.value, holders: [{ ...holder, name, retainedBytes: bytes + 0 }] };
      const whole: Case = { ...exampleCase, outcomes: { ...exampleCase.outcomes, heap: { ...outcome, value } } };
      expect(roundTrip(whole)).toStrictEqual(whole);
    }),
  );
});

test('a manifest of any content is read or refused with a problem, never a crash', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      try {
        decodeManifest(text);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ProblemError);
      }
    }),
  );
});
