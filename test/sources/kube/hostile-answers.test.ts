import fc from 'fast-check';
import { expect, test } from 'vitest';
import { artifactSchemas } from '../../../src/core/artifacts.ts';
import { conditionsOf } from '../../../src/sources/kube/conditions.ts';
import { eventsIn } from '../../../src/sources/kube/events.ts';
import { rangesIn } from '../../../src/sources/kube/limit-ranges.ts';
import { metricsIn } from '../../../src/sources/kube/metrics.ts';
import { statsIn } from '../../../src/sources/kube/node-stats.ts';
import { nodeOf } from '../../../src/sources/kube/nodes.ts';
import { historyOf } from '../../../src/sources/kube/prometheus.ts';
import { servicesIn } from '../../../src/sources/kube/prometheus-services.ts';
import { revisionsIn } from '../../../src/sources/kube/revisions.ts';
import { templateChanges } from '../../../src/sources/kube/template-changes.ts';

/** Anything at all, and things that look right from outside: the API's field names with anything in them. */
const NAMES = [
  'metadata name namespace uid kind labels annotations ownerReferences creationTimestamp involvedObject regarding fieldPath',
  'message note reason type series count lastTimestamp eventTime lastObservedTime source deprecatedSource component',
  'spec limits default max memory status conditions capacity nodeInfo kubeletVersion template containers env image resources',
  'timestamp window usage podRef pods time workingSetBytes rssBytes result metric values pod container data ports port',
  'revision deployment.kubernetes.io/revision lastTransitionTime __proto__ constructor toString',
]
  .join(' ')
  .split(' ');
const leaf = fc.oneof(
  fc.constantFrom(
    null,
    '',
    'orca',
    'Pod',
    'Container',
    '128Mi',
    '-1',
    'NaN',
    '1e400',
    '9'.repeat(40),
    '\u202e\u0000\ud800',
  ),
  fc.constantFrom('2026-11-23T06:44:43Z', '9999-99-99T99:99:99Z', '15s', 0, -1, 1e308, 2 ** 53, 1.5, true),
  fc.string(),
);
const { odd } = fc.letrec((tie) => ({
  odd: fc.oneof(
    { maxDepth: 7, depthSize: 'large', withCrossShrink: true },
    leaf,
    fc.array(tie('odd'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('odd'), { maxKeys: 8 }),
    fc.jsonValue(),
  ),
}));
const POD = { kind: 'Pod', name: 'orca' };
const fits = (key: keyof typeof artifactSchemas, value: unknown) => {
  const result = artifactSchemas[key].safeParse(JSON.parse(JSON.stringify(value)));
  expect(result.error?.issues ?? []).toEqual([]);
};
const item = fc.oneof(
  odd,
  fc.record({
    metadata: fc.record({
      name: odd,
      uid: odd,
      creationTimestamp: fc.constant('2026-11-23T06:44:43Z'),
      ownerReferences: fc.constant([POD]),
    }),
    involvedObject: fc.constant(POD),
    revision: fc.nat(),
    timestamp: fc.constant('2026-11-23T06:44:43Z'),
    window: odd,
    message: odd,
    series: odd,
    spec: odd,
    status: odd,
    data: odd,
    containers: fc.array(fc.record({ name: odd, usage: fc.record({ memory: leaf }), memory: odd })),
    podRef: fc.record({ name: fc.constant('orca'), namespace: fc.constant('shop') }),
    limits: odd,
  }),
);
const items = fc.array(item, { maxLength: 5 });

test.each<[string, (items: readonly unknown[]) => void]>([
  ['events', (each) => fits('events', eventsIn([{ items: each, unread: 0 }], [POD]))],
  ['limit ranges', (each) => fits('limit-ranges', { ranges: each.flatMap(rangesIn) })],
  ['nodes', (each) => fits('nodes', { nodes: each.map((body) => nodeOf(body, 'n')) })],
  ['conditions', (each) => void conditionsOf(each)],
  ['revisions', (each) => fits('rollout', { revisions: revisionsIn(each, POD) })],
  [
    'templates',
    (each) => void templateChanges({ spec: { containers: each } }, { spec: { containers: each.slice(1) } }),
  ],
  [
    'metrics',
    (each) => metricsIn(each).samples.forEach((sample) => void expect(sample.bytes).toBeGreaterThanOrEqual(0)),
  ],
  ["kubelets' statistics", (each) => fits('node-stats', { series: statsIn({ pods: each }, ['orca'], 'shop') })],
  ['services', (each) => void servicesIn(each)],
])('no answer to a question for %s breaks what reads it, or gets a wrong value past it', (_, read) => {
  fc.assert(fc.property(items, read), { numRuns: 200 });
});

test('no answer of a Prometheus breaks what reads it', async () => {
  const values = fc.array(fc.oneof(odd, fc.tuple(fc.nat(), fc.oneof(leaf, fc.constant('12')))), { maxLength: 5 });
  const result = fc.array(
    fc.oneof(odd, fc.record({ metric: fc.oneof(odd, fc.constant({ pod: 'a', container: 'b' })), values })),
  );
  await fc.assert(
    fc.asyncProperty(result, odd, async (each, other) => {
      const answers = [
        { status: 'success', data: { result: each } },
        { status: 'success', data: other },
      ];
      const history = await historyOf(
        async (path, { step }) =>
          path.endsWith('values') ? { status: 'success', data: ['a'] } : answers[step ? 0 : 1],
        { podPattern: 'a', pods: [], toUnixSeconds: 1_795_416_283 },
        'shop',
      );
      fits('prometheus', { from: 'x', ...history });
    }),
    { numRuns: 150 },
  );
});
