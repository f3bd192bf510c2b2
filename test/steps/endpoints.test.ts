import { expect, test } from 'vitest';
import type { Artifacts } from '../../src/core/artifacts.ts';
import type { Endpoints } from '../../src/core/endpoints-artifact.ts';
import type { ContainerInfo, Pods } from '../../src/core/kube-artifacts.ts';
import type { KubePort, PortAnswer, PortRequest } from '../../src/core/kube-port.ts';
import { type Problem, ProblemError, problemOf } from '../../src/core/problem.ts';
import { endpointEvidence } from '../../src/facts/pod/endpoint-evidence.ts';
import { endpoints } from '../../src/steps/kube/endpoints.ts';
import { container, KUBE_START, type PlayedCluster, playKube, pod, podsOf } from './kube-port.ts';

const MIB = 2 ** 20;
const POD = pod().name;
const METRICS = '# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 5e7\n';
const MEMORY = JSON.stringify({ current: 5, top: [{ file: 'a.py', line: 3, size: 4096, count: 2 }] });
const SITE: Readonly<Record<string, string>> = { '/metrics': METRICS, '/debug/memory': MEMORY };

const answer = (status: number, body: string, location?: string): PortAnswer => ({
  status,
  contentType: undefined,
  location,
  body: Buffer.from(body),
  isCut: false,
});
/** A service that has these pages on each port. */
const serving = (pages: Readonly<Record<string, string>>, ask: (request: PortRequest) => void = () => {}) => ({
  getFromPort: async (request: PortRequest) => {
    ask(request);
    const page = pages[request.path];
    return page === undefined ? answer(404, 'no') : answer(200, page);
  },
});
const used = (bytes: number): Partial<KubePort> => ({
  metrics: async () => ({ samples: [{ pod: POD, container: 'orca', atUnixSeconds: KUBE_START, bytes }] }),
});

interface Run extends PlayedCluster {
  readonly of?: Partial<ContainerInfo>;
  readonly pods?: Pods;
  readonly listening?: readonly number[];
  readonly insideBytes?: number;
}

async function ran({ of = {}, pods, listening, insideBytes, ...played }: Run) {
  const cluster = playKube(played);
  if (listening) {
    cluster.context.entered.inside = {
      listeningPorts: async () => listening,
    } as unknown as NonNullable<typeof cluster.context.entered.inside>;
  }
  const all = pods ?? podsOf([pod({ containers: [container({ ports: [8000], ...of })] })]);
  const inside =
    insideBytes === undefined
      ? {}
      : {
          inside: {
            pod: POD,
            container: 'orca',
            way: 'exec' as const,
            rootPid: 1,
            python: '3.9.18',
            headroomBytes: insideBytes,
            refused: [],
          },
        };
  let made: Endpoints | undefined;
  let problem: Problem | undefined;
  try {
    made = await endpoints.run(cluster.context, { pods: all, ...inside }, undefined);
  } catch (thrown) {
    problem = problemOf(thrown);
  }
  return { made, problem, pods: all, ...cluster };
}
const pathsOf = (did: readonly string[]) =>
  did
    .filter((line) => line.startsWith('getFromPort'))
    .map((line) => /"port":(\d+).*"path":"([^"]*)"/.exec(line)!.slice(1).join(''));

test('what is found is told, the pages that walk the heap last', async () => {
  const { made, did, pods } = await ran({ port: { ...serving(SITE), ...used(40 * MIB) } });
  expect(pathsOf(did)).toEqual(['8000/metrics', '8000/', '8000/debug/memory', '8000/debug/pprof/heap']);
  expect(made).toMatchObject({
    pod: POD,
    ports: [8000],
    portsFrom: 'spec',
    found: [
      { is: 'metrics', residentBytes: 5e7 },
      { is: 'memory', tracedBytes: 5, sites: [{ file: 'a.py', line: 3, bytes: 4096, blocks: 2 }] },
    ],
    skipped: [],
    silent: [],
  });
  expect(endpoints.summary?.(made!)).toBe('/metrics on 8000, /debug/memory on 8000');
  expect(endpointEvidence(made, pods).map(({ says }) => says)).toEqual([
    '/metrics on port 8000 has metrics: 47.7 MiB resident.',
    "/debug/memory on port 8000 tells of the program's own memory: 5 B traced, most was allocated at a.py:3 (4 KiB in 2 blocks).",
  ]);
});

