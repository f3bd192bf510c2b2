import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { expect, test } from 'vitest';

/** Who may import whom, by folder of src/ (a file directly in src/ stands for itself). docs/architecture.md draws it. */
const MAY_IMPORT: Record<string, string[]> = {
  util: [],
  stats: ['util'],
  logs: ['util'],
  heap: ['util'],
  'source-code': ['util'],
  core: ['util', 'stats', 'logs', 'heap', 'source-code'],
  facts: ['util', 'stats', 'logs', 'source-code', 'core'],
  detectors: ['util', 'stats', 'logs', 'source-code', 'core', 'facts'],
  steps: ['util', 'stats', 'logs', 'core'],
  'pod-reader': ['util', 'heap', 'core'],
  sources: ['util', 'stats', 'logs', 'heap', 'core', 'pod-reader'],
  formats: ['util', 'core'],
  'heap-worker.ts': ['heap', 'sources', 'pod-reader'],
  'compile-cache.ts': [],
  'app.ts': ['util', 'core', 'steps', 'detectors', 'facts', 'sources', 'formats'],
  commands: ['util', 'core', 'formats', 'app.ts'],
  'cli.ts': ['util', 'core', 'commands', 'app.ts', 'zod-plain.ts'],
};

/** Folders in which nothing may touch the world: no I/O, no clock, no randomness, no console. */
const PURE = ['util', 'stats', 'logs', 'source-code', 'core', 'facts', 'detectors', 'formats'];
const IMPURE =
  /from 'node:(?!crypto|buffer)|\bprocess\.(?!processes)|\bconsole\.|Math\.random|Date\.now|new Date\(\)|performance\.now/;
/** Comments and texts speak of processes, too. */
const codeOf = (line: string): string =>
  /^\s*(\/?\*|\/\/)/.test(line) ? '' : line.replace(/(?<!from )'(?:[^'\\]|\\.)*'/g, "''");

const root = new URL('../src/', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const roomOf = (file: string) => file.split(sep)[0]!;
const importsOf = (text: string) =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1]!);

test('folders import only what they may', () => {
  const wrong = files.flatMap((file) => {
    const from = roomOf(file);
    return importsOf(readFileSync(join(root, file), 'utf8'))
      .map((specifier) => ({ specifier, to: roomOf(normalize(join(dirname(file), specifier))) }))
      .filter(({ to }) => to !== from && !MAY_IMPORT[from]?.includes(to))
      .map(({ specifier }) => `src/${file} may not import ${specifier}`);
  });
  expect(wrong).toEqual([]);
});

test('what judges and draws touches neither the world nor the clock', () => {
  const wrong = files
    .filter((file) => PURE.includes(roomOf(file)) && file !== join('core', 'investigate.ts'))
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, at) => (IMPURE.test(codeOf(line)) ? [`src/${file}:${at + 1} ${line.trim()}`] : [])),
    );
  expect(wrong).toEqual([]);
});
