import { describe, expect, test } from 'vitest';
import { findUses, type SourceFile, type Use } from '../../src/source-code/index.ts';
import { SNIPPETS } from './snippets.ts';

const moduleOf = (path: string) => path.replace('/srv/', '').replace('.py', '').replaceAll('/', '.');
const filesOf = (files: Record<string, string>): SourceFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, module: moduleOf(path), text }));
const places = (uses: readonly Use[]) => uses.map((use) => `${use.file}:${use.line} ${use.code}`).sort();

/** The lines that carry a mark. */
const marked = (files: Record<string, string>, mark: string): string[] =>
  Object.entries(files)
    .flatMap(([path, text]) =>
      text
        .split('\n')
        .flatMap((line, at) => (line.split('#')[1]?.includes(mark) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
    )
    .sort();

describe('finds who feeds, empties and makes', () => {
  test.each(SNIPPETS)('$says', ({ held, files, ...expected }) => {
    const uses = findUses(filesOf(files), held);
    expect(places(uses.feeds)).toEqual(marked(files, 'F'));
    expect(places(uses.empties)).toEqual(marked(files, 'E'));
    expect(places(uses.creates)).toEqual(marked(files, 'C'));
    if (expected.readByKey !== undefined) expect(uses.readByKey).toBe(expected.readByKey);
    if (expected.readElsewhere !== undefined) expect(uses.readElsewhere).toBe(expected.readElsewhere);
    if (expected.bounded !== undefined) expect(uses.boundedWhereFed).toBe(expected.bounded);
    if (expected.functions) expect(uses.feeds.map((use) => use.function)).toEqual(expected.functions);
  });
});