test.each([
  ['31 MiB are left, more than a quarter', 100, 69, true],
  ['31 MiB are left, less than a quarter', 200, 169, true],
  ['32 MiB are left, more than a quarter', 100, 68, false],
])(
  'where %s, a page that may take a snapshot is skipped: (limit %i MiB, %i in use) %s',
  async (_, limit, inUse, skips) => {
    const run = { of: { spec: { limitBytes: limit * MIB } }, port: { ...serving(SITE), ...used(inUse * MIB) } };
    const { made, did, pods } = await ran(run);
    expect(pathsOf(did).includes('8000/debug/memory')).toBe(!skips);
    expect(made?.found.map(({ is }) => is)).toEqual(skips ? ['metrics'] : ['metrics', 'memory']);
    if (!skips) return;
    expect(made?.skipped).toMatchObject([
      { port: 8000, path: '/debug/memory', why: expect.stringMatching(/only 31 MiB are left/) },
      { port: 8000, path: '/debug/pprof/heap' },
    ]);
    expect(endpointEvidence(made, pods).at(-1)).toMatchObject({
      says: expect.stringMatching(/not asked, for only 31 MiB are left .*: kubectl port-forward/),
      reproduce: `kubectl port-forward pod/${POD} 8000 -n app-95 --context test & sleep 2; curl -s localhost:8000/debug/memory`,
    });
  },
);

test('with less than 24 MiB left nothing is asked at all, and the command is said', async () => {
  const { problem, did } = await ran({ port: { ...serving(SITE), ...used(105 * MIB) } });
  expect(problem).toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/^Only 23 MiB are left below the limit/),
    hint: `To ask all the same: kubectl port-forward pod/${POD} 8000 -n app-95 --context test & sleep 2; curl -s localhost:8000/metrics`,
  });
  expect(pathsOf(did)).toEqual([]);
});

test('of a large limit a quarter must be free', async () => {
  const run = { of: { spec: { limitBytes: 1000 * MIB } }, port: { ...serving(SITE), ...used(760 * MIB) } };
  expect((await ran(run)).made?.skipped[0]).toMatchObject({ why: expect.stringMatching(/only 240 MiB are left/) });
});

test('what was seen inside counts, where it is less: the last of it', async () => {
  const port = { ...serving(SITE), ...used(40 * MIB) };
  const { problem, context, pods } = await ran({ port, insideBytes: 5 * MIB });
  expect(problem).toMatchObject({ code: 'refused', message: expect.stringMatching(/Only 5 MiB/) });
  const seen = {
    'memory-limit': { limit: { bytes: 128 * MIB, scope: 'container' } },
    'memory-series': {
      samples: [
        [KUBE_START, 30 * MIB],
        [KUBE_START + 9, 121 * MIB],
      ],
    },
  } as unknown as Pick<Artifacts, 'memory-limit' | 'memory-series'>;
  const later = endpoints.run(context, { pods, ...seen }, undefined);
  await expect(later).rejects.toThrow(/Only 7 MiB are left/);
});

test('without a limit everything is asked; with one and no number of memory, what is cheap', async () => {
  const free = await ran({ of: { spec: {} }, port: serving(SITE) });
  expect(free.made?.found.map(({ is }) => is)).toEqual(['metrics', 'memory']);
  const unknown = await ran({ port: serving(SITE) });
  expect(unknown.made?.found.map(({ is }) => is)).toEqual(['metrics']);
  expect(unknown.made?.skipped[0]).toMatchObject({ why: expect.stringMatching(/is not known/) });
});

