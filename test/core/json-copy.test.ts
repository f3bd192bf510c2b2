import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonCopy } from '../../src/core/json-copy.ts';

test('a copy is what comes back through the text of JSON, whatever it is made of', () => {
  const anything = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true });
  fc.assert(
    fc.property(anything, (value) => {
      const text = JSON.stringify(value);
      expect(jsonCopy(value)).toStrictEqual(text === undefined ? undefined : JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test('a name that means something to JavaScript is kept as it is to JSON, and a bigint is none', () => {
  const value: unknown = JSON.parse('{"__proto__": {"a": 1}, "b": null}');
  expect(JSON.stringify(jsonCopy(value))).toBe(JSON.stringify(value));
  expect(() => jsonCopy({ at: 1n })).toThrow(TypeError);
});
