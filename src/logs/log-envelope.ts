import { timeAt } from './log-time.ts';

/** What others than the program put before its line: the runtime, kubectl, docker. */
export interface Envelope {
  /** The line that the program wrote, or a part of it. */
  readonly content: string;
  /** Whose line it is where many are in one log: pod and container, stream. */
  readonly source: string;
  /** To be named: pod and container. */
  readonly writer?: string;
  readonly atUnixSeconds?: number;
  /** The line goes on in the next one of this source. */
  readonly isPartial?: true;
}

/** `kubectl logs --prefix` says `[pod/name/container] `. */
const KUBECTL = /^\[pod\/([^\]/]{1,253}\/[^\]/]{1,63})\] /;
/** docker compose: `web-1  | `. */
const COMPOSE = /^([a-z][\w.-]{0,62}[-_]\d{1,5}) {1,40}\| /;
/** A kubelet's file: `2016-10-06T00:17:09.669794202Z stdout P part` (kubernetes, CRI logging: design-proposals kubelet-cri-logging.md). */
const CRI = / (stdout|stderr) ([PF])(?::[^ ]{1,100})? ?/y;
/** A file of docker's json-file driver. */
const DOCKER = '{"log":"';

/** Takes it off. A line without one is its own content. */
export function opened(text: string): Envelope {
  const first = text.charCodeAt(0);
  if (first === 91) return prefixed(text, KUBECTL.exec(text));
  if (first >= 48 && first <= 57) return stamped(text);
  if (first === 123 && text.startsWith(DOCKER)) return dockered(text) ?? { content: text, source: '' };
  if (first >= 97 && first <= 122) return prefixed(text, text.includes(' | ') ? COMPOSE.exec(text) : null);
  return { content: text, source: '' };
}

function prefixed(text: string, found: RegExpExecArray | null): Envelope {
  if (!found) return { content: text, source: '' };
  const inner = stamped(text.slice(found[0].length));
  return { ...inner, source: `${found[1]} ${inner.source}`, writer: found[1]! };
}

/** With kubectl's `--timestamps`, or as CRI has it: with a date, a `T` and a zone. The program's own may look alike. */
function stamped(text: string): Envelope {
  if (text.charCodeAt(10) !== 84 || text.charCodeAt(4) !== 45) return { content: text, source: '' };
  const time = timeAt(text, 0);
  const next = time && text.charCodeAt(time.end);
  if (!time?.hasZone || (next !== 32 && !Number.isNaN(next))) return { content: text, source: '' };
  CRI.lastIndex = time.end;
  const cri = CRI.exec(text);
  const atUnixSeconds = time.unixSeconds;
  if (!cri) return { content: text.slice(time.end + 1), source: '', atUnixSeconds };
  const content = text.slice(CRI.lastIndex);
  return { content, source: cri[1]!, atUnixSeconds, ...(cri[2] === 'P' ? { isPartial: true } : {}) };
}

function dockered(text: string): Envelope | undefined {
  try {
    const { log, stream, time } = JSON.parse(text) as Record<string, unknown>;
    if (typeof log !== 'string' || typeof stream !== 'string') return undefined;
    const at = typeof time === 'string' ? timeAt(time, 0) : undefined;
    return {
      content: log.replace(/\r?\n$/, ''),
      source: stream,
      ...(at ? { atUnixSeconds: at.unixSeconds } : {}),
      ...(log.endsWith('\n') ? {} : { isPartial: true }),
    };
  } catch {
    return undefined;
  }
}
