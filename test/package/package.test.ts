import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeCase } from '../../src/sources/case/write.ts';
import { exampleCase } from '../core/example.ts';
import { NODES, nodeOf, npm } from './nodes.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'whyoom-package-'));
const savedCase = join(folder, 'case');
let contents: string[];
/** The package as people get it, and as they get it where koffi could not be installed. */
const installed = { whole: join(folder, 'whole'), withoutKoffi: join(folder, 'without-koffi') };

beforeAll(async () => {
  const packed = npm(root, 'pack', '--json', '--pack-destination', folder);
  const [{ filename, files }] = JSON.parse(packed.slice(packed.indexOf('[\n')));
  contents = files.map((file: { path: string }) => file.path).sort();
  for (const [place, flags] of [
    [installed.whole, []],
    [installed.withoutKoffi, ['--omit=optional']],
  ] as const) {
    execFileSync('mkdir', [place]);
    npm(place, 'install', ...flags, join(folder, filename));
  }
  await writeCase(savedCase, exampleCase);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const binOf = (place: string) => join(place, 'node_modules/whyoom/bin/whyoom.js');

function whyoom(node: string, place: string, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(node, [binOf(place), ...argv], { encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

test('the package holds what is run and what it needs, and nothing else', () => {
  const demos = JSON.parse(readFileSync(join(root, 'demo/index.json'), 'utf8')).map(
    ({ file }: { file: string }) => file,
  );
  const optional = ['README.md', 'CHANGELOG.md'].filter((file) => existsSync(join(root, file)));
  // What is loaded when it is wanted, and what several share.
  const chunks = contents.filter((file) => /^dist\/chunk-[A-Z0-9]{8}\.js$/.test(file));
  expect(contents.filter((file) => !chunks.includes(file))).toEqual(
    [
      'LICENSE',
      'bin/whyoom.js',
      'demo/index.json',
      ...demos.map((file: string) => `demo/${file}`),
      'dist/THIRD-PARTY.txt',
      'dist/cli.js',
      'dist/compile-cache.js',
      'dist/heap-worker.js',
      'dist/reader.py',
      'dist/reaper.js',
      'package.json',
      'schema/heap-v1.schema.json',
      'schema/report-v1.schema.json',
      'schema/stacks-v1.schema.json',
      ...optional,
    ].sort(),
  );
});

test('publint finds nothing wrong with the package', async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test('installing it brings koffi and nothing else', () => {
  const names = (place: string) =>
    Object.keys(JSON.parse(npm(place, 'ls', '--all', '--json')).dependencies.whyoom.dependencies ?? {});
  expect(names(installed.whole)).toEqual(['koffi']);
  expect(existsSync(join(installed.withoutKoffi, 'node_modules/koffi'))).toBe(false);
});

test('every bundled package comes with its licence', () => {
  const licences = readFileSync(join(installed.whole, 'node_modules/whyoom/dist/THIRD-PARTY.txt'), 'utf8');
  for (const name of ['commander', 'zod']) expect(licences).toMatch(new RegExp(`^${name} [\\d.]+ \\(MIT\\)$`, 'm'));
});

describe.each(NODES)('on Node %s', (version) => {
  test.each(Object.entries(installed))('%s: it says its version, helps, and opens a case', (_, place) => {
    const node = nodeOf(version);
    const { version: own } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(whyoom(node, place, '--version')).toEqual({ code: 0, out: `${own}\n`, err: '' });
    expect(whyoom(node, place, '--help')).toMatchObject({ code: 0, err: '' });
    const opened = whyoom(node, place, 'open', savedCase, '-o', 'json');
    expect(opened).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(opened.out).target).toEqual(exampleCase.target);
  });

  test('it reads the heap of the demo', () => {
    const { code, out } = whyoom(
      nodeOf(version),
      installed.whole,
      'demo',
      'image-service',
      '--for',
      '2s',
      '-o',
      'json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out).unknown).toEqual([]);
  });
});

test('without koffi, what cannot be done is said with what to do', () => {
  const { code, out } = whyoom(process.execPath, installed.withoutKoffi, 'demo', '--for', '1s', '-o', 'json');
  expect(code).toBe(0);
  const unknown = JSON.parse(out).unknown.find((each: { needed: string }) => each.needed === 'heap');
  expect(unknown.problem.message).toMatch(/koffi/);
  expect(unknown.problem.hint).toBeTypeOf('string');
});

test('a Node that is too old is told so in one line', () => {
  const { code, out, err } = whyoom(nodeOf('18'), installed.whole, '--version');
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(/^whyoom needs Node\.js 22\.18 or later; this is v18\.[\d.]+\. See [^\n]+\n$/);
});
