import { expect, test } from 'vitest';
import { durationSeconds } from '../../../src/sources/kube/duration.ts';
import { quantityBytes, secondsOf, textOf } from '../../../src/sources/kube/fields.ts';

test.each([
  ['128Mi', 134_217_728],
  ['1.5Gi', 1_610_612_736],
  ['128974848', 128_974_848],
  ['129e6', 129_000_000],
  ['129M', 129_000_000],
  ['2E', 2e18],
  ['1E3', 1000],
  ['128974848000m', 128_974_848],
  ['1500m', 2],
  ['.5k', 500],
  ['0', 0],
  ['36312Ki', 37_183_488],
  [4096, 4096],
])('the quantity %s is %d bytes', (text, bytes) => {
  expect(quantityBytes(text)).toBe(bytes);
});

test.each(['', 'Mi', '-1Mi', '1mi', '1 Mi', '1e99', 'NaN', '1Mi\n', null, {}, [], true])(
  '%j is no quantity of memory',
  (value) => {
    expect(quantityBytes(value)).toBeUndefined();
  },
);

test('times are read as the API writes them, and nothing else is', () => {
  expect(secondsOf('2026-11-23T06:44:43Z')).toBe(1_795_416_283);
  expect(secondsOf('2026-11-23T06:44:43.512345Z')).toBeCloseTo(1_795_416_283.512, 3);
  for (const wrong of [
    null,
    undefined,
    '',
    'yesterday',
    0,
    '2026-11-23',
    '2026-99-23T06:44:43Z',
    '0001-01-01T00:00:00Z',
  ])
    expect(secondsOf(wrong)).toBeUndefined();
});

test.each([
  ['15s', 15],
  ['1m0s', 60],
  ['15.031s', 15.031],
  ['1h2m3.5s', 3723.5],
  ['20ms', 0.02],
])('the duration %s is %d seconds', (text, seconds) => {
  expect(durationSeconds(text)).toBeCloseTo(seconds, 9);
});

test('what is no duration is none', () => {
  for (const wrong of ['', '15', 's', '1s ', '-1s', 15, null]) expect(durationSeconds(wrong)).toBeUndefined();
});

test('a long text is cut, never within a character', () => {
  expect(textOf(`${'a'.repeat(8)}😀😀`, 10)).toBe(`${'a'.repeat(8)}\ufffd…`);
  expect(textOf('short', 10)).toBe('short');
  expect(textOf('')).toBeUndefined();
});
