import type { LogAnswer, LogRequest } from '../../core/kube-port.ts';
import { ProblemError, problemOf } from '../../core/problem.ts';
import { redact } from '../../logs/redact.ts';
import { type Api, pathOf } from './api.ts';
import { createLogTail } from './log-tail.ts';

/**
 * A container's log, the newest `keepBytes` of it, without secrets. `limitBytes` of the API would keep the oldest: it is
 * read as it streams. A stream that breaks is read once more from its start; breaks again: what came is given, with why.
 * Throws a ProblemError, `absent` where the container has no such log.
 */
export async function readLog(api: Api, request: LogRequest): Promise<LogAnswer> {
  const first = await streamed(api, request);
  const last = first.broken && !request.until.aborted ? await streamed(api, request).catch(() => first) : first;
  const kept = last.broken && first.seenBytes > last.seenBytes ? first : last;
  if (NO_LOG.test(kept.text)) throw new ProblemError('absent', kept.text.trim().slice(0, 1000));
  const { text, count } = redact(kept.text);
  return {
    text,
    lines: linesIn(text),
    cutBytes: kept.cutBytes,
    redacted: count,
    ...(kept.broken ? { problem: kept.broken } : {}),
  };
}

/** The kubelet says so in place of the log (pkg/kubelet/kuberuntime/kuberuntime_container.go, ReadLogs), with status 200. */
const NO_LOG =
  /^(unable to retrieve container logs for|failed to try resolving symlinks in path|Error: No such container)[^\n]*\n?$/;

interface Streamed {
  readonly text: string;
  readonly cutBytes: number;
  readonly seenBytes: number;
  readonly broken: string | undefined;
}

async function streamed(
  api: Api,
  { pod, container, previous, keepBytes, sinceSeconds, tailLines, until }: LogRequest,
): Promise<Streamed> {
  const path = pathOf('api', 'v1', 'namespaces', api.namespace, 'pods', pod, 'log');
  const query = { container, previous: previous || undefined, timestamps: true, sinceSeconds, tailLines };
  const tail = createLogTail(keepBytes);
  let seenBytes = 0;
  const take = (chunk: Buffer) => {
    seenBytes += chunk.length;
    tail.add(chunk);
  };
  const broken = await api.stream(path, query, take, until).then(
    () => undefined,
    (thrown) => {
      if (seenBytes === 0) throw withoutLog(thrown);
      return problemOf(thrown).message;
    },
  );
  return { ...tail.read(), seenBytes, broken };
}

/** A 400 is how the API says that a container has not started, or had no life before this one. */
function withoutLog(thrown: unknown): unknown {
  const { code, message } = problemOf(thrown);
  return code === 'unsupported' ? new ProblemError('absent', message) : thrown;
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return text === '' || text.endsWith('\n') ? lines : lines + 1;
}
