import type { AccessRule } from '../../core/kube-artifacts.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import type { Api } from './api.ts';
import { fieldsAt, listOf, textOf } from './fields.ts';

const ACCESS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const SELF = ['v1', 'v1beta1'].map((version) => `/apis/authentication.k8s.io/${version}/selfsubjectreviews`);

export interface Allowed {
  readonly allowed: 'yes' | 'no' | 'unknown';
  readonly reason?: string;
}

/** Whether the API server would let us. `unknown`: an authorizer failed, and nothing else decided. */
export async function mayI(api: Api, { verb, group, resource, namespace }: AccessRule): Promise<Allowed> {
  const [plural = '', subresource] = resource.split('/');
  const resourceAttributes = { verb, group, resource: plural, subresource, namespace };
  const { body } = await api.post(ACCESS, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  });
  const status = fieldsAt(body, 'status');
  const reason = textOf(status.reason) ?? textOf(status.evaluationError);
  return { allowed: verdictOf(status), ...(reason === undefined ? {} : { reason }) };
}

function verdictOf({ allowed, denied, evaluationError }: Readonly<Record<string, unknown>>): Allowed['allowed'] {
  if (allowed === true) return 'yes';
  if (allowed !== false && allowed !== undefined) return 'unknown';
  return evaluationError && denied !== true ? 'unknown' : 'no';
}

/** Whom the API server takes us for. Throws a ProblemError: before Kubernetes 1.27 it does not tell (`unsupported`). */
export async function whoAmI(api: Api): Promise<{ user: string; groups: readonly string[] }> {
  for (const path of SELF) {
    const version = path.includes('v1beta1') ? 'v1beta1' : 'v1';
    const review = { apiVersion: `authentication.k8s.io/${version}`, kind: 'SelfSubjectReview' };
    const answer = await api.post(path, review).catch((thrown) => {
      if (problemOf(thrown).code === 'absent') return undefined;
      throw thrown;
    });
    const { username, groups } = fieldsAt(answer?.body, 'status', 'userInfo');
    const user = textOf(username);
    if (user !== undefined) return { user, groups: listOf(groups).flatMap((group) => textOf(group) ?? []) };
  }
  throw new ProblemError('unsupported', 'This API server does not tell who one is (SelfSubjectReview).');
}