test('what listens comes before what the spec declares, without the ports of other containers', async () => {
  const pods = podsOf([
    pod({ containers: [container({ ports: [8000, 9000] }), container({ name: 'proxy', ports: [15_090] })] }),
  ]);
  const { made } = await ran({ pods, listening: [22, 8000, 15_090], port: serving({}) });
  expect(made).toMatchObject({ ports: [8000, 22], portsFrom: 'listening' });
});

test('at most ten ports are asked', async () => {
  const ports = Array.from({ length: 40 }, (_, at) => 5000 + at);
  const { made } = await ran({ of: { ports }, port: serving({}) });
  expect(made?.ports).toHaveLength(10);
});

test('a port that speaks no HTTP is asked once, and said', async () => {
  const getFromPort = async ({ port }: PortRequest): Promise<PortAnswer> => {
    if (port === 5432) throw new ProblemError('unsupported', 'no answer in HTTP');
    return answer(404, '');
  };
  const { made, did } = await ran({ of: { ports: [5432, 8000], spec: {} }, port: { getFromPort } });
  expect(made?.silent).toEqual([{ port: 5432, message: 'no answer in HTTP' }]);
  expect(pathsOf(did).filter((path) => path.startsWith('5432'))).toEqual(['5432/metrics']);
});

test('a page that does not come in time is said, and the next is asked for', async () => {
  const getFromPort = async ({ path }: PortRequest): Promise<PortAnswer> => {
    if (path === '/') throw new ProblemError('timeout', 'GET / on port 8000: no whole answer within 10 s');
    return path === '/debug/memory' ? answer(200, MEMORY) : answer(404, '');
  };
  const { made } = await ran({ of: { spec: {} }, port: { getFromPort } });
  expect(made?.found.map(({ is }) => is)).toEqual(['memory']);
  expect(endpoints.summary?.(made!)).toBe('/debug/memory on 8000, 1 without an answer');
  expect(made?.silent).toEqual([{ port: 8000, message: 'GET / on port 8000: no whole answer within 10 s' }]);
});

test('a redirect to the same path with a slash is followed, and no other', async () => {
  const getFromPort = async ({ path }: PortRequest): Promise<PortAnswer> => {
    if (path === '/metrics') return answer(307, '', 'http://localhost:8000/metrics/');
    if (path === '/metrics/') return answer(200, METRICS);
    return answer(302, '', 'http://169.254.169.254/latest');
  };
  const { made, did } = await ran({ of: { spec: {} }, port: { getFromPort } });
  expect(made?.found.map(({ is }) => is)).toEqual(['metrics']);
  expect(pathsOf(did)).toEqual([
    '8000/metrics',
    '8000/metrics/',
    '8000/',
    '8000/debug/memory',
    '8000/debug/pprof/heap',
  ]);
});

test('a refusal of the right in mid-way is the problem of the step', async () => {
  const getFromPort = async (): Promise<PortAnswer> => {
    throw new ProblemError('denied', 'cannot get pods/portforward');
  };
  expect((await ran({ port: { getFromPort } })).problem).toMatchObject({ code: 'denied' });
});

test('a container that does not run is not asked, and one without ports neither', async () => {
  const { problem, did } = await ran({ of: { state: { is: 'waiting' } }, port: serving(SITE) });
  expect(problem).toMatchObject({ code: 'absent', message: expect.stringMatching(/does not run now/) });
  expect(pathsOf(did)).toEqual([]);
  const none = await ran({ of: { ports: [] }, port: serving(SITE) });
  expect(none.made).toMatchObject({ ports: [], found: [] });
  expect(endpoints.summary?.(none.made!)).toBe('the container declares no port');
});

test('after an interrupt no more is asked', async () => {
  const { context, interrupt, did } = playKube({ port: { ...serving(SITE, () => interrupt.abort()) } });
  const pods = podsOf([pod({ containers: [container({ ports: [8000, 9000], spec: {} })] })]);
  const made = await endpoints.run(context, { pods }, undefined);
  expect(made.found.map(({ is }) => is)).toEqual(['metrics']);
  expect(pathsOf(did)).toEqual(['8000/metrics']);
});
