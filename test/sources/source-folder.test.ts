import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closest, openSourceFolder } from '../../src/sources/source-folder.ts';
import { temporaryFolder } from '../temporary.ts';

test('the file with most trailing parts in common is taken', () => {
  const files = ['src/shop/cart.py', 'src/mail/cart.py', 'cart.py'];
  expect(closest('/srv/app/shop/cart.py', files)).toBe('src/shop/cart.py');
  expect(closest('/srv/app/main.py', files)).toBeUndefined();
});

test('where several files fit as well, none is taken', () => {
  expect(closest('/srv/app/__init__.py', ['shop/__init__.py', 'mail/__init__.py'])).toBeUndefined();
});

test('files are found through folders, and links in a circle end', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'src/shop'), { recursive: true });
  writeFileSync(join(folder, 'src/shop/cart.py'), 'CART = []\n');
  symlinkSync(folder, join(folder, 'src/round'));
  const source = await openSourceFolder(folder);
  expect(Buffer.from((await source.find('/app/shop/cart.py'))!).toString()).toBe('CART = []\n');
  expect(await source.find('/app/shop/other.py')).toBeUndefined();
});

test('a folder that is not there is said before anything is looked at', async () => {
  await expect(openSourceFolder('/nowhere')).rejects.toThrow('There is no folder /nowhere.');
});
