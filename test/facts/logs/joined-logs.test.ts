import { expect, test } from 'vitest';
import { withJoinedLogs } from '../../../src/facts/logs/joined-logs.ts';
import { LogDigester } from '../../../src/logs/digest.ts';
import type { LogDigest } from '../../../src/logs/log-digest.ts';
import { LogReader } from '../../../src/logs/log-reader.ts';

function digestOf(...files: readonly (readonly string[])[]): LogDigest {
  const digester = new LogDigester();
  for (const lines of files) {
    digester.nextLog();
    const reader = new LogReader((line) => digester.add(line));
    reader.push(Buffer.from(`${lines.join('\n')}\n`));
    reader.end();
  }
  return digester.finish();
}

const said = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `cache holds ${from + at} items`);
const livesIn = (digest: LogDigest) => [...new Set(digest.series[0]!.points.map(({ life }) => life))];

test('a log that was rotated is one life: its numbers go on where they were', () => {
  const joined = withJoinedLogs(digestOf(said(100, 120), said(120, 140), said(140, 160)));
  expect(livesIn(joined)).toEqual([0]);
  expect(joined.lives).toMatchObject([{ life: 0, firstLine: 0, lastLine: 59, end: 'end' }]);
  expect(joined.templates[0]!.lives).toEqual([0]);
});

test('where a number begins anew, a start is told, or none rises, the next file is the next life', () => {
  expect(livesIn(withJoinedLogs(digestOf(said(0, 20), said(0, 20))))).toEqual([0, 1]);
  const started = withJoinedLogs(digestOf(said(0, 20), ['Starting gunicorn 21.2.0', ...said(20, 40)]));
  expect(livesIn(started)).toEqual([0, 1]);
  const even = Array.from({ length: 20 }, () => 'cache holds 7 items');
  expect(livesIn(withJoinedLogs(digestOf(even, even)))).toEqual([0, 1]);
});

test('of three files the first two may be one life, and the third another', () => {
  const joined = withJoinedLogs(digestOf(said(0, 20), said(20, 40), said(0, 20)));
  expect(joined.lives.map(({ life, end }) => [life, end])).toEqual([
    [0, 'next-log'],
    [1, 'end'],
  ]);
  expect(livesIn(joined)).toEqual([0, 1]);
});
