import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Case, decodeCase, decodeManifest, encodeCase, MANIFEST } from '../../../src/core/case.ts';
import type { Logs } from '../../../src/core/kube-artifacts.ts';
import { readCase } from '../../../src/sources/case/read.ts';
import { checkCaseFolder, writeCase } from '../../../src/sources/case/write.ts';
import { exampleCase } from '../../core/example.ts';
import { temporaryFolder } from '../../temporary.ts';

const log = (changes: Partial<Logs['logs'][number]>) => ({
  pod: 'orca-645f4b4d65-hhxmt',
  container: 'orca',
  previous: false,
  text: '2026-11-22T19:09:51.120Z Processed image 1\n',
  lines: 1,
  redacted: 0,
  ...changes,
});

const caseWith = (logs: Logs): Case => ({
  ...exampleCase,
  outcomes: { ...exampleCase.outcomes, logs: { ok: true, value: logs, ms: 5 } },
  steps: [...exampleCase.steps, { key: 'logs', rung: 'api', note: `${logs.logs.length} logs` }],
});

const example = caseWith({ logs: [log({}), log({ previous: true, text: 'Traceback …\nMemoryError\n', lines: 2 })] });

async function saved(whole: Case = example): Promise<string> {
  const folder = join(temporaryFolder(), 'case');
  await writeCase(folder, whole);
  return folder;
}

const refusal = (folder: string): Promise<string> =>
  readCase(folder).then(
    () => expect.unreachable('it was opened'),
    (error) => error.problem.message,
  );

test('the texts of logs are files that a person can read, and only the owner', async () => {
  const folder = await saved();
  const names = ['orca-645f4b4d65-hhxmt.orca.log', 'orca-645f4b4d65-hhxmt.orca.previous.log'];
  expect(readdirSync(join(folder, 'logs')).sort()).toEqual(names);
  expect(readFileSync(join(folder, 'logs', names[1]!), 'utf8')).toBe('Traceback …\nMemoryError\n');
  expect(readFileSync(join(folder, 'logs.json'), 'utf8')).not.toMatch(/MemoryError/);
  expect(statSync(join(folder, 'logs', names[0]!)).mode & 0o777).toBe(0o600);
  expect(await readCase(folder)).toStrictEqual(example);
});

test('a case with the texts inside opens too', () => {
  const files = new Map(encodeCase(example));
  const manifest = decodeManifest(files.get(MANIFEST)!);
  const inline = JSON.stringify({ logs: [log({})] });
  const sha256 = createHash('sha256').update(inline).digest('hex');
  const older = { ...manifest, files: { ...manifest.files, 'logs.json': { sha256, bytes: inline.length } } };
  const contents = new Map([...files, ['logs.json', inline]].map(([name, each]) => [name!, Buffer.from(each!)]));
  const { outcomes } = decodeCase(older, contents);
  expect(outcomes.logs).toMatchObject({ ok: true, value: { logs: [log({})] } });
});

test('names of any kind give files inside the folder, one each', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('../../etc/passwd', '.', 'a/b', 'a_b', 'x'.repeat(300)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name, fc.boolean()), { maxLength: 6 }), (named) => {
      const logs = named.map(([pod, container, previous], at) => log({ pod, container, previous, text: `text ${at}` }));
      const whole = caseWith({ logs });
      const files = encodeCase(whole);
      const written = [...files.keys()].filter((file) => file.startsWith('logs/'));
      expect(written).toHaveLength(logs.length);
      for (const file of written) expect(file).toMatch(/^logs\/[\w-][\w.-]{0,225}\.log$/);
      const contents = new Map([...files].map(([file, text]) => [file, Buffer.from(text)]));
      expect(decodeCase(decodeManifest(files.get(MANIFEST)!), contents).outcomes.logs).toEqual(whole.outcomes.logs);
    }),
  );
});

test('a log that was changed, or is missing, is named', async () => {
  const folder = await saved();
  const path = join(folder, 'logs', 'orca-645f4b4d65-hhxmt.orca.log');
  writeFileSync(path, readFileSync(path, 'utf8').replace('image 1', 'image 2'));
  expect(await refusal(folder)).toMatch(/logs\/orca-645f4b4d65-hhxmt\.orca\.log was changed/);
  rmSync(path);
  expect(await refusal(folder)).toMatch(/logs\/orca-645f4b4d65-hhxmt\.orca\.log is missing/);
});

test('no link in the place of the logs is followed, nor a name that leads out', async () => {
  const folder = await saved();
  const outside = temporaryFolder();
  renameSync(join(folder, 'logs'), join(outside, 'logs'));
  symlinkSync(join(outside, 'logs'), join(folder, 'logs'));
  expect(await refusal(folder)).toMatch(/logs is not opened: it is not a folder/);
  const second = await saved();
  const manifest = readFileSync(join(second, 'case.json'), 'utf8');
  writeFileSync(join(second, 'case.json'), manifest.replace('"logs/orca', '"logs/../../orca'));
  expect(await refusal(second)).toMatch(/orca-645f4b4d65-hhxmt\.orca\.log is missing/);
});

test('an older case with logs is written over, a folder with logs of somebody is not', async () => {
  const folder = await saved();
  await writeCase(folder, exampleCase);
  expect(readdirSync(folder)).not.toContain('logs');
  const again = await saved();
  writeFileSync(join(again, 'logs', 'mine.log'), 'my own');
  await expect(checkCaseFolder(again)).rejects.toThrow(/it holds logs\/mine\.log/);
  const foreign = temporaryFolder();
  mkdirSync(join(foreign, 'logs'));
  writeFileSync(join(foreign, 'logs', 'app.log'), 'my own');
  await expect(writeCase(foreign, example)).rejects.toThrow(/it holds logs\/app\.log/);
});
