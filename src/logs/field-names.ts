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
export type Role = (typeof ROLE_NAMES)[number];

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
const KNOWN = new Map(
  Object.entries(NAMES).flatMap(([role, names]) =>
    names.split(' ').map((name, rank) => [name, { role: ROLE_NAMES.indexOf(role as Role), rank }] as const),
  ),
);

const MESSAGE = ROLE_NAMES.indexOf('message');
const LOGGER = ROLE_NAMES.indexOf('logger');
const UNRANKED = 1000;

/** Of each role the value whose name is believed first. One is used again and again: millions of lines have fields. */
export class FieldRoles {
  readonly #ranks: number[] = ROLE_NAMES.map(() => UNRANKED);
  readonly #values: unknown[] = ROLE_NAMES.map(() => undefined);
  readonly #names: string[] = ROLE_NAMES.map(() => '');
  /** Words and names that another was preferred to. */
  readonly others: [name: string, value: unknown][] = [];

  clear(): void {
    this.#ranks.fill(UNRANKED);
    this.#values.fill(undefined);
    this.others.length = 0;
  }

  /** Whether the name says what the value is. */
  offer(name: string, value: unknown): boolean {
    const known = KNOWN.get(name);
    if (known === undefined) return false;
    const { role, rank } = known;
    const isBest = rank < this.#ranks[role]!;
    if (role === MESSAGE || role === LOGGER) this.#setAside(role, isBest, name, value);
    if (!isBest) return true;
    this.#names[role] = name;
    this.#ranks[role] = rank;
    this.#values[role] = value;
    return true;
  }

  /** loguru's text is the line as a terminal would show it. */
  #setAside(role: number, isBest: boolean, name: string, value: unknown): void {
    if (!isBest && name !== 'text') this.others.push([name, value]);
    if (!isBest || this.#ranks[role] === UNRANKED || this.#names[role] === 'text') return;
    this.others.push([this.#names[role]!, this.#values[role]]);
  }

  of(role: Role): unknown {
    return this.#values[ROLE_NAMES.indexOf(role)];
  }
}
