import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeCase } from '../src/sources/case/write.ts';
import { CLI } from './cli/whyoom.ts';
import { exampleCase } from './core/example.ts';
import { temporaryFolder } from './temporary.ts';

/** Loaded before whyoom: another operating system, and a koffi that cannot be loaded. */
const ELSEWHERE = `
import { registerHooks } from 'node:module';
Object.defineProperty(process, 'platform', { value: 'darwin' });
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'koffi') throw new Error('koffi was asked for');
    return next(specifier, context);
  },
});
`;

function elsewhere(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(ELSEWHERE)}`, CLI, ...argv],
    { encoding: 'utf8' },
  );
  return { code: status, out: stdout, err: stderr };
}

test('a case opens in every format where no process can be read, and no native code is asked for', async () => {
  const folder = join(temporaryFolder(), 'case');
  await writeCase(folder, exampleCase);
  for (const format of ['terminal', 'json', 'markdown', 'html']) {
    const here = execFileSync(process.execPath, [CLI, 'open', folder, '-o', format], { encoding: 'utf8' });
    expect(elsewhere('open', folder, '-o', format)).toEqual({ code: 0, out: here, err: '' });
  }
  expect(elsewhere('--help')).toMatchObject({ code: 0, err: '' });
});

test('what takes Linux says so in two lines', () => {
  const { code, out, err } = elsewhere('--pid', String(process.pid));
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(/^whyoom: whyoom reads processes of Linux, and this is darwin\.\n[^\n]+\n$/);
});

test('only the tracer names koffi, and loads it when it is needed', () => {
  const src = join(import.meta.dirname, '../src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const naming = files.filter((file) => /'koffi'/.test(readFileSync(join(src, file), 'utf8')));
  expect(naming).toEqual([join('sources', 'process', 'tracer', 'libc.ts')]);
  expect(readFileSync(join(src, naming[0]!), 'utf8')).not.toMatch(/^import (?!type).*'koffi'/m);
});
