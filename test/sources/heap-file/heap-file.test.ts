import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isHeapFile, openHeapFile } from '../../../src/sources/heap-file/read.ts';
import { putInPlace, writePieces } from '../../../src/sources/heap-file/write.ts';
import { temporaryFolder } from '../../temporary.ts';

const pieces = [Buffer.from('one '), Buffer.from('two')];

test('a file comes into being whole, and only for its owner', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'heap');
  const bytes = await putInPlace(file, async (beside) => {
    const written = writePieces(beside, pieces);
    expect(readdirSync(folder)).not.toContain('heap');
    return written;
  });
  expect([bytes, readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([7, 'one two', 0o600]);
  expect(readdirSync(folder)).toEqual(['heap']);
});

test('of a file that cannot be finished nothing is left, whoever fails', async () => {
  const folder = temporaryFolder();
  function* failing(): Generator<Uint8Array> {
    yield pieces[0]!;
    throw new Error('the heap makes no sense');
  }
  expect(() => writePieces(join(folder, 'heap'), failing())).toThrow('the heap makes no sense');
  const killed = putInPlace(join(folder, 'heap'), async (beside) => {
    writeFileSync(beside, 'half');
    throw new Error('the helper has ended');
  });
  await expect(killed).rejects.toThrow('the helper has ended');
  expect(readdirSync(folder)).toEqual([]);
});

test('what has the name already stays as it is, also where it comes while the heap is written', async () => {
  const folder = temporaryFolder();
  const [file, late, dangling] = ['there', 'late', 'dangling'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, 'precious');
  symlinkSync('/nowhere', dangling);
  const write = async (beside: string) => writePieces(beside, pieces);
  await expect(putInPlace(file, write)).rejects.toThrow(/There is a file/);
  await expect(putInPlace(dangling, write)).rejects.toThrow(/There is a file/);
  const overtaken = putInPlace(late, async (beside) => {
    writeFileSync(late, 'precious');
    return writePieces(beside, pieces);
  });
  await expect(overtaken).rejects.toThrow(/There is a file/);
  expect([file, late].map((path) => readFileSync(path, 'utf8'))).toEqual(['precious', 'precious']);
  expect(readdirSync(folder).sort()).toEqual(['dangling', 'late', 'there']);
});

test('what is no plain file is not waited for', () => {
  const folder = temporaryFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const path of [join(folder, 'pipe'), folder]) {
    expect(isHeapFile(path)).toBe(false);
    expect(() => openHeapFile(path)).toThrow(/is no file/);
  }
});
