import { expect, test } from 'vitest';
import type { Endpoints } from '../../src/core/endpoints-artifact.ts';
import { FEEDS, grownBy, growthOf, look, reportOn, rising, steadily } from './made.ts';
import { pod, podsOf } from './made-pods.ts';

const PODS = podsOf([pod()]);
const [POD] = PODS.pods;
type Site = Extract<Endpoints['found'][number], { is: 'memory' }>['sites'][number];
const told = (sites: Site[], more: Partial<Endpoints> = {}): Endpoints => ({
  pod: POD!.name,
  container: POD!.containers[0]!.name,
  ports: [8000],
  portsFrom: 'listening',
  found: [{ is: 'memory', port: 8000, path: '/debug/memory', sites }],
  skipped: [],
  silent: [],
  ...more,
});
const FED = FEEDS.files[0]!.path;
/** The line of FEEDS that appends. */
const LINE = 5;
const elsewhere: Site = { file: '/lib/json.py', line: 5, bytes: 9e7, blocks: 3 };

/** The evidence of the finding on a list that grows in a pod. */
const evidenceWith = (endpoints: Endpoints) => {
  const { findings } = reportOn({
    pods: PODS,
    inside: {
      pod: POD!.name,
      container: POD!.containers[0]!.name,
      way: 'exec',
      rootPid: 1,
      python: '3.9.18',
      refused: [],
    },
    heap: look(),
    'memory-series': rising(1),
    'heap-growth': growthOf([grownBy(steadily())]),
    source: FEEDS,
    endpoints,
  });
  return findings
    .find(({ holder }) => holder?.name === 'app.ORDERS')!
    .evidence.filter(({ from }) => from === 'endpoints');
};

test("a finding is borne out by the program's own tracemalloc, where that names the line that feeds the holder", () => {
  const site = { file: FED, line: LINE, bytes: 4096, blocks: 2 };
  expect(evidenceWith(told([site]))).toEqual([
    {
      says: `The program's own tracemalloc has 4 KiB in 2 blocks allocated at ${FED}:5, more than at any other line.`,
      from: 'endpoints',
      reproduce: expect.stringMatching(/^kubectl port-forward pod\/.* curl -s localhost:8000\/debug\/memory$/),
    },
  ]);
  expect(evidenceWith(told([elsewhere, site]))[0]?.says).toMatch(/2\. of all lines/);
});

test('tracemalloc may have the file by a shorter name', () => {
  const short = FED.split('/').at(-1)!;
  for (const file of [short, `./${short}`]) {
    expect(evidenceWith(told([{ file, line: LINE, bytes: 1 }]))).toHaveLength(1);
  }
});

test('another line, another file or a name that only ends alike bear nothing out', () => {
  const sites = [
    elsewhere,
    { file: FED, line: 4, bytes: 5 },
    { file: `x${FED.split('/').at(-1)}`, line: LINE, bytes: 5 },
  ];
  expect(evidenceWith(told(sites))).toEqual([]);
  expect(evidenceWith(told([], { found: [] }))).toEqual([]);
});
