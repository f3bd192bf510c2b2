import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { HELP } from '../src/commands/help.ts';
import { artifactSchemas } from '../src/core/artifacts.ts';
import { VERDICTS } from '../src/core/report.ts';
import { detectors } from '../src/detectors/index.ts';
import { formats } from '../src/formats/index.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
/** The first cells of the tables under a heading: `code` in them. */
const firstCells = (text: string) => [...text.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]!);
const section = (text: string, heading: string) => text.split(/^## /m).find((part) => part.startsWith(heading))!;

test('every detector has its page, and every page a detector', () => {
  const pages = readdirSync(join(root, 'docs/findings')).map((file) => file.replace(/\.md$/, ''));
  expect(pages.sort()).toEqual([...new Set(detectors.map(({ id }) => id))].sort());
});

test("every detector's page says what it is, how it is recognised, what it is confused with, and the fix", () => {
  for (const { id } of detectors) {
    const page = read(`docs/findings/${id}.md`);
    expect(page.split('\n')[0]).toMatch(new RegExp(`^# ${id}: `));
    const headings = [...page.matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(['How it is recognised', 'What it is confused with', 'The fix']);
  }
});

test('the architecture lists the folders and files of src/ as they are', () => {
  const listed = firstCells(section(read('docs/architecture.md'), 'Folders')).map((name) => name.replace(/\/$/, ''));
  expect(listed.sort()).toEqual(readdirSync(join(root, 'src')).sort());
});

test('the report page names every verdict, the case page every artifact', () => {
  expect(firstCells(section(read('docs/report.md'), 'Verdicts')).sort()).toEqual([...VERDICTS].sort());
  const files = firstCells(section(read('docs/case-format.md'), 'The folder'));
  expect(files.sort()).toEqual(['case.json', ...Object.keys(artifactSchemas).map((key) => `${key}.json`)].sort());
});

test('the README shows the commands as --help does, and every format', () => {
  const commands = HELP.split('\n')
    .filter((line) => /^ {2}whyoom /.test(line))
    .map((line) => line.trim());
  for (const line of commands) expect(read('README.md')).toContain(line);
  expect(read('README.md')).toContain(formats.map(({ id }) => id).join('|'));
});

test('links between the documents lead to files', () => {
  const broken = documents.flatMap((file) =>
    [...read(file).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)]
      .map((match) => join(root, dirname(file), match[1]!))
      .filter((path) => !existsSync(path))
      .map((path) => `${file}: ${path}`),
  );
  expect(broken).toEqual([]);
});

test('paths of the source that the documents name are there', () => {
  const named = documents.flatMap((file) =>
    [...read(file).matchAll(/`((?:src|test|docs|schema|scripts|demo)\/[\w./-]+)`/g)].map(
      (match) => `${file}: ${match[1]}`,
    ),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((each) => !isThere(each.split(': ')[1]!))).toEqual([]);
});

const isThere = (path: string) =>
  existsSync(join(root, path)) && (!path.endsWith('/') || statSync(join(root, path)).isDirectory());
