import { type ReadTime, timeAt } from './log-time.ts';
import type { Field } from './logfmt.ts';

/** A request that a web server tells. */
export interface AccessLine {
  /** `GET /images/12 HTTP/1.1` */
  readonly message: string;
  readonly time?: ReadTime;
  /** client, status, bytes, and what else is behind them. */
  readonly fields: Field[];
}

/** The common and the combined log format, as gunicorn, werkzeug, aiohttp, hypercorn, nginx and Apache write it; uvicorn's and Django's are parts of it. */
const ACCESS =
  /(?:([^\s"[]{1,100}) (?:(?:-|[^\s"[]{1,64}) ){0,2})?(?:\[([^\]]{1,40})\] )?"([A-Z]{3,10} [^"]{1,4096})" (\d{3})(?: (\d{1,15}|-)(?![\w.]))?( .*)?$/y;

/** From a place of a line to its end; undefined: it is another line. */
export function accessLine(text: string, from: number): AccessLine | undefined {
  // Cheap, and most lines have none.
  if (!text.includes(' HTTP/', from)) return undefined;
  ACCESS.lastIndex = from;
  const found = ACCESS.exec(text);
  if (!found) return undefined;
  const [, client, when, message, status, bytes, rest] = found;
  const time = when ? timeAt(when, 0) : undefined;
  const fields: Field[] = [];
  if (client !== undefined) fields.push(['client', client]);
  fields.push(['status', Number(status)]);
  if (bytes !== undefined && bytes !== '-') fields.push(['bytes', Number(bytes)]);
  const more = rest?.trim();
  // uvicorn says the status in words behind its number.
  if (more && !/^[A-Z][A-Za-z' -]{0,40}$/.test(more)) fields.push(['more', more.slice(0, 1024).toWellFormed()]);
  return { message: message!, ...(time ? { time } : {}), fields };
}
