import { z } from 'zod';
import { ProblemError } from '../../core/problem.ts';
import { clipped, visible } from '../../util/text-escape.ts';
import { withoutTokens } from './without-tokens.ts';

/** How a command ended: a `Status` with the exit code among its causes (k8s.io/client-go v0.34, tools/remotecommand/v4.go). */
const status = z.object({
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  code: z.number().optional(),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().optional(), message: z.string().optional() })).optional() })
    .optional(),
});

export interface ExecPlace {
  readonly pod: string;
  readonly container: string;
  readonly namespace: string;
  /** The program: its arguments may be long, or hold what is nobody's business. */
  readonly program: string;
}

/** An exit code, or why there was no command to have one; undefined: it is no JSON yet. Throws where it is no Status. */
export function endIn(text: string, place: ExecPlace): number | ProblemError | undefined {
  const json = parsed(text);
  if (json === undefined) return undefined;
  const said = status.parse(json);
  if (said.status === 'Success') return 0;
  const cause = said.details?.causes?.find(({ reason }) => reason === 'ExitCode');
  const code = Number(cause?.message);
  if (said.reason === 'NonZeroExitCode' && cause && Number.isInteger(code)) return code;
  return problemOfWords(said.message ?? said.reason ?? 'it failed', place, said.code);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What each layer puts before the words of the one below. */
const AROUND =
  /^(?:.*(?=exec: ")|(?:(?:Internal error occurred|error executing command in container|unable to upgrade connection): )+)/s;

/**
 * What kubelet, container runtime and runc say, in whose words the cause is: none of them has a code for it. Seen of
 * Kubernetes 1.34 with containerd 1.6 and runc 1.1.
 */
export function problemOfWords(words: string, place: ExecPlace, code?: number): ProblemError {
  const { pod, container, namespace, program } = place;
  const at = `container ${container} of pod/${pod}`;
  const shown = visible(clipped(withoutTokens(words.replace(AROUND, '')), 500));
  const see = `See: kubectl get pod ${pod} -n ${namespace}`;
  if (/executable file not found|exec[^\n]*: no such file or directory|stat [^\n]*: no such file/.test(words)) {
    return new ProblemError('absent', `There is no program ${program} in ${at}`);
  }
  if (/container not found|not found in pod|is not valid for pod|pod[^\n]* not found|does not exist/i.test(words)) {
    return new ProblemError('absent', `There is no ${at} that runs: ${shown}`, see);
  }
  if (
    /not running|not created or running|CONTAINER_EXITED|is in .*state|cannot exec in a (stopped|paused)/i.test(words)
  ) {
    return new ProblemError('absent', `The ${at} does not run: ${shown}`, see);
  }
  if (/OOM|out of memory|cannot allocate memory|signal: killed/i.test(words)) {
    return new ProblemError('refused', `There is too little memory left in ${at} to start ${program}: ${shown}`);
  }
  if (/permission denied|operation not permitted/i.test(words)) {
    return new ProblemError('denied', `${program} may not be started in ${at}: ${shown}`);
  }
  if (code === 403) return new ProblemError('denied', shown);
  if (/timed? ?out|deadline exceeded/i.test(words)) {
    return new ProblemError('timeout', `The node of pod/${pod} does not answer: ${shown}`, see);
  }
  return new ProblemError('broken', `exec in ${at} failed: ${shown}`, see);
}
