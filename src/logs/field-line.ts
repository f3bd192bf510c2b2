import { FieldRoles } from './field-names.ts';
import { levelOf, levelOfNumber } from './log-level.ts';
import type { Level } from './log-line.ts';
import { type ReadTime, secondsOfEpoch, timeAt } from './log-time.ts';
import type { Field } from './logfmt.ts';
import { looseObject } from './loose-object.ts';
import { tracebackWithin } from './traceback.ts';
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

const MOST_FIELDS = 64;
const MOST_DEPTH = 4;
const MOST_NAME_CHARACTERS = 100;
const ROLES = new FieldRoles();
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
  const best = ROLES;
  best.clear();
  const fields: Field[] = [];
  for (const [name, value] of flat)
    if (!best.offer(name, value)) addField(fields, name.startsWith('record.extra.') ? name.slice(13) : name, value);
  // What says the same by another name is not lost.
  for (const [name, value] of best.others) addField(fields, name, value);
  return toldBy(best, fields, flat);
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
  const short = clipped(name, MOST_NAME_CHARACTERS);
  if (typeof value === 'string') fields.push([short, clipped(value, MOST_VALUE_CHARACTERS)]);
  else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    fields.push([short, value]);
}

const clipped = (text: string, most: number): string =>
  text.length > most ? text.slice(0, most).toWellFormed() : text;

function toldBy(best: FieldRoles, fields: Field[], flat: readonly (readonly [string, unknown])[]): FieldLine {
  const line: FieldLine = { fields };
  const message = best.of('message');
  if (message !== undefined) line.message = typeof message === 'string' ? message : JSON.stringify(message);
  const time = timeOf(best.of('time'));
  if (time) line.time = time;
  const level = levelOfValue(best.of('level'), flat);
  if (level) line.level = level;
  const logger = best.of('logger');
  if (typeof logger === 'string') line.logger = logger;
  const writer = writerOf(best.of('process'), best.of('thread'));
  if (writer) line.writer = writer;
  const file = best.of('file');
  const calledFrom = best.of('function');
  const place = best.of('line');
  if (isScalar(file) || isScalar(calledFrom))
    line.source = clipped([file, calledFrom, place].filter(isScalar).join(':'), 300);
  else if (place !== undefined) addField(fields, 'line', place);
  const traceback = tracebackOfFields(best.of('traceback')) ?? tracebackInText(flat);
  if (traceback) line.traceback = traceback;
  return line;
}

/** loguru tells an exception's lines in the line for a terminal only. */
function tracebackInText(flat: readonly (readonly [string, unknown])[]): string[] | undefined {
  if (flat[0]?.[0] !== 'text' || typeof flat[0][1] !== 'string') return undefined;
  return tracebackWithin(flat[0][1])?.lines;
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
  if (process === undefined && thread === undefined) return undefined;
  const words = [process, thread].filter((word) => isScalar(word) && word !== 'MainThread');
  return words.length > 0 ? clipped(words.join(' '), 200) : undefined;
}
