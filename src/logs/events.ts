import { saidBy } from './errors.ts';
import { EVENT_KINDS, type EventKind, eventKind } from './event-kind.ts';
import { flat } from './flat-text.ts';
import type { LogEvent, LogEvents } from './log-events.ts';
import type { LogLine } from './log-line.ts';
import { redact } from './redact.ts';
import { shapeOf } from './shape.ts';

/** A log that never says the same thing twice would make a group of each line. */
const MOST_GROUPS = 500;
const MOST_LIVES = 100;

/** Where the last line of a group is, and its text once that place is let go. */
interface LastLine {
  /** It is younger than the group's example. */
  isUnread: boolean;
  start: number;
  end: number;
  text: string | undefined;
}

export type Group = { -readonly [Key in keyof LogEvent]: LogEvent[Key] } & { lives: number[] };

/** The groups that a line belongs to; none: there is no room for one, it is counted only. */
export type KnownEvents = readonly {
  readonly kind: EventKind;
  readonly group: Group | undefined;
  readonly last: LastLine | undefined;
}[];

/** Groups what lines tell of failures, kills, workers and starts, in memory that does not grow. */
export class EventGroups {
  readonly #groups = new Map<string, Group>();
  /** Of those that known lines are counted for. */
  readonly #lasts = new Map<Group, LastLine>();
  readonly #counts: Partial<Record<EventKind, number>> = {};

  /**
   * @param number of the line, among all that are read
   * @param life in which it is said
   */
  add(line: LogLine, number: number, life: number): void {
    const kind = eventKind(line);
    if (kind === undefined && line.traceback === undefined) return;
    if (kind !== undefined && EVENT_KINDS.indexOf(kind) < EVENT_KINDS.indexOf('error') && kind !== 'out-of-memory')
      return this.#put(kind, line.message, line, number, life);
    for (const said of saidBy(line)) this.#put(said.kind, said.message, line, number, life);
  }

  /** What lines like this one, without a traceback, are counted for; undefined: they must be read, each. */
  known(line: LogLine): KnownEvents | undefined {
    const kind = eventKind(line);
    if (kind === undefined) return [];
    if (EVENT_KINDS.indexOf(kind) < EVENT_KINDS.indexOf('error') && kind !== 'out-of-memory') return undefined;
    const groups = saidBy(line).map((said) => {
      const group = this.#groups.get(`${said.kind}\n${shapeOf(said.message.slice(0, MESSAGE_CHARACTERS))}`);
      return { kind: said.kind, group, last: group && this.#lastOf(group) };
    });
    return groups.every(({ kind, group }) => group || !this.#hasRoom(kind)) ? groups : undefined;
  }

  /** Lines that are known once more, said at NaN where they bear no time; their words are taken when `readLast` is called. */
  again(
    known: KnownEvents,
    { at, line, life }: { at: number; line: number; life: number },
    start: number,
    end: number,
  ): void {
    for (const { kind, group, last } of known) {
      this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
      if (!group || !last) continue;
      last.isUnread = true;
      last.start = start;
      last.end = end;
      last.text = undefined;
      this.#count(group, Number.isNaN(at) ? undefined : at, line, life);
    }
  }

  /** The bytes of lines that were said again go: their texts are kept. */
  keepTexts(textAt: (start: number, end: number) => string): void {
    for (const last of this.#lasts.values()) if (last.isUnread) last.text ??= textAt(last.start, last.end);
  }

  /** The examples of what was said again, from the lines that said it last. */
  readLast(lineOf: (text: string) => LogLine | undefined): void {
    for (const [group, { text, isUnread }] of this.#lasts) {
      if (!isUnread) continue;
      const line = lineOf(text ?? '');
      for (const { kind, message } of line ? saidBy(line) : []) {
        const short = message.slice(0, MESSAGE_CHARACTERS);
        if (kind === group.kind && shapeOf(short) === group.shape) group.example = flat(short);
      }
    }
    this.#lasts.clear();
  }

  #lastOf(group: Group): LastLine {
    const known = this.#lasts.get(group);
    if (known) return known;
    const last: LastLine = { isUnread: false, start: 0, end: 0, text: undefined };
    this.#lasts.set(group, last);
    return last;
  }

  #count(group: Group, at: number | undefined, number: number, life: number): void {
    group.count++;
    group.lastLine = number;
    if (at !== undefined) {
      group.firstAtUnixSeconds ??= at;
      group.lastAtUnixSeconds = at;
    }
    if (group.lives.at(-1) !== life && group.lives.length < MOST_LIVES) group.lives.push(life);
  }

  /** Without secrets. */
  finish(): LogEvents {
    const groups = [...this.#groups.values()].map(told);
    const rank = ({ kind }: LogEvent) => EVENT_KINDS.indexOf(kind);
    return { groups: groups.sort((a, b) => rank(a) - rank(b) || b.count - a.count), counts: this.#counts };
  }

  #put(kind: EventKind, message: string, { atUnixSeconds: at }: LogLine, number: number, life: number): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    const short = message.slice(0, MESSAGE_CHARACTERS);
    // A piece of a long text would keep all of it in memory.
    const example = short.length < message.length ? flat(short) : short;
    const shape = shapeOf(example);
    const key = `${kind}\n${shape}`;
    const group = this.#groups.get(key) ?? this.#begun(key, { kind, shape, example, number });
    if (!group) return;
    group.example = example;
    const last = this.#lasts.get(group);
    if (last) last.isUnread = false;
    this.#count(group, at, number, life);
  }

  #begun(
    key: string,
    { kind, shape, example, number }: { kind: EventKind; shape: string; example: string; number: number },
  ): Group | undefined {
    if (!this.#hasRoom(kind)) return undefined;
    const group: Group = {
      kind,
      shape: flat(shape),
      example,
      count: 0,
      firstLine: number,
      lastLine: number,
      firstAtUnixSeconds: undefined,
      lastAtUnixSeconds: undefined,
      lives: [],
    };
    this.#groups.set(flat(key), group);
    return group;
  }

  /** For another group; there will never be more. A kill is told, also after five hundred kinds of warnings; but no more than as many again. */
  #hasRoom(kind: EventKind): boolean {
    const isGrave = EVENT_KINDS.indexOf(kind) < EVENT_KINDS.indexOf('error');
    return this.#groups.size < (isGrave ? 2 : 1) * MOST_GROUPS;
  }
}

const MESSAGE_CHARACTERS = 300;

/** The mask may have parted a secret: of a message that holds one the shape is that of what is left. */
function told(group: Group): LogEvent {
  const { text, count } = redact(group.example);
  return { ...group, example: text, shape: count > 0 ? shapeOf(text) : redact(group.shape).text };
}
