import { z } from 'zod';
import { get } from './cluster.ts';
import { waitUntil } from './wait.ts';

const listSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** The name of the one pod with this label `app`, once there is one. */
export const podOf = (namespace: string, app: string): Promise<string> =>
  waitUntil(`pod of ${app}`, async () => {
    const { items } = listSchema.parse(await get('pods', '-l', `app=${app}`, '--namespace', namespace));
    return items[0]?.metadata.name;
  });
