import { seeded } from '../../src/stats/seeded.ts';

/** What a made log says: messages with their labels, mixed as a service with many parts says them. */
export interface Said {
  /** Messages with the same label are of one template. */
  readonly label: string;
  readonly message: string;
}

export interface Dice {
  next(): number;
  int(below: number): number;
  one<T>(of: readonly T[]): T;
  hex(digits: number): string;
}

export function diceOf(seed: number): Dice {
  const next = seeded(seed);
  const int = (below: number) => Math.floor(next() * below);
  return {
    next,
    int,
    one: (of) => of[int(of.length)]!,
    hex: (digits) => Array.from({ length: digits }, () => '0123456789abcdef'[int(16)]).join(''),
  };
}

const USERS = [
  'ann',
  'bob',
  'cleo',
  'dan',
  'eve',
  'frank',
  'gina',
  'hugo',
  'ines',
  'jan',
  'kim',
  'lea',
  'max',
  'nora',
  'olaf',
  'pia',
  'quin',
  'rosa',
];
const TABLES = ['orders', 'customers', 'invoices', 'products', 'sessions', 'audit_log', 'images', 'jobs'];
const PATHS = [
  '/api/v1/users',
  '/api/v1/orders',
  '/healthz',
  '/metrics',
  '/static/app.js',
  '/login',
  '/api/v1/images',
  '/search',
];
const STATES = ['pending', 'running', 'done', 'failed', 'cancelled', 'retrying'];
const HOSTS = ['db-primary', 'db-replica', 'cache', 'queue', 'search', 'mail'];

const address = ({ int }: Dice) => `10.${int(256)}.${int(256)}.${int(256)}:${1024 + int(60_000)}`;
const uuid = ({ hex }: Dice) => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
const size = ({ next, one }: Dice) => `${(next() * 900 + 1).toFixed(1)} ${one(['KiB', 'MiB', 'GiB'])}`;

/** One maker a template; what varies in them is what varies in logs: numbers, units, ids, names, states, paths. */
const MAKERS: Readonly<Record<string, (dice: Dice, n: number) => string>> = {
  processed: (_, n) => `Processed ${n} images so far`,
  cacheSize: (d, n) => `Cache size: ${Math.floor(n / 3)} thumbnails, ${size(d)} in memory`,
  cacheNamed: (d, n) => `Cache '${d.one(TABLES)}' has ${n % 5000} items`,
  query: (d) => `Query on ${d.one(TABLES)} took ${(d.next() * 50).toFixed(2)} ms, ${d.int(500)} rows`,
  slowQuery: (d) => `Slow query on ${d.one(TABLES)}: ${(d.next() * 9).toFixed(3)}s`,
  login: (d) => `User ${d.one(USERS)} logged in from ${address(d)}`,
  logout: (d) => `User ${d.one(USERS)} logged out after ${d.int(90)}m${d.int(60)}s`,
  loginFailed: (d) => `Failed login for user ${d.one(USERS)} from ${address(d)}, attempt ${d.int(9)}`,
  request: (d) =>
    `${d.one(['GET', 'POST'])} ${d.one(PATHS)} ${d.one(['200', '404', '500'])} ${d.int(90_000)} bytes in ${d.int(900)}ms`,
  job: (d) => `Job ${uuid(d)} is ${d.one(STATES)}`,
  jobTook: (d) => `Job ${uuid(d)} finished in ${(d.next() * 100).toFixed(1)} s, peak memory ${size(d)}`,
  retry: (d) => `Retrying connection to ${d.one(HOSTS)} (attempt ${d.int(5) + 1} of 5)`,
  lost: (d) => `Connection to ${d.one(HOSTS)} at ${address(d)} lost: timed out after ${d.int(30)}s`,
  pool: (d) => `Pool: ${d.int(20)} in use, ${d.int(20)} idle, ${d.int(3)} waiting`,
  gc: (d) => `gc: collecting generation ${d.int(3)}, ${d.int(9000)} unreachable, ${d.int(5)} uncollectable`,
  batch: (d) =>
    `Batch ${d.hex(8)} of ${d.int(1000) + 1} items written to s3://bucket-${d.int(9)}/${d.hex(6)}/part-${d.int(999)}.parquet`,
  memory: (d) => `Memory usage: ${(d.next() * 400 + 100).toFixed(1)} MB (${(d.next() * 100).toFixed(1)}%)`,
  allocate: (d) =>
    `Unable to allocate ${size(d)} for an array with shape (${d.int(9999)}, ${d.int(9999)}) and data type float64`,
  worker: (d) => `Worker ${d.int(16)} picked up task thumbnails.resize[${uuid(d)}]`,
  evicted: (d) => `Evicted ${d.int(200)} entries older than ${d.int(24)}h from ${d.one(TABLES)}`,
  config: (d) => `Reloaded configuration from /etc/app/conf.d/${d.one(HOSTS)}.yaml`,
  queue: (d) => `Queue depth ${d.int(10_000)}, oldest message ${d.int(600)} seconds old`,
  heartbeat: (d) => `Heartbeat from ${d.one(HOSTS)} ok`,
  upload: (d) => `Uploaded "${d.one(USERS)} holiday ${d.int(2000)}.jpg" (${d.int(9_000_000)} bytes)`,
  rate: (d) => `Rate limit for key ${d.hex(12)} exceeded: ${d.int(999)} requests in ${d.int(60)} s`,
  disk: (d) => `Disk usage of /var/lib/data at ${d.int(100)}%`,
  shard: (d) => `Shard ${d.int(64)} moved from node-${d.int(9)} to node-${d.int(9)}`,
  lock: (d) => `Lock on ${d.one(TABLES)} held by pid ${d.int(40_000)} for ${d.int(5000)} ms`,
  email: (d) => `Sent mail to ${d.one(USERS)}@example.org with ${d.int(5)} attachments`,
  version: (d) => `Client ${d.one(USERS)} uses version ${d.int(9)}.${d.int(30)}.${d.int(9)}`,
};

const LABELS = Object.keys(MAKERS);
/** A few are said most of the time, as in real logs. */
const WEIGHTS = LABELS.map((_, at) => 1 / (at + 1));
const TOTAL = WEIGHTS.reduce((sum, weight) => sum + weight, 0);

/** The message that a service says as its `n`th. */
export function saidAs(dice: Dice, n: number): Said {
  let at = 0;
  for (let left = dice.next() * TOTAL; at < LABELS.length - 1; at++) {
    left -= WEIGHTS[at]!;
    if (left < 0) break;
  }
  const label = LABELS[at]!;
  return { label, message: MAKERS[label]!(dice, n) };
}
