import { expect, test } from 'vitest';
import { type AnyDetector, defineDetector } from '../../src/core/detector.ts';
import { type About, diagnose } from '../../src/core/diagnose.ts';
import type { Finding } from '../../src/core/report.ts';
import { exampleCase } from './example.ts';

const about: About = {
  tool: '0.1.0',
  collectedAt: exampleCase.collectedAt,
  target: exampleCase.target,
  judge: (_, findings) => ({ verdict: 'undecided', headline: `${findings.length} findings` }),
};
const finding = (summary: string, changes: Partial<Finding> = {}): Omit<Finding, 'cause'> => ({
  summary,
  confidence: { level: 'low', value: null, basis: 'rule' },
  places: [],
  evidence: [{ says: 'so', from: 'heap', reproduce: 'whyoom open' }],
  fix: { summary: 'none', advice: [] },
  ...changes,
});
const finds = (...found: Omit<Finding, 'cause'>[]): AnyDetector =>
  defineDetector({ id: 'unbounded-collection', title: 'finds', needs: ['heap'], detect: () => found });

test('findings come most bytes a second first, then most bytes held', () => {
  const holder = (retainedBytes: number): Finding['holder'] => ({
    name: 'app.X',
    kind: 'module-variable',
    instances: 1,
    path: [],
    type: 'list',
    items: 1,
    ownBytes: 1,
    retainedBytes,
    sharedBytes: 0,
  });
  const detector = finds(
    finding('holds little', { holder: holder(10) }),
    finding('slow', { explainsBytesPerSecond: 5 }),
    finding('holds much', { holder: holder(1000) }),
    finding('fast', { explainsBytesPerSecond: 50 }),
  );
  const report = diagnose(exampleCase, [detector], about);
  expect(report.findings.map((each) => each.summary)).toEqual(['fast', 'slow', 'holds much', 'holds little']);
  expect(report.headline).toBe('4 findings');
});

test('a detector is given what it declared and nothing else', () => {
  let got: object = {};
  const detector = defineDetector({
    id: 'warm-up',
    title: 'looks',
    needs: ['heap'],
    uses: ['processes', 'source'],
    detect: (given) => {
      got = given;
      return [];
    },
  });
  diagnose(exampleCase, [detector], about);
  expect(Object.keys(got)).toEqual(['heap', 'processes']);
});

test('what could not be gathered is unknown once, under its first cause, with all detectors that miss it', () => {
  const needing = (id: 'warm-up' | 'memory-spike', key: 'source' | 'heap-growth'): AnyDetector =>
    defineDetector({ id, title: id, needs: [key], detect: () => [] });
  const report = diagnose(exampleCase, [needing('warm-up', 'source'), needing('memory-spike', 'heap-growth')], about);
  expect(report.unknown).toEqual([
    {
      needed: 'heap-growth',
      by: ['warm-up', 'memory-spike'],
      problem: { code: 'denied', message: 'it may not be read', hint: 'sudo whyoom --pid 41' },
    },
  ]);
});

test('a detector that throws is unknown, and the others still judge', () => {
  const throws = defineDetector({
    id: 'large-allocation',
    title: 'throws',
    needs: ['heap'],
    detect: () => {
      throw new TypeError('no such thing');
    },
  });
  const report = diagnose(exampleCase, [throws, finds(finding('still here'))], about);
  expect(report.findings).toHaveLength(1);
  expect(report.unknown).toContainEqual(
    expect.objectContaining({ needed: 'large-allocation', problem: expect.objectContaining({ code: 'broken' }) }),
  );
});

test('steps, series and processes are told as they were recorded', () => {
  const report = diagnose(exampleCase, [], about);
  expect(report.steps[3]).toEqual({
    key: 'heap',
    rung: 'attach',
    note: 'paused 12 ms, 52,000 objects',
    ok: true,
    ms: 400,
  });
  expect(report.series.map(({ measure, source }) => [measure, source])).toEqual([
    ['unreclaimable', 'cgroup'],
    ['rss', 'process'],
  ]);
  expect(report.processes).toEqual([
    { pid: 41, command: '/usr/bin/python3 -u /app/app.py', python: '3.11', rssBytes: 50_000_000, read: true },
  ]);
});
