import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCase } from '../../../src/sources/case/read.ts';
import { checkCaseFolder, writeCase } from '../../../src/sources/case/write.ts';
import { exampleCase, heap, holder, memorySeries } from '../../core/example.ts';
import { temporaryFolder } from '../../temporary.ts';

const GROWTH_STEP = { key: 'heap-growth', rung: 'attach' } as const;

async function saved(): Promise<string> {
  const folder = join(temporaryFolder(), 'case');
  await writeCase(folder, exampleCase);
  return folder;
}

function changeManifest(folder: string, change: (manifest: Record<string, unknown>) => void): void {
  const path = join(folder, 'case.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

/** Every problem says what to do next. */
async function refusal(folder: string): Promise<string> {
  const thrown = await readCase(folder).then(
    () => expect.unreachable('it was opened'),
    (error) => error,
  );
  expect(thrown.problem.hint).toBeTypeOf('string');
  return thrown.problem.message;
}

test('a case is saved as a manifest and one file for each artifact, and opened again', async () => {
  const folder = await saved();
  expect(readdirSync(folder).sort()).toEqual([
    'case.json',
    'heap.json',
    'memory-limit.json',
    'memory-series.json',
    'processes.json',
  ]);
  expect(await readCase(folder)).toStrictEqual(exampleCase);
});

test('saving leaves nothing beside the case', async () => {
  const folder = await saved();
  await writeCase(folder, exampleCase);
  expect(readdirSync(join(folder, '..'))).toEqual(['case']);
});

test('a newer case takes the place of an older one, and of an empty folder', async () => {
  const folder = await saved();
  await writeCase(folder, { ...exampleCase, tool: '0.2.0' });
  expect((await readCase(folder)).tool).toBe('0.2.0');
  const empty = temporaryFolder();
  await writeCase(empty, exampleCase);
  expect(await readCase(empty)).toStrictEqual(exampleCase);
});

test('a folder with other files is never written over', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'thesis.tex'), 'years of work');
  await expect(writeCase(folder, exampleCase)).rejects.toThrow(/not empty: it holds thesis\.tex/);
  await expect(checkCaseFolder(folder)).rejects.toThrow(/not empty/);
  expect(readdirSync(folder)).toEqual(['thesis.tex']);
});

test('a case with notes beside it is not written over either', async () => {
  const folder = await saved();
  writeFileSync(join(folder, 'notes.txt'), 'what we found');
  await expect(writeCase(folder, exampleCase)).rejects.toThrow(/it holds notes\.txt/);
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('what we found');
});

test('a file in the place of the folder is left alone', async () => {
  const path = join(temporaryFolder(), 'report');
  writeFileSync(path, 'text');
  await expect(writeCase(path, exampleCase)).rejects.toThrow(/cannot be used/);
  expect(readFileSync(path, 'utf8')).toBe('text');
});

test('a place that takes no files is said before anything is looked at', async () => {
  await expect(checkCaseFolder('/etc/hostname/in/a/file')).rejects.toThrow(/cannot be saved/);
  await expect(writeCase('/etc/hostname/in/a/file', exampleCase)).rejects.toThrow(/cannot be saved/);
});

test('a folder that is no case says so', async () => {
  expect(await refusal(temporaryFolder())).toMatch(/not a saved case: there is no case\.json/);
  expect(await refusal('/nowhere/at/all')).toMatch(/There is no \/nowhere\/at\/all/);
});

test('a missing artifact is named', async () => {
  const folder = await saved();
  rmSync(join(folder, 'heap.json'));
  expect(await refusal(folder)).toMatch(/damaged: heap\.json is missing/);
});

test('a file that was cut short is named', async () => {
  const folder = await saved();
  truncateSync(join(folder, 'heap.json'), 100);
  expect(await refusal(folder)).toMatch(/heap\.json has 100 bytes of \d+/);
});

