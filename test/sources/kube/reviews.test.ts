import { expect, test } from 'vitest';
import { ProblemError } from '../../../src/core/problem.ts';
import { createKubePort } from '../../../src/sources/kube/index.ts';
import { fakeApi, json, status } from './fake-api.ts';

const portTo = async (answer: (path: string, body: string) => [number, unknown]) => {
  const { connection } = await fakeApi((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const [code, said] = answer(request.url, body);
      json(response, said, code);
    });
  });
  return createKubePort(connection);
};
const RULE = { verb: 'get', group: '', resource: 'pods/log', namespace: 'shop' };

test.each([
  [{ allowed: true }, { allowed: 'yes' }],
  [{ allowed: false }, { allowed: 'no' }],
  [
    { allowed: false, reason: 'by policy' },
    { allowed: 'no', reason: 'by policy' },
  ],
  [
    { allowed: false, evaluationError: 'webhook down' },
    { allowed: 'unknown', reason: 'webhook down' },
  ],
  [
    { allowed: false, denied: true, evaluationError: 'webhook down' },
    { allowed: 'no', reason: 'webhook down' },
  ],
  [{ allowed: 'perhaps' }, { allowed: 'unknown' }],
])('the status %j of a review means %j', async (said, means) => {
  let asked = '';
  const port = await portTo((_, body) => {
    asked = body;
    return [201, { status: said }];
  });
  expect(await port.mayI(RULE)).toEqual(means);
  expect(JSON.parse(asked).spec.resourceAttributes).toEqual({
    verb: 'get',
    group: '',
    resource: 'pods',
    subresource: 'log',
    namespace: 'shop',
  });
});

test('who we are is asked of an older API too, and of one that does not know it is told', async () => {
  const userInfo = { username: 'jo', groups: ['a', 'b'] };
  const older = await portTo((path) =>
    path.includes('v1beta1') ? [201, { status: { userInfo } }] : [404, status('no', 'NotFound', 404)],
  );
  expect(await older.whoAmI()).toEqual({ user: 'jo', groups: ['a', 'b'] });
  const old = await portTo(() => [404, status('no', 'NotFound', 404)]);
  await expect(old.whoAmI()).rejects.toThrow(ProblemError);
});
