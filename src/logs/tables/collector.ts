import { itemsInList } from './list-items.ts';
import type { CollectionRow, CollectorStateRow, LogRow, Recogniser, RowAt } from './row.ts';
import { NO_ROWS } from './row.ts';

/** Written to stderr by `gc.set_debug` (Modules/gcmodule.c to 3.12, Python/gc.c from 3.13 on; the same words in 3.8 to 3.15). */
const COLLECTING = /gc: collecting generation (\d{1,3})\.\.\./;
const OBJECTS = /gc: objects in each generation:((?: -?\d{1,15}){1,8})/;
const PERMANENT = /gc: objects in permanent generation: (\d{1,15})/;
const DONE = /gc: done(?:, (\d{1,15}) unreachable, (\d{1,15}) uncollectable)?(?:, (\d{1,9}\.\d{1,9})s elapsed)?/;
const OBJECT = /gc: (un)?collectable <(.{1,300}?) (?:0x)?[\da-fA-F]{6,16}>/;
const AT_SHUTDOWN = /gc: (\d{1,15}) uncollectable objects at shutdown/;

/** What all of it has. */
const MAY_BE = /\bgc\b|garbage|'collected'|"collected"|collector/i;

/** What the garbage collector says of itself, and what programs print of it. */
export class CollectorLines implements Recogniser {
  #running: Partial<Pick<CollectionRow, 'generation' | 'objects' | 'permanent'>> = {};

  readonly isWithin = 'no';

  take(text: string, at: RowAt): readonly LogRow[] {
    if (!MAY_BE.test(text)) return NO_ROWS;
    if (text.includes('gc: ')) {
      const rows = this.#debugged(text, at);
      if (rows) return rows;
    }
    const row = collectionIn(text) ?? stateIn(text);
    return row ? [{ ...at, ...row }] : NO_ROWS;
  }

  end(): readonly LogRow[] {
    return NO_ROWS;
  }

  #debugged(text: string, at: RowAt): readonly LogRow[] | undefined {
    const done = DONE.exec(text);
    if (done) return [{ ...at, ...this.#done(done) }];
    const object = OBJECT.exec(text);
    if (object) return [{ ...at, kind: 'cycle-object', collectable: object[1] === undefined, type: object[2]! }];
    const left = AT_SHUTDOWN.exec(text)?.[1];
    if (left !== undefined) return [{ ...at, kind: 'collector-state', garbage: Number(left) }];
    return this.#began(text) ? NO_ROWS : undefined;
  }

  #began(text: string): boolean {
    const generation = COLLECTING.exec(text)?.[1];
    const objects = OBJECTS.exec(text)?.[1];
    const permanent = PERMANENT.exec(text)?.[1];
    if (generation !== undefined) this.#running = { generation: Number(generation) };
    if (objects !== undefined) this.#running = { ...this.#running, objects: objects.trim().split(' ').map(Number) };
    if (permanent !== undefined) this.#running = { ...this.#running, permanent: Number(permanent) };
    return (generation ?? objects ?? permanent) !== undefined;
  }

  #done([, unreachable, uncollectable, seconds]: RegExpExecArray): CollectionRow {
    const running = this.#running;
    this.#running = {};
    return {
      kind: 'collection',
      by: 'debug',
      ...running,
      // Up to 3.7 nothing is said where nothing was found.
      unreachable: Number(unreachable ?? 0),
      uncollectable: Number(uncollectable ?? 0),
      ...(seconds === undefined ? {} : { seconds: Number(seconds) }),
    };
  }
}

