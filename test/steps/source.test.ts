import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Artifacts } from '../../src/core/artifacts.ts';
import type { ProcessContext } from '../../src/core/step.ts';
import { source } from '../../src/steps/process/source.ts';
import { isWanted, wantedFiles } from '../../src/steps/process/source-wanted.ts';
import { heap, holder, processes } from '../core/example.ts';
import { play } from './recorded-port.ts';

const modules = (...files: string[]) => files.map((file) => ({ name: file, file }));
const look: Artifacts['heap'] = {
  ...heap,
  modules: modules(
    '/app/app.py',
    '/app/feeder.py',
    '/app/other.py',
    '/app/fast.so',
    '/usr/lib/python3.11/json/__init__.py',
    '/app/.venv/lib/python3.11/site-packages/requests/api.py',
    '/usr/lib/python3/dist-packages/yaml/__init__.py',
  ),
};
const grown = (file: string, name: string): Artifacts['heap-growth'] => ({
  seconds: 6,
  objectBytesGrown: 1,
  types: [],
  watched: 1,
  holders: [{ holder: { ...holder, site: { file, name, depth: 0 } }, itemsBefore: 1, heldBefore: 1, counts: [] }],
});

function reading(files: Record<string, string>, sourceFolder?: ProcessContext['sourceFolder']): ProcessContext {
  const { context } = play({});
  const readFile = async (_: number, path: string) => {
    if (files[path] === undefined) throw new Error('it is not there');
    return Buffer.from(files[path]);
  };
  return { ...context, sourceFolder, processes: { ...context.processes, readFile } };
}

async function collected(context: ProcessContext, growth?: Artifacts['heap-growth']) {
  const got = { processes, heap: look };
  const ahead = await source.prepare!(context, got);
  return await source.run(context, growth ? { ...got, 'heap-growth': growth } : got, ahead);
}

test('the homes of what grew come first, then of what is big, then the application', () => {
  expect(wantedFiles(look, grown('/app/other.py', 'QUEUE')).map(({ path, role }) => [path, role])).toEqual([
    ['/app/other.py', 'home'],
    ['/app/app.py', 'home'],
    ['/app/feeder.py', 'application'],
  ]);
});

test('where a library grew, other libraries may feed it', () => {
  const library = '/usr/lib/python3.11/json/__init__.py';
  expect(wantedFiles(look, grown(library, '_cache')).map(({ path, role }) => [path, role])).toEqual([
    [library, 'home'],
    ['/app/app.py', 'home'],
    ['/app/feeder.py', 'application'],
    ['/app/other.py', 'application'],
    ['/app/.venv/lib/python3.11/site-packages/requests/api.py', 'installed'],
    ['/usr/lib/python3/dist-packages/yaml/__init__.py', 'installed'],
  ]);
});

test('a name is spoken of as a word, not as a part of one; a library must speak of its home too', () => {
  const spoken = { names: new Set(['CACHE']), homes: new Set(['app']) };
  const file = { path: '/x.py', role: 'application' } as const;
  expect(isWanted(file, 'CACHE[key] = 1', spoken)).toBe(true);
  expect(isWanted(file, 'MY_CACHE = CACHED', spoken)).toBe(false);
  expect(isWanted({ ...file, role: 'installed' }, 'CACHE[key] = 1', spoken)).toBe(false);
  expect(isWanted({ ...file, role: 'installed' }, 'app.CACHE[key] = 1', spoken)).toBe(true);
});

test('files that speak of no holder are not kept, and those that cannot be read are named', async () => {
  const context = reading({ '/app/app.py': 'CACHE = {}\n', '/app/feeder.py': 'from app import CACHE\n' });
  const { files, missing } = await collected(
    reading({ '/app/app.py': 'x', '/app/feeder.py': 'CACHE', '/app/other.py': '1' }),
  );
  expect(files.map(({ path }) => path)).toEqual(['/app/app.py', '/app/feeder.py']);
  expect(missing).toEqual([]);
  expect((await collected(context)).missing).toEqual([{ path: '/app/other.py', why: 'it is not there' }]);
});

test('text and checksum are those of the file', async () => {
  const text = 'CACHE = {"ключ": 1}\n';
  const { files } = await collected(reading({ '/app/app.py': text }));
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect(files).toEqual([{ path: '/app/app.py', module: '/app/app.py', sha256, text }]);
});

test('what was read ahead is there even if the process is gone when it is asked for', async () => {
  const files: Record<string, string> = { '/app/app.py': 'CACHE = {}', '/app/other.py': 'OTHER = []' };
  const context = reading(files);
  const got = { processes, heap: look };
  const ahead = await source.prepare!(context, got);
  for (const path of Object.keys(files)) delete files[path];
  const { files: kept } = await source.run(context, { ...got, 'heap-growth': grown('/app/other.py', 'OTHER') }, ahead);
  expect(kept.map(({ path }) => path)).toEqual(['/app/other.py', '/app/app.py']);
});

test('a source folder has what the target’s own files cannot give, and no more', async () => {
  const asked: unknown[][] = [];
  const folder: ProcessContext['sourceFolder'] = {
    async find(...question) {
      asked.push(question);
      return question[0] === '/app/feeder.py' ? Buffer.from('CACHE = 1') : undefined;
    },
    paths: async () => [],
    read: async () => Buffer.from(''),
  };
  const { files, missing } = await collected(reading({ '/app/app.py': 'what runs' }, folder));
  expect(files.map(({ text }) => text)).toEqual(['what runs', 'CACHE = 1']);
  expect(missing).toEqual([{ path: '/app/other.py', why: 'it is not there' }]);
  expect(asked).toContainEqual(['/app/feeder.py', '/app/feeder.py']);
  expect(asked.flat()).not.toContain('/app/app.py');
});

test('no more is kept than eight megabytes, and what is left out is named', async () => {
  const large = `CACHE${' '.repeat(5 << 20)}`;
  const { files, missing } = await collected(
    reading({ '/app/app.py': large, '/app/feeder.py': large, '/app/other.py': 'CACHE' }),
  );
  expect(files.map(({ path }) => path)).toEqual(['/app/app.py', '/app/other.py']);
  expect(missing).toEqual([{ path: '/app/feeder.py', why: 'more than 8 MiB of source' }]);
});
