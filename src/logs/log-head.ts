import { flat } from './flat-text.ts';
import { levelOf, levelOfLetter, levelOfNumber, levelWordAt } from './log-level.ts';
import type { Level } from './log-line.ts';
import { clockAt, daySeconds, digitAt, digitCount, digitsAt, type ReadTime, timeAt } from './log-time.ts';
import { namesSecret } from './secret-values.ts';

/** What stands before the words of a line: when, how bad, by whom. */
export interface Head {
  time: ReadTime | undefined;
  level: Level | undefined;
  logger: string | undefined;
  writer: string | undefined;
  /** Where in the code: `app.py:12`, `app:run:12`. */
  source: string | undefined;
  /** Fields follow the words, as structlog's console has it. */
  hasFields: boolean;
  /** It was left blank, as it is that of the line before. */
  isSameTime: boolean;
  /** Where the words begin. */
  end: number;
}

/** All of one shape: millions are made. */
const noHead = (end: number): Head => ({
  time: undefined,
  level: undefined,
  logger: undefined,
  writer: undefined,
  source: undefined,
  hasFields: false,
  isSameTime: false,
  end,
});

const MOST_PARTS = 10;
/** Names between a time and a level: logger, process, thread, host. */
const MOST_NAMES = 4;
const MOST_NAME_CHARACTERS = 100;

/**
 * Reads the head of a line in any of the common forms: logging's (with `-`, `|`, `:` or blanks between), gunicorn, Celery, uvicorn, loguru, structlog, rich,
 * Django, AWS Lambda, tornado, glog, syslog. Only what is sure is taken off: names count where a level or a time is behind them.
 */
export function headOf(text: string, from: number): Head {
  const first = text.charCodeAt(from);
  // Indented lines go on with what was said before.
  if (first === 32 || first === 9) return richHead(text, from);
  if (first === 60) return syslogHead(text, from) ?? noHead(from);
  const head = glogHead(text, from) ?? noHead(from);
  if (head.level) return head;
  const names: string[] = [];
  let at = from;
  let wasSeparated = true;
  for (let part = 0; part < MOST_PARTS; part++) {
    const taken = takePart(text, at, head, names.length, wasSeparated);
    if (taken > 0) {
      if (names.length > 0) nameAll(head, names);
      names.length = 0;
      head.end = at = skipSeparators(text, taken);
      if (head.level) break;
      wasSeparated = true;
      continue;
    }
    const end = head.level ? 0 : nameEnd(text, at);
    if (end === 0 || names.length === MOST_NAMES) break;
    names.push(text.slice(at, end));
    at = skipSeparators(text, end);
    wasSeparated = isSeparated(text, end, at);
  }
  if (head.level) namesBehind(text, head);
  else if (head.time) tagBehind(text, head);
  return head;
}

/** `                    WARNING  message` (rich): the time of the line before is not said again. */
function richHead(text: string, from: number): Head {
  const head = noHead(from);
  if (text.charCodeAt(from + 8) !== 32) return head;
  let at = from;
  while (at - from < 40 && text.charCodeAt(at) === 32) at++;
  const word = at - from >= 8 ? levelWordAt(text, at) : '';
  if (word === '' || text.charCodeAt(at + word.length) !== 32) return head;
  head.level = levelOf(word);
  head.isSameTime = true;
  head.end = skipSeparators(text, at + word.length);
  return head;
}

/** The end of a time or a level that is at this place, or 0. */
function takePart(text: string, at: number, head: Head, names: number, wasSeparated: boolean): number {
  if (text.charCodeAt(at) === 91) return takeBracket(text, at, head, names);
  if (!head.time && names === 0) {
    const time = timeAt(text, at);
    if (time) {
      head.time = time;
      return time.end;
    }
  }
  const word = levelWordAt(text, at) || smallLevelAt(text, at);
  if (word === '') return 0;
  const end = at + word.length;
  // Behind words of no known form a level is one where it is set off: "Got ERROR twice" tells none.
  if (names > 0 && !head.time && !(wasSeparated && isSetOff(text, end))) return 0;
  head.level = levelOf(word)!;
  return end;
}

