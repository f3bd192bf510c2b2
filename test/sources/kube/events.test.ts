import { expect, test } from 'vitest';
import { createApi } from '../../../src/sources/kube/api.ts';
import { eventsIn, readEvents } from '../../../src/sources/kube/events.ts';
import { fakeApi, json, status } from './fake-api.ts';

const POD = { kind: 'Pod', name: 'orca-645f4b4d65-hhxmt' };
const NODE = { kind: 'Node', name: 'node-1' };

/** As the kubelet makes them, by the older way of recording (core/v1). */
const backOff = {
  metadata: {
    name: 'orca-645f4b4d65-hhxmt.17b',
    namespace: 'shop',
    uid: 'u-1',
    creationTimestamp: '2026-11-23T06:40:00Z',
  },
  involvedObject: { ...POD, namespace: 'shop', uid: 'p-1', apiVersion: 'v1', fieldPath: 'spec.containers{orca}' },
  reason: 'BackOff',
  message: 'Back-off restarting failed container orca in pod orca-645f4b4d65-hhxmt_shop(p-1)',
  source: { component: 'kubelet', host: 'node-1' },
  firstTimestamp: '2026-11-23T06:40:00Z',
  lastTimestamp: '2026-11-23T06:44:00Z',
  count: 12,
  type: 'Warning',
  eventTime: null,
  reportingComponent: 'kubelet',
  reportingInstance: 'node-1',
};
/** The same event as events.k8s.io/v1 gives it. */
const backOffNewer = {
  metadata: backOff.metadata,
  eventTime: null,
  regarding: backOff.involvedObject,
  reason: backOff.reason,
  note: backOff.message,
  type: 'Warning',
  reportingController: 'kubelet',
  reportingInstance: 'node-1',
  deprecatedSource: backOff.source,
  deprecatedFirstTimestamp: backOff.firstTimestamp,
  deprecatedLastTimestamp: backOff.lastTimestamp,
  deprecatedCount: 12,
};
/** As the scheduler makes them, by the newer way, seen through core/v1: no times of its own, and a series. */
const unschedulable = {
  metadata: { name: 'x', namespace: 'shop', uid: 'u-2', creationTimestamp: '2026-11-23T06:41:00Z' },
  involvedObject: { ...POD, namespace: 'shop' },
  reason: 'FailedScheduling',
  message: '0/1 nodes are available: 1 Insufficient memory.',
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  type: 'Warning',
  eventTime: '2026-11-23T06:41:00.123456Z',
  series: { count: 5, lastObservedTime: '2026-11-23T06:43:00.654321Z' },
  action: 'Scheduling',
  reportingComponent: 'default-scheduler',
  reportingInstance: 'default-scheduler-1',
};
const at = (time: string) => Date.parse(time) / 1000;

test('an event is the same through either API', () => {
  const one = eventsIn([{ items: [backOff], unread: 0 }], [POD]);
  expect(one).toEqual(eventsIn([{ items: [backOffNewer], unread: 0 }], [POD]));
  expect(one.events).toEqual([
    {
      type: 'Warning',
      reason: 'BackOff',
      message: backOff.message,
      about: { ...POD, container: 'orca' },
      source: 'kubelet',
      firstAtUnixSeconds: at('2026-11-23T06:40:00Z'),
      lastAtUnixSeconds: at('2026-11-23T06:44:00Z'),
      count: 12,
    },
  ]);
});

test('a series says how often and until when it was seen', () => {
  const { events } = eventsIn([{ items: [unschedulable], unread: 0 }], [POD]);
  expect(events[0]).toMatchObject({
    count: 5,
    source: 'default-scheduler',
    firstAtUnixSeconds: at('2026-11-23T06:41:00.123Z'),
    lastAtUnixSeconds: at('2026-11-23T06:43:00.654Z'),
  });
});

test('the same event in two lists is there once, others are left out, and the order is that of time', () => {
  const other = { ...backOff, metadata: { uid: 'u-3' }, involvedObject: { kind: 'Pod', name: 'other' } };
  const { events, unread } = eventsIn(
    [
      { items: [backOff, other], unread: 0 },
      { items: [unschedulable, backOff], unread: 3 },
    ],
    [POD],
  );
  expect(events.map(({ reason }) => reason)).toEqual(['FailedScheduling', 'BackOff']);
  expect(unread).toBe(3);
});

test('an event that makes no sense is counted, and the others are there', () => {
  const { events, unread } = eventsIn(
    [{ items: [null, {}, { ...backOff, involvedObject: 7 }, backOff], unread: 0 }],
    [POD],
  );
  expect([events.length, unread]).toEqual([1, 3]);
});

test('of very many events the newest are kept and the others counted', () => {
  const items = Array.from({ length: 6000 }, (_, n) => ({
    ...backOff,
    metadata: { uid: `u-${n}` },
    lastTimestamp: new Date(1_795_000_000_000 + n * 1000).toISOString(),
  }));
  const { events, unread } = eventsIn([{ items, unread: 0 }], [POD]);
  expect([events.length, unread, events.at(-1)!.lastAtUnixSeconds]).toEqual([5000, 1000, 1_795_005_999]);
});

test('secrets in a message are not kept', () => {
  const said = { ...backOff, message: 'Failed to pull image: password=hunter2hunter2 was refused' };
  const { events } = eventsIn([{ items: [said], unread: 0 }], [POD]);
  expect(events[0]!.message).not.toContain('hunter2');
});

test('a few things are asked for one by one, many by one list of the namespace', async () => {
  const asked: string[] = [];
  const { connection } = await fakeApi((_, response, { pathname, searchParams }) => {
    asked.push(`${pathname} ${searchParams.get('fieldSelector')}`);
    json(response, { items: [backOff] });
  });
  const api = await createApi(connection);
  await readEvents(api, [POD, NODE], 'default');
  expect(asked.sort()).toEqual([
    '/api/v1/namespaces/default/events involvedObject.kind=Node,involvedObject.name=node-1',
    '/api/v1/namespaces/default/events involvedObject.kind=Pod,involvedObject.name=orca-645f4b4d65-hhxmt',
  ]);
  asked.length = 0;
  const many = Array.from({ length: 30 }, (_, n) => ({ kind: 'Pod', name: `p-${n}` }));
  expect((await readEvents(api, [...many, POD], 'shop')).events).toHaveLength(1);
  expect(asked).toEqual(['/api/v1/namespaces/shop/events null']);
});

test('where the core API is refused the newer one is asked, and where both are, the first problem is told', async () => {
  let refused = ['/api/v1/'];
  const { connection } = await fakeApi((_, response, { pathname }) => {
    if (refused.some((path) => pathname.startsWith(path)))
      return json(response, status(`events is forbidden: ${pathname}`, 'Forbidden', 403), 403);
    json(response, { items: [backOffNewer] });
  });
  const api = await createApi(connection);
  expect((await readEvents(api, [POD], 'shop')).events).toHaveLength(1);
  refused = ['/api/v1/', '/apis/events.k8s.io/'];
  await expect(readEvents(api, [POD], 'shop')).rejects.toMatchObject({
    problem: { code: 'denied', message: expect.stringContaining('/api/v1/') },
  });
});
