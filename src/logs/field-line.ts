import { levelOf, levelOfNumber } from './log-level.ts';
import type { Level } from './log-line.ts';
import { type ReadTime, secondsOfEpoch, timeAt } from './log-time.ts';
import type { Field } from './logfmt.ts';
import { looseObject } from './loose-object.ts';
import { tracebackOfFields } from './traceback-fields.ts';

/** What a line of named values tells. */
export interface FieldLine {
  message?: string;
  time?: ReadTime;
  level?: Level;
  logger?: string;
  writer?: string;
  source?: string;
  fields: Field[];
  traceback?: string[];
}

const ROLE_NAMES = [
  'message',
  'time',
  'level',
  'logger',
  'process',
  'thread',
  'file',
  'line',
  'function',
  'traceback',
  'none',
] as const;
type Role = (typeof ROLE_NAMES)[number];

/** Names in the order in which they are believed; of python-json-logger, structlog, loguru, bunyan and pino, GELF, the clouds, ECS, zap, journald. */
const NAMES: Readonly<Record<Role, string>> = {
  message: 'message msg event short_message @message MESSAGE @m textPayload body log record.message text',
  time: 'timestamp time ts @timestamp asctime datetime date created eventTime @t t timestampSeconds timestamp.seconds record.time.timestamp __REALTIME_TIMESTAMP',
  level:
    'level levelname severity log.level log_level loglevel lvl levelno @l SeverityText PRIORITY record.level.name level.name',
  logger: 'logger name logger_name loggerName log.logger record.name SYSLOG_IDENTIFIER',
  process: 'pid process process.pid process_id processName process_name record.process.id process.name _PID',
  thread: 'threadName thread thread_name thread.name process.thread.name record.thread.name worker',
  file: 'caller pathname filename file log.origin.file.name sourceLocation.file logging.googleapis.com/sourceLocation.file record.file.path',
  line: 'lineno line log.origin.file.line sourceLocation.line logging.googleapis.com/sourceLocation.line record.line',
  function:
    'funcName func_name function log.origin.function sourceLocation.function logging.googleapis.com/sourceLocation.function record.function',
  traceback:
    'exc_info exception traceback exc_text stack_trace error.stack_trace record.exception.traceback stack stack_info',
  none: 'ecs.version timestamp.nanos timestampNanos timestamp_ns record.time.repr record.level.no record.level.icon record.elapsed.repr record.elapsed.seconds record.process.name record.thread.id record.file.name record.module thread_id process.thread.id msecs relativeCreated',
};
const ROLES = new Map(
  Object.entries(NAMES).flatMap(([role, names]) =>
    names.split(' ').map((name, rank) => [name, { role: ROLE_NAMES.indexOf(role as Role), rank }] as const),
  ),
);

const MOST_FIELDS = 64;
const MOST_DEPTH = 4;
export const MOST_VALUE_CHARACTERS = 1024;

/** Of a line in JSON, or one of which the end was cut off, or a dictionary as Python prints it; undefined: it is none. */
export function jsonLine(text: string): FieldLine | undefined {
  const second = text.charCodeAt(text.charCodeAt(1) === 32 ? 2 : 1);
  if (second !== 34 && second !== 39) return undefined;
  const object = parsed(text) ?? looseObject(text);
  const flat: [string, unknown][] = [];
  flatten(object, '', 0, flat);
  return flat.length > 0 ? fieldLine(flat) : undefined;
}