/** `error:`, `info -`, `debug |`: small letters alone may be the first word of a sentence. */
function smallLevelAt(text: string, at: number): string {
  const first = text.charCodeAt(at);
  if (first < 97 || first > 122) return '';
  let end = at + 1;
  while (end - at < 9 && text.charCodeAt(end) >= 97 && text.charCodeAt(end) <= 122) end++;
  if (end - at < 3 || !isSetOff(text, end)) return '';
  const word = text.slice(at, end);
  return levelOf(word) && word !== 'default' && word !== 'exception' ? word : '';
}

/** A colon, a stroke or a dash between blanks, a bracket or a tab comes behind. */
function isSetOff(text: string, end: number): boolean {
  let at = end;
  while (text.charCodeAt(at) === 32) at++;
  const code = text.charCodeAt(at);
  if (code === 58) return at === end;
  return code === 124 || code === 9 || (code === 45 && at > end && text.charCodeAt(at + 1) === 32);
}

/** Whether more than a blank is between two names. */
function isSeparated(text: string, end: number, at: number): boolean {
  for (let i = end; i < at; i++) if (text.charCodeAt(i) !== 32) return true;
  return false;
}

/** `[2026-11-22 19:09:51 +0000]`, `[info     ]`, `[… 19:09:51,120: ERROR/MainProcess]`, `[I 261122 19:09:51 web:2246]`. */
function takeBracket(text: string, at: number, head: Head, names: number): number {
  const close = text.indexOf(']', at);
  if (close < 0 || close - at > MOST_NAME_CHARACTERS) return 0;
  const letter = text.charCodeAt(at + 2) === 32 ? levelOfLetter(text[at + 1]!) : undefined;
  const time = head.time || names > 0 ? undefined : timeAt(text, letter ? at + 3 : at + 1);
  if (time && time.end <= close) {
    head.time = time;
    if (letter) head.level = letter;
    tailOfBracket(text.slice(time.end, close).trim(), head);
    return close + 1;
  }
  if (head.level) return 0;
  const inner = text.slice(at + 1, close);
  const slash = inner.indexOf('/');
  const level = levelOf((slash > 0 ? inner.slice(0, slash) : inner).trim());
  if (!level || (names > 0 && !head.time && inner !== inner.toUpperCase())) return 0;
  head.level = level;
  if (slash > 0) head.writer = inner.slice(slash + 1);
  if (inner.length === 9 && inner.endsWith(' ')) head.hasFields = true;
  return close + 1;
}

function tailOfBracket(tail: string, head: Head): void {
  const words = tail.replace(/^[:,|-]\s{0,8}/, '');
  if (words === '') return;
  const slash = words.indexOf('/');
  const level = levelOf(slash > 0 ? words.slice(0, slash) : words);
  if (level) head.level = level;
  if (level && slash > 0) head.writer = words.slice(slash + 1);
  if (!level) name(head, words);
}

/** A name in brackets or bare, of letters that names have; 0: none. */
function nameEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === 91 || text.charCodeAt(at) === 40) {
    const close = text.indexOf(text.charCodeAt(at) === 91 ? ']' : ')', at);
    return close > at + 1 && close - at <= MOST_NAME_CHARACTERS ? close + 1 : 0;
  }
  let end = at;
  while (end < text.length && end - at <= MOST_NAME_CHARACTERS && isNameCode(text.charCodeAt(end))) end++;
  if (end === at || end - at > MOST_NAME_CHARACTERS) return 0;
  // The colon of `name:` parts, that of `app:run:12` does not.
  if (text.charCodeAt(end - 1) === 58) end--;
  const next = text.charCodeAt(end);
  return next === 32 || next === 9 || next === 58 || next === 124 ? end : 0;
}

/** Letters, digits and `# - . / : @ _`. */
const isNameCode = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 64 && code <= 90) || (code >= 45 && code <= 58) || code === 95 || code === 35;

