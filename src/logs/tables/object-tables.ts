import type { LogRow, ObjectCountRow, Recogniser, RowAt } from './row.ts';
import { NO_ROWS } from './row.ts';
import { bytesOf } from './size.ts';

type Counted = Omit<ObjectCountRow, 'table'>;

/** `objgraph.show_growth`: name, count, how many more. */
const GROWTH = /^([A-Za-z_][\w.<>-]{0,200}) {1,100}(\d{1,15}) {1,20}\+(\d{1,15})$/;
/** `objgraph.show_most_common_types`: the names padded to one width. Much else looks like a line of it. */
const COMMON = /^([A-Za-z_][\w.<>-]{0,200})( {1,200})(\d{1,15})$/;
/** Of these there are many in every Python. */
const ORDINARY =
  /^(?:builtins\.)?(?:function|dict|tuple|list|set|cell|type|property|module|weakref|ReferenceType|ModuleSpec|method|builtin_function_or_method|(?:getset|member|wrapper|method)_descriptor|wrapper_descriptor|classmethod|staticmethod|SourceFileLoader)$/;
/** So many lines, in one column and falling, are a table. */
const FEWEST_COMMON = 3;
const MOST_HELD = 1000;

/** pympler's `summary.print_` and `SummaryTracker.print_diff`, which look the same. */
const PYMPLER = /^\s*(\S.{0,300}?) \|\s{1,20}(-?\d{1,15}) \|\s{1,20}(-?\d{1,15}(?:\.\d{1,6})?)\s{1,10}([KMGT]?B)$/;
const PYMPLER_HEADER = /^\s*types \|\s+# objects \|\s+total size$/;
/** guppy's `hpy().heap()`: index, count, %, size, %, cumulative, %, kind. */
const GUPPY = /^\s*\d{1,6}\s+(\d{1,15})\s+\d{1,3}\s+(\d{1,18})\s+\d{1,3}\s+\d{1,18}\s+\d{1,3} (.{1,300})$/;
const GUPPY_HEADER = /^\s*Index\s+Count\s+%\s+Size\s+%\s+Cumulative\s+% (?:Kind|Class|Type)\b/;

/** Tables of objects by type: objgraph, pympler, guppy. */
export class ObjectTables implements Recogniser {
  #open: 'pympler' | 'guppy' | undefined;
  #table = -1;
  #by = '';
  readonly #seen = new Set<string>();
  /** Lines that are a table of objgraph's if enough of them come. */
  #held: { row: Counted; at: RowAt; column: number }[] = [];

  get isWithin(): Recogniser['isWithin'] {
    if (this.#open !== undefined) return 'yes';
    return this.#held.length > 0 ? 'perhaps' : 'no';
  }

  take(text: string, at: RowAt): readonly LogRow[] {
    const common = commonIn(text);
    if (common) return this.#hold(common, at);
    const before = this.#release();
    const row = this.#rowIn(text);
    return row ? [...before, this.#numbered(row, at)] : before;
  }

  end(): readonly LogRow[] {
    return this.#release();
  }

  #rowIn(text: string): Counted | undefined {
    if (GROWTH.test(text)) return growthIn(text);
    if (PYMPLER_HEADER.test(text)) return this.#opened('pympler');
    if (GUPPY_HEADER.test(text)) return this.#opened('guppy');
    if (this.#open === undefined || /^[\s=|]+$/.test(text)) return undefined;
    const row = this.#open === 'pympler' ? pymplerIn(text) : guppyIn(text);
    if (!row) this.#open = undefined;
    return row;
  }

  #opened(which: 'pympler' | 'guppy'): undefined {
    this.#open = which;
    this.#by = '';
  }

  #hold(common: { row: Counted; column: number }, at: RowAt): readonly LogRow[] {
    const last = this.#held.at(-1);
    const fits = last !== undefined && last.column === common.column && last.row.count >= common.row.count;
    const before = fits ? NO_ROWS : this.#release();
    if (this.#held.length < MOST_HELD) this.#held.push({ ...common, at });
    return before;
  }

  #release(): readonly LogRow[] {
    const held = this.#held;
    if (held.length === 0) return NO_ROWS;
    this.#held = [];
    const isTable = held.length >= FEWEST_COMMON && held.some(({ row }) => ORDINARY.test(row.type));
    if (!isTable) return NO_ROWS;
    this.#by = '';
    return held.map(({ row, at }) => this.#numbered(row, at));
  }

  #numbered(row: Counted, at: RowAt): LogRow {
    const by = `${row.by} ${row.countDiff === undefined}`;
    if (by !== this.#by || this.#seen.has(row.type)) {
      this.#table++;
      this.#seen.clear();
    }
    this.#by = by;
    this.#seen.add(row.type);
    return { ...at, ...row, table: this.#table };
  }
}

function commonIn(text: string): { row: Counted; column: number } | undefined {
  const found = COMMON.exec(text);
  if (!found) return undefined;
  const [, type, spaces, count] = found;
  const column = type!.length + spaces!.length;
  return { row: { kind: 'object-count', by: 'objgraph', type: type!, count: Number(count) }, column };
}

function growthIn(text: string): Counted {
  const [, type, count, more] = GROWTH.exec(text)!;
  return { kind: 'object-count', by: 'objgraph', type: type!, count: Number(count), countDiff: Number(more) };
}

function pymplerIn(text: string): Counted | undefined {
  const [, type, count, size, unit] = PYMPLER.exec(text) ?? [];
  const bytes = size === undefined ? undefined : bytesOf(size, unit!);
  if (bytes === undefined) return undefined;
  return { kind: 'object-count', by: 'pympler', type: type!.trim(), count: Number(count), bytes };
}

function guppyIn(text: string): Counted | undefined {
  const [, count, size, type] = GUPPY.exec(text) ?? [];
  if (type === undefined) return undefined;
  return { kind: 'object-count', by: 'guppy', type, count: Number(count), bytes: Number(size) };
}
