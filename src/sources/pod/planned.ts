import type { Entering, PlannedWay } from '../../core/pod-port.ts';
import type { ReaderProgram } from '../../pod-reader/script.ts';
import { bytesText } from '../../util/bytes.ts';
import { shellWord } from '../../util/shell-word.ts';
import { endingArguments, WAITING } from './ephemeral.ts';
import { FIRST_PROGRAM, INTERPRETERS } from './interpreters.ts';

/** What `enter` would change and run, as a person reads it; nothing of it is done. */
export function planned(
  { way, container }: Pick<Entering, 'way' | 'container'>,
  { args, input }: ReaderProgram,
): PlannedWay {
  const reader = `${commandText(args)}; on its standard input <the reader, ${bytesText(input.length)} of Python>`;
  const [first, ...others] = INTERPRETERS;
  const commands = [
    `${first} ${reader}`,
    `where there is no ${first}: the same with ${others.join(', ')}`,
    `where there is none of these: readlink ${FIRST_PROGRAM} …, and the same with the Python that runs there`,
  ];
  if (way === 'exec') return { way, changes: [], commands };
  const adds = `adds an ephemeral container to the pod, of the image of "${container}", as root with SYS_PTRACE; it stays listed until the pod ends`;
  const [waits, orWaits] = WAITING.map(commandText);
  return {
    way,
    changes: [adds],
    commands: [
      `${waits}, as what that container is for; where there is no ${WAITING[0]![0]}: ${orWaits}`,
      ...commands,
      `${first} ${commandText(endingArguments('PID'))}, to end the first when all is read`,
    ],
  };
}

const commandText = (words: readonly string[]): string => words.map(shellWord).join(' ');
