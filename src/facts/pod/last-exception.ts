import type { Logs } from '../../core/kube-artifacts.ts';
import type { Life } from './container-lives.ts';

/** What a Python program raised last. */
export interface LastException {
  readonly type: string;
  readonly message: string | undefined;
  /** It is in the log of the life before this one. */
  readonly previous: boolean;
}

/** Only the end of a log matters: a program that died of an exception says so last. */
const TAIL_CHARACTERS = 64 * 1024;
/** Lines that may follow, of threads that end and buffers that are flushed. */
const LINES_AFTER = 20;
const RAISED =
  /^(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Interrupt|Exit|Warning|Timeout|NotFound)|[A-Z]\w*): ?(.*)$|^(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Interrupt|Exit))$/;

/**
 * The exception that the log of a life ends with: as an uncaught one is printed, after its traceback. Logs and status are
 * not read at one moment: in a crash loop the log of the life before will do.
 */
export function lastException(
  logs: Logs | undefined,
  pod: string,
  container: string,
  life: Life,
): LastException | undefined {
  const own = (logs?.logs ?? []).filter((each) => each.pod === pod && each.container === container);
  const told = own.find(({ previous }) => previous === (life.seen === 'lastState'));
  const before = own.find(({ previous }) => previous);
  return (told && raisedIn(told)) ?? (before && raisedIn(before));
}

function raisedIn({ text, previous }: Logs['logs'][number]): LastException | undefined {
  const lines = text
    .slice(-TAIL_CHARACTERS)
    .split('\n')
    .map(withoutTime)
    .filter((line) => line.trim() !== '');
  const start = lines.findLastIndex((line) => line.startsWith('Traceback (most recent call last)'));
  if (start === -1) return undefined;
  const after = lines.slice(start + 1);
  const at = after.findIndex((line) => !/^\s/.test(line));
  if (at === -1 || after.length - at > LINES_AFTER) return undefined;
  const match = RAISED.exec(after[at]!);
  const type = match?.[1] ?? match?.[3];
  return type === undefined ? undefined : { type, message: match?.[2], previous };
}

/** Each line begins with the API's own timestamp. */
const withoutTime = (line: string): string => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]{1,20}(?:Z|[+-]\d\d:\d\d) /, '');
