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

test('where the module is known, a file of another package does not do', () => {
  const files = ['/home/me/shop/models.py', '/home/me/mail/__init__.py', '/home/me/mail/run.py'];
  expect(closest('/srv/pkg/models.py', files, 'pkg.models')).toBeUndefined();
  expect(closest('/srv/shop/models.py', files, 'shop.models')).toBe(files[0]);
  expect(closest('/srv/mail/__init__.py', files, 'mail')).toBe(files[1]);
  expect(closest('/srv/mail/__init__.py', files, 'ail')).toBeUndefined();
  expect(closest('/srv/app/run.py', files, '__main__')).toBe(files[2]);
  expect(closest('/srv/shop/models.py', [...files, '/home/me/old/shop/models.py'], 'shop.models')).toBeUndefined();
  expect(closest('/srv/b/shop/models.py', ['/a/shop/models.py', '/b/shop/models.py'], 'shop.models')).toBe(
    '/b/shop/models.py',
  );
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
  const inside = await openSourceFolder(join(folder, 'src/shop'));
  expect(Buffer.from((await inside.find('/app/shop/cart.py', 'shop.cart'))!).toString()).toBe('CART = []\n');
  expect(await inside.find('/app/mail/cart.py', 'mail.cart')).toBeUndefined();
});

test('a folder that is not there is said before anything is looked at', async () => {
  await expect(openSourceFolder('/nowhere')).rejects.toThrow('There is no folder /nowhere.');
});
