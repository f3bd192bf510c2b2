import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantityOf } from '../../src/logs/quantities.ts';

const GIB = 2 ** 30;

test('bytes are understood in all their spellings', () => {
  const spelled: [string, number][] = [
    ['2.3 GiB', 2.3 * GIB],
    ['512MB', 512e6],
    ['12kB', 12_000],
    ['1e6 bytes', 1e6],
    ['1,234,567 bytes', 1_234_567],
    ['1.5KiB', 1536],
    ['3 b', 3],
    ['100 B', 100],
    ['64Mi', 64 * 2 ** 20],
    ['2,5 GB', 2.5e9],
    ['1.234,5 kB', 1_234_500],
    ['17 Bytes', 17],
  ];
  for (const [text, bytes] of spelled) {
    expect(quantityOf(text), text).toMatchObject({ unit: 'bytes' });
    expect(quantityOf(text)!.value, text).toBeCloseTo(bytes, 3);
  }
});

test('thousands, fractions and decimal commas are told apart', () => {
  const written: [string, number][] = [
    ['1,234', 1234],
    ['1_000_000', 1e6],
    ['1.234.567', 1_234_567],
    ['1\u202f234', 1234],
    ['2.5', 2.5],
    ['2,5', 2.5],
    ['0,123', 0.123],
    ['-7', -7],
    ['+7.25', 7.25],
    ['1.5e-3', 0.0015],
    ['007', 7],
  ];
  for (const [text, value] of written) expect(quantityOf(text)?.value, text).toBeCloseTo(value, 9);
});

test('durations are seconds, parts of a hundred are percent', () => {
  expect(quantityOf('250ms')).toEqual({ value: 0.25, unit: 'seconds' });
  expect(quantityOf('1h2m3s')).toEqual({ value: 3723, unit: 'seconds' });
  expect(quantityOf('3 min')).toEqual({ value: 180, unit: 'seconds' });
  expect(quantityOf('12,5 %')).toEqual({ value: 12.5, unit: 'percent' });
  expect(quantityOf('40%')).toEqual({ value: 40, unit: 'percent' });
});

test('what only looks like a number is none, and neither is an absurd one', () => {
  const none = [
    '2026-11-23',
    '14:31:12',
    '10.0.0.1',
    '192.168.100.200',
    '1.2.3',
    '0x7ffe12',
    '3f2a8c1e-12ab-4cde-9012-3456789abcde',
    '12ab',
    '1st',
    '1234567890123456',
    '1e400',
    '1e31',
    '9e20 bytes',
    '99999999999999999999 GiB',
    '5 apples',
    '',
    '-',
    'nan',
  ];
  for (const text of none) expect(quantityOf(text), text).toBeUndefined();
});

test('any number comes back from the way it is written', () => {
  const places = fc.nat(2);
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      places,
      fc.constantFrom('en-US', 'de-DE', 'fr-FR'),
      (number, digits, locale) => {
        const value = Number((number / 10 ** digits).toFixed(digits));
        const text = new Intl.NumberFormat(locale, {
          minimumFractionDigits: digits,
          useGrouping: Math.abs(value) >= 10_000,
        }).format(value);
        // 12.345 in German are thousands, and in English a fraction; 123,456 the other way round.
        fc.pre(locale === 'fr-FR' || !/^-?\d{1,3}[.,]\d{3}$/.test(text));
        expect(quantityOf(text)?.value, text).toBeCloseTo(value, 6);
      },
    ),
  );
});

test('any text is a finite number or none', () => {
  const characters = fc.constantFrom(...'0123456789.,-+eE:_/ %kMGiBsmhx\u00a0\u202fä');
  const anything = fc.oneof(fc.string({ unit: characters, maxLength: 30 }), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(anything, (text) => {
      const quantity = quantityOf(text);
      expect(quantity === undefined || Math.abs(quantity.value) <= 2 ** 64).toBe(true);
    }),
    { numRuns: 500 },
  );
});