/** Blanks, and the first `-`, `|`, `:`, `,` or `>` with those around it. */
function skipSeparators(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at++;
  const code = text.charCodeAt(at);
  const next = text.charCodeAt(at + 1);
  const isMark =
    code === 58 || code === 124 || code === 44 || ((code === 45 || code === 62) && (next === 32 || next === 9));
  if (!isMark) return at;
  at++;
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at++;
  return at;
}

const WRITER = /^#?\d+$|thread|process|worker|task|pid|pool|fork|greenlet|^tid/i;
const SOURCE = /^[^\s:]{1,80}(?::[^\s:]{1,80})?:\d+$/;

interface Name {
  readonly bare: string;
  readonly kind: 'source' | 'writer' | 'logger' | 'none';
}

/** The same few come again and again. */
const NAMES = new Map<string, Name>();
const MOST_KNOWN_NAMES = 4096;

function nameOf(word: string): Name {
  const known = NAMES.get(word);
  if (known) return known;
  const bare = flat(/^[[(].*[\])]$/.test(word) ? word.slice(1, -1).trim() : word);
  // A date without a time, a dash.
  const isName = /[A-Za-z]|^#?\d+$/.test(bare);
  const kind = !isName ? 'none' : SOURCE.test(bare) ? 'source' : WRITER.test(bare) ? 'writer' : 'logger';
  if (NAMES.size >= MOST_KNOWN_NAMES) NAMES.clear();
  const name: Name = { bare, kind };
  NAMES.set(flat(word), name);
  return name;
}

/** What a name in a head names. */
function name(head: Head, word: string): void {
  const { kind, bare } = nameOf(word);
  if (kind === 'source') head.source = bare;
  else if (kind === 'writer') head.writer = head.writer === undefined ? bare : `${head.writer} ${bare}`;
  else if (kind === 'logger' && head.logger === undefined) head.logger = bare;
}

function nameAll(head: Head, words: readonly string[]): void {
  for (const word of words) name(head, word);
}

/** Names behind the level: `ERROR:root:…`, `[12] [app]`, `(MainThread)`, `- app -`, `| app:run:12 -`, `app.py:12`. */
function namesBehind(text: string, head: Head): void {
  for (let names = 0; names < 3; names++) {
    const at = head.end;
    if (!head.time) {
      const time = timeAt(text, at);
      if (time) {
        head.time = time;
        head.end = skipSeparators(text, time.end);
        continue;
      }
    }
    const end = names === 0 && text.charCodeAt(at - 1) === 58 ? colonEnd(text, at) : nameEnd(text, at);
    if (end === 0) return;
    const word = text.slice(at, end);
    // Behind a name for a secret comes the secret: both stay together.
    if (!isSureName(head, text, end, word) || namesSecret(word)) return;
    name(head, word);
    head.end = skipSeparators(text, end);
  }
}

/** The end of `root` in `ERROR:root:…`. */
function colonEnd(text: string, at: number): number {
  let end = at;
  while (end - at <= MOST_NAME_CHARACTERS && text.charCodeAt(end) !== 58 && isNameCode(text.charCodeAt(end))) end++;
  // A URL is no logger.
  return end > at && text.charCodeAt(end) === 58 && text.charCodeAt(end + 1) !== 47 && text.charCodeAt(end + 1) !== 32
    ? end
    : 0;
}

