/** A thing to be said. */
export interface Saying {
  /** Unix seconds. */
  readonly at: number;
  readonly level: 'INFO' | 'WARNING' | 'ERROR' | 'DEBUG';
  readonly message: string;
  readonly logger: string;
  readonly fields?: Readonly<Record<string, string | number>>;
}

const iso = (at: number): string => new Date(at * 1000).toISOString();
const two = (value: number): string => String(value).padStart(2, '0');
const date = (at: number) => new Date(at * 1000);
const clock = (at: number): string => iso(at).slice(11, 19);
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const pairs = (fields: Saying['fields'] = {}): string =>
  Object.entries(fields)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('');
const text = ({ message, fields }: Saying): string => `${message}${pairs(fields)}`;
const COLOUR = { INFO: 32, WARNING: 33, ERROR: 31, DEBUG: 36 };
const NUMBER = { DEBUG: 20, INFO: 30, WARNING: 40, ERROR: 50 };

/** Ways in which programs and what carries their logs write a line. */
export const LINE_FORMATS: Readonly<Record<string, (said: Saying) => string>> = {
  'ISO with zone': (said) => `${iso(said.at)} ${said.level} ${said.logger} ${text(said)}`,
  'ISO with offset': (said) => `${iso(said.at).replace('Z', '+00:00')} [${said.level.toLowerCase()}] ${text(said)}`,
  'ISO without zone': (said) =>
    `${iso(said.at).slice(0, 19).replace('T', ' ')} | ${said.level.padEnd(8)} | ${text(said)}`,
  'logging with comma': (said) =>
    `${iso(said.at).slice(0, 23).replace('T', ' ').replace('.', ',')} - ${said.logger} - ${said.level} - ${text(said)}`,
  'epoch seconds': (said) => `${said.at.toFixed(3)} ${said.level} ${text(said)}`,
  'epoch milliseconds': (said) => `${Math.round(said.at * 1000)} ${said.level}: ${text(said)}`,
  'syslog RFC 3164': (said) =>
    `${MONTHS[date(said.at).getUTCMonth()]} ${String(date(said.at).getUTCDate()).padStart(2)} ${clock(said.at)} node-4 app[211]: ${said.level}: ${text(said)}`,
  'syslog RFC 5424': (said) => `<134>1 ${iso(said.at)} node-4 app 211 - - ${text(said)}`,
  glog: (said) =>
    `${said.level[0]}${two(date(said.at).getUTCMonth() + 1)}${two(date(said.at).getUTCDate())} ${clock(said.at)}.${iso(said.at).slice(20, 23)}000    7123 server.py:88] ${text(said)}`,
  'kubectl timestamps': (said) => `${iso(said.at).replace('Z', '123456Z')} ${text(said)}`,
  'kubectl timestamps and prefix': (said) =>
    `[pod/app-6d5-x2/app] ${iso(said.at).replace('Z', '123456Z')} ${said.level} ${text(said)}`,
  CRI: (said) => {
    const stamp = iso(said.at).replace('Z', '123456Z');
    const whole = `${said.level}:${said.logger}:${text(said)}`;
    const half = whole.length >> 1;
    return `${stamp} stdout P ${whole.slice(0, half)}\n${stamp} stdout F ${whole.slice(half)}`;
  },
  'Docker json-file': (said) =>
    JSON.stringify({
      log: `${said.level} ${text(said)}\n`,
      stream: 'stderr',
      time: iso(said.at).replace('Z', '123456Z'),
    }),
  colours: (said) =>
    `\u001b[90m${iso(said.at)}\u001b[0m \u001b[${COLOUR[said.level]}m${said.level}\u001b[0m \u001b[1m${text(said)}\u001b[0m`,
  logfmt: (said) =>
    `time=${iso(said.at)} level=${said.level.toLowerCase()} logger=${said.logger} msg="${said.message}"${pairs(said.fields)}`,
  'JSON of Google Cloud': (said) =>
    JSON.stringify({
      severity: said.level,
      timestamp: iso(said.at),
      message: said.message,
      'logging.googleapis.com/labels': { app: said.logger },
      ...said.fields,
    }),
  'JSON of Elastic': (said) =>
    JSON.stringify({
      '@timestamp': iso(said.at),
      'log.level': said.level.toLowerCase(),
      message: said.message,
      'ecs.version': '1.6.0',
      log: { logger: said.logger },
      ...said.fields,
    }),
  'JSON with numbers for levels': (said) =>
    JSON.stringify({
      level: NUMBER[said.level],
      time: Math.round(said.at * 1000),
      name: said.logger,
      msg: said.message,
      ...said.fields,
    }),
  'time of day only': (said) => `${clock(said.at)} ${said.level} ${text(said)}`,
  'no time': (said) => `${said.level}:${said.logger}:${text(said)}`,
};
