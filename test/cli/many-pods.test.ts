import { expect, test } from 'vitest';
import { fakeApi, json, status } from '../sources/kube/fake-api.ts';
import { DEPLOYMENTS, ORCA, owner, PODS, podOf } from '../sources/kube/fake-cluster.ts';
import { reportOf } from '../whyoom.ts';

const PODS_THERE = 5000;
const KILLED = 1234;
const LIMIT = { limits: { memory: '128Mi' } };
const AT = '2026-11-23T06:00:00Z';

const killed = {
  exitCode: 137,
  reason: 'OOMKilled',
  startedAt: '2026-11-23T05:59:00Z',
  finishedAt: AT,
};
const pods = Array.from({ length: PODS_THERE }, (_, n) => ({
  ...podOf(`orca-7d4b9c-${n}`, [owner('apps/v1', 'ReplicaSet', 'orca-7d4b9c')]),
  spec: { nodeName: `node-${n % 100}`, containers: [{ name: 'app', image: 'x', resources: LIMIT }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'app',
        ready: true,
        restartCount: n === KILLED ? 1 : 0,
        state: { running: { startedAt: AT } },
        lastState: n === KILLED ? { terminated: killed } : {},
      },
    ],
  },
}));

test(`of ${PODS_THERE} pods under one selector all are looked at, and the one that was killed is diagnosed`, async () => {
  let requests = 0;
  const { connection } = await fakeApi((request, response, { pathname, searchParams }) => {
    requests += 1;
    if (request.method === 'POST') return json(response, { status: { allowed: true } }, 201);
    if (pathname === `${DEPLOYMENTS}/orca`) return json(response, ORCA);
    if (pathname.endsWith('/log')) return response.end(`${AT} processed 1\n`);
    if (pathname !== PODS) return json(response, status('not here', 'NotFound', 404), 404);
    const from = Number(searchParams.get('continue') ?? 0);
    const more = from + 500 < pods.length ? { continue: String(from + 500) } : {};
    json(response, { items: pods.slice(from, from + 500), metadata: more });
  });
  const report = await reportOf('deploy/orca', '-n', 'shop', '--for', '0', '--kubeconfig', connection.kubeconfig!);
  expect(report.headline).toMatch(/OOM/);
  expect(report.target.name).toContain(`orca-7d4b9c-${KILLED}`);
  expect(report.pods, 'the others').toHaveLength(PODS_THERE - 1);
  // Pages, rights, and the logs of a few: nothing is asked for each pod.
  expect(requests).toBeLessThan(200);
});
