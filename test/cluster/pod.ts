import { z } from 'zod';
import { counted } from '../counted.ts';
import { apply, get } from './cluster.ts';
import { waitUntil } from './wait.ts';

/** A pod with one container `app` that runs a Python program, as an ordinary manifest has it. */
export interface PodOptions {
  readonly name: string;
  /** Its memory limit: `128Mi`. */
  readonly limit?: string;
  /** `python:3.9-slim` unless told. */
  readonly image?: string;
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
}

/** Makes such a pod of a program's text; it does not wait for it. */
export async function runPython(namespace: string, program: string, options: PodOptions): Promise<void> {
  const { name, limit, image = 'python:3.9-slim', restartPolicy = 'Always' } = options;
  const resources = limit === undefined ? {} : { limits: { memory: limit }, requests: { memory: limit } };
  const container = { name: 'app', image, command: ['python', '-u', '-c', program], resources };
  const spec = { restartPolicy, terminationGracePeriodSeconds: 1, containers: [container] };
  await apply(
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec }),
    namespace,
  );
  counted('pods', `${namespace}/${name}`);
}

const terminatedSchema = z.object({ exitCode: z.number(), reason: z.string().optional(), finishedAt: z.string() });
const stateSchema = z.object({
  running: z.object({ startedAt: z.string() }).optional(),
  terminated: terminatedSchema.optional(),
  waiting: z.object({ reason: z.string() }).optional(),
});
const podSchema = z.object({
  status: z.object({
    phase: z.string(),
    containerStatuses: z
      .array(z.object({ name: z.string(), restartCount: z.number(), state: stateSchema, lastState: stateSchema }))
      .optional(),
  }),
});

/** The status of a pod's first container, as the API gives it; undefined before it has any. */
export async function containerStatus(namespace: string, pod: string) {
  const { status } = podSchema.parse(await get('pod', pod, '--namespace', namespace));
  return status.containerStatuses?.[0];
}

/** Waits until the pod's first container runs. */
export const untilRunning = (namespace: string, pod: string) =>
  waitUntil(`running container in ${pod}`, async () => {
    const status = await containerStatus(namespace, pod);
    return status?.state.running && status;
  });