function parsed(text: string): Record<string, unknown> | undefined {
  if (!text.endsWith('}') || text.charCodeAt(1) === 39) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Sorts the values by what their names say of them. */
export function fieldLine(flat: readonly (readonly [name: string, value: unknown])[]): FieldLine {
  const best = new Best();
  const fields: Field[] = [];
  for (const [name, value] of flat) {
    const known = ROLES.get(name);
    if (known === undefined) addField(fields, name.startsWith('record.extra.') ? name.slice(13) : name, value);
    else best.offer(known.role, known.rank, name, value);
  }
  // What says the same by another name is not lost.
  for (const [name, value] of best.others) addField(fields, name, value);
  return toldBy(best, fields, flat);
}

const MESSAGE = ROLE_NAMES.indexOf('message');
const LOGGER = ROLE_NAMES.indexOf('logger');

/** Of each role the value of the name that is believed first. */
class Best {
  readonly #ranks: number[] = ROLE_NAMES.map(() => 1000);
  readonly #values: unknown[] = ROLE_NAMES.map(() => undefined);

  readonly #names: string[] = ROLE_NAMES.map(() => '');
  /** Words and names that another was preferred to. */
  readonly others: [name: string, value: unknown][] = [];

  offer(role: number, rank: number, name: string, value: unknown): void {
    const isBest = rank < this.#ranks[role]!;
    if (role === MESSAGE || role === LOGGER)
      this.#setAside(isBest ? this.#names[role]! : name, isBest ? this.#values[role] : value);
    if (!isBest) return;
    this.#names[role] = name;
    this.#ranks[role] = rank;
    this.#values[role] = value;
  }

  #setAside(name: string, value: unknown): void {
    // loguru's text is the line as a terminal would show it.
    if (name !== '' && name !== 'text') this.others.push([name, value]);
  }

  of(role: Role): unknown {
    return this.#values[ROLE_NAMES.indexOf(role)];
  }
}

function flatten(object: object, prefix: string, depth: number, into: [string, unknown][]): void {
  for (const [name, value] of Object.entries(object)) {
    if (into.length >= MOST_FIELDS * 2) return;
    const full = prefix + name;
    if (value === null || value === undefined) continue;
    if (typeof value !== 'object' || Array.isArray(value)) into.push([full, value]);
    else if (depth < MOST_DEPTH) flatten(value, `${full}.`, depth + 1, into);
  }
}

function addField(fields: Field[], name: string, value: unknown): void {
  if (fields.length >= MOST_FIELDS) return;
  const short = name.slice(0, 100).toWellFormed();
  if (typeof value === 'string') fields.push([short, value.slice(0, MOST_VALUE_CHARACTERS).toWellFormed()]);
  else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    fields.push([short, value]);
}

function toldBy(best: Best, fields: Field[], flat: readonly (readonly [string, unknown])[]): FieldLine {
  const line: FieldLine = { fields };
  const message = best.of('message');
  if (message !== undefined)
    line.message = typeof message === 'string' ? message.toWellFormed() : JSON.stringify(message);
  const time = timeOf(best.of('time'));
  if (time) line.time = time;
  const level = levelOfValue(best.of('level'), flat);
  if (level) line.level = level;
  const logger = best.of('logger');
  if (typeof logger === 'string') line.logger = logger;
  const writer = writerOf(best.of('process'), best.of('thread'));
  if (writer) line.writer = writer;
  const source = [best.of('file'), best.of('function'), best.of('line')].filter(isScalar);
  if (source.length === 1 && best.of('line') !== undefined) addField(fields, 'line', best.of('line'));
  else if (source.length > 0) line.source = source.join(':').slice(0, 300).toWellFormed();
  const traceback = tracebackOfFields(best.of('traceback'));
  if (traceback) line.traceback = traceback;
  return line;
}

const isScalar = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number';

function timeOf(value: unknown): ReadTime | undefined {
  if (typeof value === 'string') {
    const time = timeAt(value, 0);
    if (time) return time;
  }
  const number =
    typeof value === 'number' || (typeof value === 'string' && /^\d{9,19}(?:\.\d{1,9})?$/.test(value))
      ? Number(value)
      : Number.NaN;
  const unixSeconds = secondsOfEpoch(number);
  return unixSeconds === undefined ? undefined : { end: 0, unixSeconds, hasZone: true, lacks: undefined };
}

function levelOfValue(value: unknown, flat: readonly (readonly [string, unknown])[]): Level | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,2}$/.test(value)
        ? Number(value)
        : undefined;
  if (number === undefined) return typeof value === 'string' ? levelOf(value) : undefined;
  const isNode = flat.some(([name]) => name === 'hostname') && flat.some(([name]) => name === 'pid');
  return levelOfNumber(number, isNode ? 'node' : 'python');
}

/** The main thread of a process is the process. */
function writerOf(process: unknown, thread: unknown): string | undefined {
  const words = [process, thread].filter(
    (word) => (typeof word === 'string' && word !== 'MainThread') || typeof word === 'number',
  );
  return words.length > 0 ? words.join(' ').slice(0, 200).toWellFormed() : undefined;
}