const BRACKETED = /^\[[\w.:/@ #-]+\]$|^\((?:[\w-]*(?:[Tt]hread|[Pp]rocess|[Ww]orker)[\w-]*|pid[ =:]?\d+|\d+)\)$/;
/** A module in a package. */
const DOTTED = /^[a-z_][\w-]*(?:\.[a-z_][\w-]*)+$/;

function isSureName(head: Head, text: string, end: number, word: string): boolean {
  const at = head.end;
  const code = word.charCodeAt(0);
  if (code === 91 || code === 40) return BRACKETED.test(word);
  if (code >= 48 && code <= 57) return false;
  if (nameOf(word).kind === 'source') return true;
  const before = text.charCodeAt(at - 1);
  const next = text.charCodeAt(end);
  // ERROR:root:message
  if (before === 58 && next === 58 && head.logger === undefined) return true;
  if (next === 58) return DOTTED.test(word) && text.charCodeAt(end + 1) === 32;
  if (head.logger !== undefined) return false;
  const mark = text.charCodeAt(end + 1);
  const isDashedBehind = next === 32 && (mark === 45 || mark === 124) && text.charCodeAt(end + 2) === 32;
  if (isDashedBehind && DOTTED.test(word)) return true;
  const isDashed = text.charCodeAt(at - 2) === 45 || text.charCodeAt(at - 2) === 124;
  return before === 32 && isDashed && isDashedBehind;
}

/** `I1122 19:09:51.120123   12345 file.py:12] message` (glog, absl, klog). */
function glogHead(text: string, from: number): Head | undefined {
  if (digitAt(text, from + 1) < 0 || digitCount(text, from + 1) !== 4 || text.charCodeAt(from + 5) !== 32)
    return undefined;
  const level = levelOfLetter(text[from]!);
  const day = daySeconds(1972, digitsAt(text, from + 1, 2), digitsAt(text, from + 3, 2));
  const time = level && !Number.isNaN(day) ? clockAt(text, from + 6, day) : undefined;
  if (!level || !time) return undefined;
  const close = text.indexOf('] ', time.end);
  const head = noHead(time.end + 1);
  head.time = { ...time, lacks: 'year' };
  head.level = level;
  if (close < 0 || close - time.end > MOST_NAME_CHARACTERS) return head;
  nameAll(head, text.slice(time.end, close).trim().split(/\s+/));
  head.end = close + 2;
  return head;
}

const SYSLOG = /<(\d{1,3})>(1 )?/y;
const SYSLOG_NAMES = /(\S{1,64}) \S{1,255} (\S{1,128}) (\S{1,128}) \S{1,64} (?:-|\[[^\]]{0,4096}\])(?: \ufeff?|$)/y;

/** `<34>1 2026-11-22T19:09:51.120Z host app 123 ID - message` (RFC 5424, 6), `<34>Nov 22 19:09:51 host app[123]: message` (RFC 3164). */
function syslogHead(text: string, from: number): Head | undefined {
  SYSLOG.lastIndex = from;
  const found = SYSLOG.exec(text);
  if (!found || Number(found[1]) > 191) return undefined;
  const head = noHead(SYSLOG.lastIndex);
  head.level = levelOfNumber(Number(found[1]) % 8, 'python');
  SYSLOG_NAMES.lastIndex = head.end;
  const names = found[2] ? SYSLOG_NAMES.exec(text) : null;
  if (names) {
    const time = timeAt(names[1]!, 0);
    if (time) head.time = time;
    if (names[2] !== '-') head.logger = names[2]!;
    if (names[3] !== '-') head.writer = names[3]!;
    head.end = SYSLOG_NAMES.lastIndex;
    return head;
  }
  const time = timeAt(text, head.end);
  if (!time) return head;
  head.time = time;
  head.end = skipSeparators(text, time.end);
  tagBehind(text, head);
  return head;
}

const TAG = /\S{1,255} ([\w./@-]{1,64})\[(\d{1,10})\]: ?/y;

/** Syslog's and journalctl's `host app[123]: `; behind it comes what the program itself wrote. */
function tagBehind(text: string, head: Head): void {
  TAG.lastIndex = head.end;
  const found = TAG.exec(text);
  if (!found) return;
  const inner = headOf(text, TAG.lastIndex);
  head.time = inner.time ?? head.time;
  head.level = inner.level ?? head.level;
  head.logger = inner.logger ?? found[1]!;
  head.writer = inner.writer ?? found[2]!;
  head.source = inner.source;
  head.hasFields = inner.hasFields;
  head.end = inner.end;
}
