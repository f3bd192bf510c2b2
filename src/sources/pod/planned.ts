import type { Entering, PlannedWay } from '../../core/pod-port.ts';
import { bytesText } from '../../util/bytes.ts';
import { LEAST_HEADROOM_BYTES } from './headroom.ts';
import { FIRST_PROGRAM, INTERPRETERS } from './interpreters.ts';

/** What `enter` would change and run, as a person reads it; nothing of it is done. */
export function planned({ way, container }: Pick<Entering, 'way' | 'container'>, script: string): PlannedWay {
  const reader = `-I -S -c '<the reader, ${bytesText(Buffer.byteLength(script))} of Python>' ${LEAST_HEADROOM_BYTES}`;
  const [first, ...others] = INTERPRETERS;
  const commands = [
    `${first} ${reader}`,
    `where there is no ${first}: the same with ${others.join(', ')}`,
    `where there is none of these: readlink ${FIRST_PROGRAM} …, and the same with the Python that runs there`,
  ];
  const adds = `adds an ephemeral container to the pod, of the image of "${container}", as root with SYS_PTRACE; it stays listed until the pod ends`;
  return { way, changes: way === 'ephemeral' ? [adds] : [], commands };
}