test('a file that was changed is named', async () => {
  const folder = await saved();
  const path = join(folder, 'heap.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('3.11.7', '3.11.8'));
  expect(await refusal(folder)).toMatch(/heap\.json was changed/);
});

test('a case of a newer format says which version made it', async () => {
  const folder = await saved();
  changeManifest(folder, (manifest) => Object.assign(manifest, { version: 2, tool: '9.9.9' }));
  expect(await refusal(folder)).toMatch(/newer format, version 2 \(made by whyoom 9\.9\.9\)/);
});

test('a manifest that is not JSON, or of something else, is refused', async () => {
  const folder = await saved();
  writeFileSync(join(folder, 'case.json'), '{"format": "whyoom-ca');
  expect(await refusal(folder)).toMatch(/case\.json is not JSON/);
  writeFileSync(join(folder, 'case.json'), '{"format": "other", "version": 1}');
  expect(await refusal(folder)).toMatch(/not one of whyoom's/);
});

test('what does not fit the schema is named, though its checksum is right', async () => {
  const folder = await saved();
  changeManifest(folder, (manifest) => Object.assign(manifest, { steps: 'none' }));
  expect(await refusal(folder)).toMatch(/case\.json does not fit: steps/);
});

test('a link out of the folder is not followed', async () => {
  const folder = await saved();
  rmSync(join(folder, 'heap.json'));
  symlinkSync('/etc/passwd', join(folder, 'heap.json'));
  expect(await refusal(folder)).toMatch(/heap\.json is not opened: it is a link/);
});

test('a pipe or a folder in the place of a file neither hangs nor crashes', async () => {
  const folder = await saved();
  rmSync(join(folder, 'heap.json'));
  execFileSync('mkfifo', [join(folder, 'heap.json')]);
  expect(await refusal(folder)).toMatch(/not a plain file/);
  rmSync(join(folder, 'heap.json'));
  mkdirSync(join(folder, 'heap.json'));
  expect(await refusal(folder)).toMatch(/not a plain file/);
});

test('an absurdly large file is not read', async () => {
  const folder = await saved();
  truncateSync(join(folder, 'heap.json'), 65 * 2 ** 20);
  expect(await refusal(folder)).toMatch(/heap\.json is not opened: it has 65 MiB/);
});

test('a list that is longer than whyoom makes them is refused, and which one it is', async () => {
  const folder = join(temporaryFolder(), 'case');
  const outcome = { ok: true as const, ms: 1, value: { ...heap, holders: Array(101).fill(holder) } };
  await writeCase(folder, { ...exampleCase, outcomes: { ...exampleCase.outcomes, heap: outcome } });
  expect(await refusal(folder)).toMatch(/heap\.json does not fit: holders: Too big/);
});

test('a watch of 24 hours, twelve containers growing, can be saved and opened', async () => {
  const points = (perSecond: number) =>
    Array.from({ length: 86_400 * perSecond }, (_, at): [number, number] => [1_795_000_000.123 + at / perSecond, at]);
  const counts = points(2);
  const samples = points(4);
  const grown = { holder, itemsBefore: 1, heldBefore: 1, counts };
  const growth = { seconds: 86_400, objectBytesGrown: 1, types: [], watched: 12, holders: Array(12).fill(grown) };
  const outcomes = {
    ...exampleCase.outcomes,
    'memory-series': { ok: true as const, ms: 1, value: { ...memorySeries, samples, rss: samples } },
    'heap-growth': { ok: true as const, ms: 1, value: growth },
  };
  const steps = [...exampleCase.steps.filter(({ key }) => key !== 'heap-growth'), GROWTH_STEP];
  const folder = join(temporaryFolder(), 'case');
  await writeCase(folder, { ...exampleCase, outcomes, steps });
  const { outcomes: opened } = await readCase(folder);
  expect(opened['memory-series']).toMatchObject({ ok: true });
  const reopened = opened['heap-growth'];
  expect(reopened?.ok && reopened.value.holders.map((one) => one.counts.length)).toEqual(Array(12).fill(172_800));
});
