import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Report, reportSchema } from '../../src/core/report.ts';
import { whyoom } from '../cli/whyoom.ts';
import { counted } from '../counted.ts';
import { apply, get } from './cluster.ts';
import { imageService } from './image-service.ts';
import { waitUntil } from './wait.ts';

/** Where services run, who looks at them, and where the cases go. */
export interface Place {
  readonly namespace: string;
  readonly kubeconfig: string;
  readonly folder: string;
}

/** An image service that was killed, looked at in its second life, and killed again. */
export interface Looked {
  readonly report: Report;
  /** As the API told of the life before the look, and of the one in which it was made. Whole seconds. */
  readonly before: Life;
  readonly during: Life;
  /** The log of the life before, as the case has it. */
  readonly previousLog: string;
}
type Life = z.infer<typeof lifeSchema>;

/** Starts a service, lets it be killed, looks at its second life so many seconds after its start, and waits for that one's end. */
export async function lookAtSecondLife(place: Place, name: string, secondsIntoLife: number): Promise<Looked> {
  const { namespace, kubeconfig, folder } = place;
  await apply(imageService(name), namespace);
  counted('pods', `${namespace}/${name}`);
  const { pod, life: before } = await lifeEnded(namespace, name, 1);
  await sleep(secondsIntoLife * 1000);
  const saved = join(folder, name);
  const target = [`deploy/${name}`, '-n', namespace, '--kubeconfig', kubeconfig];
  const { code, out, err } = await whyoom(...target, '--save', saved, '-o', 'json');
  if (code !== 0) throw new Error(`whyoom ended with ${code}: ${err}`);
  const { life: during } = await lifeEnded(namespace, name, 2);
  const previousLog = await readFile(join(saved, 'logs', `${pod}.${name}.previous.log`), 'utf8');
  return { report: reportSchema.parse(JSON.parse(out)), before, during, previousLog };
}

const seconds = z.iso.datetime().transform((at) => Date.parse(at) / 1000);
const lifeSchema = z.object({ reason: z.string(), exitCode: z.number(), startedAt: seconds, finishedAt: seconds });
const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({
        containerStatuses: z
          .array(z.object({ restartCount: z.number(), lastState: z.object({ terminated: lifeSchema.optional() }) }))
          .optional(),
      }),
    }),
  ),
});

/** Waits for the end of the life after which the container was restarted so many times. */
function lifeEnded(namespace: string, name: string, restarts: number): Promise<{ pod: string; life: Life }> {
  const look = async () => {
    const { items } = podsSchema.parse(await get('pods', '--namespace', namespace, '--selector', `app=${name}`));
    const status = items[0]?.status.containerStatuses?.[0];
    const life = status?.restartCount === restarts ? status.lastState.terminated : undefined;
    return life && { pod: items[0]!.metadata.name, life };
  };
  return waitUntil(`end of life ${restarts} of ${name}`, look, 120_000, 1000);
}
