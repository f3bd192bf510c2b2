import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findUses, proposeFix } from '../../src/source-code/index.ts';
import { counted } from '../counted.ts';
import { LEAKS } from './programs.ts';

const root = mkdtempSync(join(tmpdir(), 'whyoom-patches-'));
afterAll(() => rmSync(root, { recursive: true }));

const pythons = ['3.9.18', '3.13.0']
  .map((version) => `/root/.pyenv/versions/${version}/bin/python`)
  .filter((path) => existsSync(path));
if (pythons.length === 0) pythons.push('python3');

const run = (python: string, path: string) => execFileSync(python, [path], { encoding: 'utf8', timeout: 20_000 });
const compile = (python: string, path: string) =>
  execFileSync(python, ['-c', 'import ast, sys; ast.parse(open(sys.argv[1], newline="").read())', path]);
const lastLine = (output: string) => output.trimEnd().split('\n').at(-1);
const addedBy = (patch = '') =>
  patch
    .split('\n')
    .filter((line) => line.startsWith('+') && !line.startsWith('+++'))
    .map((line) => line.slice(1).trim());

/** Applies a patch as a person would, in a folder that holds `srv/app.py`, and gives the patched file. */
function applied(name: string, text: string, patch: string): string {
  const folder = join(root, name);
  mkdirSync(join(folder, 'srv'), { recursive: true });
  const file = join(folder, 'srv', 'app.py');
  writeFileSync(file, text);
  execFileSync('patch', ['-p1', '--fuzz=0', '--posix', '-d', folder], { input: patch });
  return file;
}

describe('the change that is proposed', () => {
  test.each(LEAKS.map((leak, at) => ({ ...leak, at })))('$says', (leak) => {
    const files = [{ path: '/srv/app.py', module: '__main__', text: leak.text }];
    const fix = proposeFix(files, leak.held, findUses(files, leak.held), leak.sizing);
    const added = addedBy(fix.patch);
    expect(leak.adds.filter((line) => !added.includes(line))).toEqual([]);
    expect(fix.patch === undefined).toBe(leak.adds.length === 0);
    expect(fix.changesResults).toBe(leak.changesResults);
    if (leak.advises) expect(fix.advice.join('\n')).toMatch(leak.advises);
    if (fix.patch === undefined) return;
    counted('patches', leak.says);
    expect(fix.files?.[0]?.path).toBe('srv/app.py');
    const patched = applied(String(leak.at), leak.text, fix.patch);
    const before = join(root, `${leak.at}-before.py`);
    writeFileSync(before, leak.text);
    // Only the lines that were promised change; endings stay as they were.
    expect(readFileSync(patched, 'utf8').includes('\r\n')).toBe(leak.text.includes('\r\n'));
    for (const python of pythons) {
      compile(python, patched);
      expect(lastLine(run(python, patched)) ?? '').toBe(leak.prints ?? lastLine(run(python, before)));
    }
  });
});
