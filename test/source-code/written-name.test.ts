import { expect, test } from 'vitest';
import { findUses, type Held, proposeFix, writtenName } from '../../src/source-code/index.ts';

test('a private attribute is named as its class writes it', () => {
  const named = (name: string, className?: string) => writtenName({ name, depth: 0, className });
  expect(named('_Cache__data', 'TTLCache')).toBe('__data');
  expect([named('_Cache__data'), named('_my__data', 'Box'), named('_Box__init__', 'Box')]).toEqual([
    '_Cache__data',
    '_my__data',
    '_Box__init__',
  ]);
  expect(writtenName({ functionName: 'Shop.load', depth: 0 })).toBe('load');
});

const summaryFor = (text: string, held: Held): string => {
  const files = [{ path: '/srv/app.py', module: 'app', text }];
  return proposeFix(files, held, findUses(files, held), { items: 1000 }).summary;
};

test('the fix names a container inside another one with the subscripts that lead to it', () => {
  const site = { module: 'app', file: '/srv/app.py', name: 'STATE', depth: 1, keys: ['seen'] };
  const held: Held = { kind: 'module-variable', type: 'list', site };
  const text = "STATE = {'seen': []}\n\n\ndef take(item):\n    STATE['seen'].append(item)\n";
  expect(summaryFor(text, held)).toMatch(/of STATE\['seen'\]\.$/);
  const hidden = { ...held, site: { ...site, keys: [null] } };
  expect(summaryFor('STATE = {}\n', hidden)).toMatch(/puts elements into STATE\[…\] and/);
});

test('the fix of a cache names the function, not the table within', () => {
  const site = { module: 'app', file: '/srv/app.py', functionName: 'load', depth: 1, keys: [null] };
  expect(summaryFor('', { kind: 'cache-decorator', type: 'dict', site })).toMatch(/puts elements into load and/);
});