/** The value of a name in a printed dictionary, Python's or JSON's. */
const fieldOf = (text: string, name: string): number | undefined => {
  const found = new RegExp(`['"]${name}['"]: ?(\\d{1,15}(?:\\.\\d{1,20}(?:e-?\\d{1,3})?)?)`).exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

function collectionIn(text: string): CollectionRow | undefined {
  const generation = fieldOf(text, 'generation');
  const collected = fieldOf(text, 'collected');
  if (generation !== undefined && collected !== undefined) return calledBack(text, generation, collected);
  return generation === undefined && collected === undefined ? called(text) : undefined;
}

/** `stop {'generation': 2, 'collected': 4, 'uncollectable': 0}`: a print of `gc.callbacks`; that of the start says nothing yet. */
function calledBack(text: string, generation: number, collected: number): CollectionRow | undefined {
  if (/\bstart\b/i.test(text.slice(0, text.search(/['"]generation/)))) return undefined;
  const uncollectable = fieldOf(text, 'uncollectable') ?? 0;
  const seconds = fieldOf(text, 'duration');
  return {
    kind: 'collection',
    by: 'callback',
    generation,
    unreachable: collected + uncollectable,
    uncollectable,
    ...(seconds === undefined ? {} : { seconds }),
  };
}

/** `Garbage collector: collected 12 objects.`, `gc.collect() -> 12`, `GC freed 12 objects`, `gc found 12 unreachable objects`. */
const CALLED = [
  /\bgc\.collect\([^)]{0,20}\)\W{1,6}(?:(?:returned|freed|collected|found)\W{1,3})?(\d{1,15})\b/i,
  /\b(?:gc|garbage[ -]collect(?:or|ion))\b.{0,40}?\b(?:collected|freed|reclaimed|found|cleaned(?: up)?|removed)\W{1,3}(\d{1,15})\b/i,
  /\b(?:gc|garbage[ -]collect(?:or|ion))\b.{0,40}?\b(\d{1,15}) (?:unreachable )?objects? (?:(?:were|was) )?(?:collected|freed|reclaimed|unreachable)/i,
  /\b(?:collected|freed) (\d{1,15}) (?:unreachable )?objects?\b.{0,30}\b(?:gc|garbage)/i,
];

function called(text: string): CollectionRow | undefined {
  const found = CALLED.map((pattern) => pattern.exec(text)?.[1]).find((number) => number !== undefined);
  return found === undefined ? undefined : { kind: 'collection', by: 'call', unreachable: Number(found) };
}

const TRIPLE = /[([](\d{1,15}), (\d{1,15}), (\d{1,15})[)\]]/;
const STATS = /\{[^{}]{0,40}['"]collections['"][^{}]{0,200}\}/g;
const ENABLED =
  /\b(?:gc\W{0,4}|garbage[ -]collect(?:or|ion)\W{1,4}|collector\W{1,4}){1,2}(?:is[ _]?)?enabled\b(?:\(\))?\W{1,6}(true|false|yes|no|0|1)\b/i;
const SWITCHED =
  /\b(?:gc|garbage[ -]collect(?:or|ion))\b(?: is| was| has been| now)? (disabled|enabled|frozen|switched off|turned off)\b|\bgc\.(disable|enable|freeze)\(\)|\b(disabl|enabl)(?:ed|ing) (?:the )?(?:gc|garbage[ -]collect(?:or|ion))\b/i;
const GARBAGE_LENGTH =
  /\b(?:gc[._ ]|uncollectable )garbage\)?(?: (?:list|objects|items|size|count|length|has|holds|contains|len))?\W{0,4}\b(\d{1,15})\b|\b(\d{1,15}) (?:objects |items )?in gc\.garbage/i;

function stateIn(text: string): CollectorStateRow | undefined {
  const state = { ...statsIn(text), ...triplesIn(text), ...enabledIn(text), ...garbageIn(text) };
  return Object.keys(state).length > 0 ? { kind: 'collector-state', ...state } : undefined;
}

function statsIn(text: string): Pick<CollectorStateRow, 'stats'> {
  const found = text.slice(0, 4096).match(STATS)?.slice(0, 8) ?? [];
  const stats = found.map((one) => ({
    collections: fieldOf(one, 'collections') ?? 0,
    collected: fieldOf(one, 'collected') ?? 0,
    uncollectable: fieldOf(one, 'uncollectable') ?? 0,
  }));
  return stats.length > 0 ? { stats } : {};
}

function triplesIn(text: string): Pick<CollectorStateRow, 'counts' | 'thresholds'> {
  const found = TRIPLE.exec(text);
  if (!found || !/\bgc\b|garbage|get_count|get_threshold|collector/i.test(text.slice(0, found.index))) return {};
  const numbers = found.slice(1, 4).map(Number);
  return /threshold/i.test(text.slice(0, found.index)) ? { thresholds: numbers } : { counts: numbers };
}

function enabledIn(text: string): Pick<CollectorStateRow, 'enabled' | 'frozen'> {
  const said = ENABLED.exec(text)?.[1];
  if (said !== undefined) return { enabled: /^(?:true|yes|1)$/i.test(said) };
  const switched = SWITCHED.exec(text);
  const word = switched?.slice(1).find((part) => part !== undefined);
  if (word === undefined || /\b(?:not|never|un)\s/i.test(text.slice(0, switched!.index).slice(-8))) return {};
  if (/^(?:frozen|freeze)$/i.test(word)) return { frozen: true };
  return { enabled: /^enabl/i.test(word) };
}

function garbageIn(text: string): Pick<CollectorStateRow, 'garbage'> {
  const length = GARBAGE_LENGTH.exec(text);
  const said = length?.[1] ?? length?.[2];
  if (said !== undefined) return { garbage: Number(said) };
  const list = /\bgc\.garbage\W{0,4}(?=\[)/.exec(text);
  return list ? { garbage: itemsInList(text.slice(list.index + list[0].length)) } : {};
}
