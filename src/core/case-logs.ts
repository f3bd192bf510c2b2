import type { Logs } from './kube-artifacts.ts';

/** The folder, in a case, of the logs: files that a person can read. */
export const LOG_FOLDER = 'logs';
/** File systems take names of 255 bytes. */
const MOST_NAME_CHARACTERS = 200;
const FILE = /^logs\/[\w-][\w.-]{0,250}\.log$/;

/** Whether a name, from a manifest that may come from anywhere, is that of a log in the case's folder. */
export const isLogFile = (name: string): boolean => FILE.test(name);

/** The artifact with names of files in place of the texts, and those files. */
export function splitLogs(whole: Logs): { index: unknown; files: [string, string][] } {
  const files = new Map<string, string>();
  const logs = whole.logs.map(({ text, ...log }) => {
    const file = freeName(log, files);
    files.set(file, text);
    return { ...log, file };
  });
  return { index: { ...whole, logs }, files: [...files] };
}

/** The opposite, on what JSON gave: whatever does not fit is left for the schema to refuse. `contentOf` throws where it has none. */
export function joinLogs(index: unknown, contentOf: (file: string) => string): unknown {
  if (!isRecord(index) || !Array.isArray(index.logs)) return index;
  const logs = index.logs.map((log: unknown) => {
    if (!isRecord(log) || typeof log.file !== 'string') return log;
    const { file, ...rest } = log;
    return { ...rest, text: contentOf(log.file) };
  });
  return { ...index, logs };
}

/** `logs/<pod>.<container>[.previous].log`; names of pods are safe ones, unless somebody made up the case. */
function freeName(
  { pod, container, previous }: Omit<Logs['logs'][number], 'text'>,
  taken: ReadonlyMap<string, string>,
) {
  const stem = `${pod}.${container}`
    .replace(/[^\w.-]/g, '_')
    .replace(/^\./, '_')
    .slice(0, MOST_NAME_CHARACTERS);
  const tail = previous ? '.previous' : '';
  for (let number = 1; ; number++) {
    const name = `${LOG_FOLDER}/${stem}${number === 1 ? '' : `-${number}`}${tail}.log`;
    if (!taken.has(name)) return name;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
