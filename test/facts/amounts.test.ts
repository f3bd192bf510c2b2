import { describe, expect, test } from 'vitest';
import { itemsText, listText, plainName, plural, rateText, timesText } from '../../src/facts/amounts.ts';

describe('a rate is told by the span in which at least one comes', () => {
  test.each([
    [46.4, '46 more a second'],
    [4.56, '4.6 more a second'],
    [1, '1 more a second'],
    [0.5, '30 more a minute'],
    [0.01, '36 more an hour'],
    [1 / 43_200, '2 more a day'],
    [1_234_567.8, '1,234,568 more a second'],
    [1e20, '100,000,000,000,000,000,000 more a second'],
  ])('%d a second: %s', (perSecond, text) => expect(rateText(perSecond)).toBe(text));

  test.each([0, 1e-9])('%d a second: nothing is said', (perSecond) => expect(rateText(perSecond)).toBeUndefined());
});

describe('items are told in the grammar of one and of many', () => {
  const list = { type: 'list', elementType: '__main__.Order', instances: 1 };
  test.each<[string, Parameters<typeof itemsText>[0], number]>([
    ['0 items (Order)', list, 0],
    ['1 item (Order)', list, 1],
    ['1,000 items (Order)', list, 1000],
    ['2 items', { type: 'list', elementType: undefined, instances: 1 }, 2],
    ['900 items (shop.Order) in 30 containers', { type: 'list', elementType: 'shop.Order', instances: 30 }, 900],
    ['1 byte', { type: 'bytearray', elementType: undefined, instances: 1 }, 1],
    ['5,000 bytes', { type: 'bytearray', elementType: undefined, instances: 1 }, 5000],
  ])('%s', (text, holder, items) => expect(itemsText(holder, items)).toBe(text));
});

test('how often is told in words up to twice', () => {
  expect([1, 2, 3, 1200].map(timesText)).toEqual(['once', 'twice', '3 times', '1,200 times']);
});

test('names are listed as people do, the first three of many', () => {
  expect([['a'], ['a', 'b'], ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd', 'e']].map((names) => listText(names))).toEqual([
    'a',
    'a and b',
    'a, b, c and d',
    'a, b, c and 2 more',
  ]);
});

test('a name of the script itself needs no module, one that only begins like it does', () => {
  expect(['__main__.ORDERS', '__main__x.ORDERS', 'app.ORDERS'].map((name) => plainName({ name }))).toEqual([
    'ORDERS',
    '__main__x.ORDERS',
    'app.ORDERS',
  ]);
});

test('counts have their thousands apart', () => {
  expect([plural(1, 'item'), plural(0, 'item'), plural(1234567, 'item')]).toEqual([
    '1 item',
    '0 items',
    '1,234,567 items',
  ]);
});
