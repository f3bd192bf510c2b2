import { expect, test } from 'vitest';
import type { HeapReport } from '../../src/core/heap-report.ts';
import { heapFormats } from '../../src/formats/heap.ts';

const holder: NonNullable<HeapReport['holders']>[number] = {
  name: 'app.CACHE',
  kind: 'module-variable',
  type: 'dict',
  address: '0x7f0000000000',
  instances: 1,
  items: 1000,
  ownBytes: 36_968,
  retainedBytes: 2 ** 20,
  sharedBytes: 0,
  keeps: [],
};
const report: HeapReport = {
  version: 1,
  tool: '0',
  target: { kind: 'process', name: 'python app.py (pid 42)' },
  takenAt: '2026-01-01T00:00:00.000Z',
  python: '3.11.7',
  pauseMs: 35,
  objects: 46_805,
  objectBytes: 2 ** 26,
  references: 100,
  refused: 0,
};
const shown = (more: Partial<HeapReport>) =>
  heapFormats[0]!.render({ ...report, ...more }, { width: 80, color: false, unicode: true });

test('tables that were not asked for are left out, rather than called empty', () => {
  expect(shown({})).not.toContain('No container');
  expect(shown({ holders: [] })).toContain('No container keeps more than 4 KiB.');
});

test('a column of shared bytes stands where some are shared', () => {
  expect(shown({ holders: [holder] })).toContain('RETAINED        OWN   ITEMS   TYPE');
  expect(shown({ holders: [{ ...holder, sharedBytes: 5 }] })).toContain('RETAINED   SHARED        OWN');
});

test('a row for which not all was examined says at least', () => {
  const rows = shown({ holders: [{ ...holder, name: 'app.Conn.rows', instances: 4000, truncated: true }] });
  expect(rows).toMatch(/≥ 1 MiB.*≥ 1,000 {3}≥ 4,000 × dict/);
});

test('the pause and its unit stay on one line, a file is as long as it must be', () => {
  for (const letters of [3, 6, 9, 12, 15, 18, 21, 24, 27, 30]) {
    const name = `python ${'a'.repeat(letters)}.py (pid 42)`;
    expect(shown({ target: { kind: 'process', name } })).toContain('paused 35 ms');
  }
  const hop = { address: '0x1', type: 'dict', ownBytes: 1, retainedBytes: 1, kind: 'module', name: 'cachetools' };
  const file = '/usr/lib/python3.11/site-packages/cachetools/__init__.py';
  const paths: HeapReport['paths'] = {
    target: { of: 'object', address: '0x1', type: 'dict', ownBytes: 1, retainedBytes: 1 },
    paths: [{ text: 'cachetools.x', count: 1, ownBytes: 1, retainedBytes: 1, hops: [{ ...hop, file, line: 7 }] }],
    more: 0,
  };
  expect(shown({ paths })).toContain('module cachetools (cachetools/__init__.py:7)\n');
});
