import { expect, test } from 'vitest';
import { fakeApi, json, status } from '../sources/kube/fake-api.ts';
import { whyoom } from './whyoom.ts';

test('credentials that are refused end in a clear error, not in a report without anything in it', async () => {
  const { connection } = await fakeApi((_, response) =>
    json(response, status('Unauthorized', 'Unauthorized', 401), 401),
  );
  const { code, out, err } = await whyoom(
    'deploy/orca',
    '-n',
    'shop',
    '--for',
    '0',
    '--kubeconfig',
    connection.kubeconfig!,
  );
  expect([code, out]).toEqual([3, '']);
  expect(err).toMatch(/^whyoom: The API server refuses the credentials.*\nLog in again/);
});

test('a right that is missing is no error: the report says which', async () => {
  const { connection } = await fakeApi((request, response) =>
    request.method === 'POST'
      ? json(response, { status: { allowed: false } }, 201)
      : json(response, status('no', 'Forbidden', 403), 403),
  );
  const { code, out } = await whyoom('deploy/orca', '-n', 'shop', '--for', '0', '--kubeconfig', connection.kubeconfig!);
  expect(code).toBe(0);
  expect(out).toMatch(/No right to list pods in shop/);
});
