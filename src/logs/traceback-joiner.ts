import { announces, type Draft, OpenTraceback, tracebackStart } from './traceback.ts';

/** More than this many lines do not wait for the end of one that is open. */
const MOST_WAITING = 1000;
const MOST_WAITING_CHARACTERS = 4 * 1024 * 1024;
/** Pods, containers and streams in one log; more take turns. */
const MOST_SOURCES = 64;

const GROUP_BEGIN = /^\s*\+ Exception Group Traceback/;

interface Waiting {
  readonly line: Draft;
  isDone: boolean;
}

/** What one source, a stream of a container, said last. */
interface Source {
  last?: Waiting;
  open?: { traceback: OpenTraceback; waiting: Waiting };
}

/** Puts tracebacks to the lines that they belong to, each source for itself, and gives all in the order of the stream. */
export class TracebackJoiner {
  /** Lines that became a part of another. */
  merged = 0;
  readonly #give: (line: Draft) => void;
  readonly #sources = new Map<string, Source>();
  #known: { name: string; source: Source } | undefined;
  #waiting: Waiting[] = [];
  #waitingCharacters = 0;

  constructor(give: (line: Draft) => void) {
    this.#give = give;
  }

  /** Whether a traceback is open and an unread line is a part of it. */
  joins(name: string, content: string): boolean {
    const source = this.#sourceOf(name);
    if (!source.open) return false;
    return this.#joins(source, content, false);
  }

  isOpen(name: string): boolean {
    return this.#sourceOf(name).open !== undefined;
  }

  /** @param words what the line says behind its head, if it has one. */
  take(name: string, line: Draft, words: string, isHeaded: boolean): void {
    const source = this.#sourceOf(name);
    if (isHeaded && source.open && this.#joins(source, words, true)) return;
    const at = tracebackStart(words);
    if (at < 0 || line.traceback) return this.#put(source, line);
    this.#begin(source, line, words, at, isHeaded);
  }

  /** Gives all that waits, where one source speaks and no traceback is open; else nothing, and false. */
  settle(): boolean {
    if (this.#sources.size > 1) return false;
    for (const source of this.#sources.values()) {
      if (source.open) return false;
      delete source.last;
    }
    for (const waiting of this.#waiting) this.#give(waiting.line);
    this.#waiting = [];
    this.#waitingCharacters = 0;
    return true;
  }

  end(): void {
    for (const source of this.#sources.values()) this.#close(source);
    for (const waiting of this.#waiting) this.#give(waiting.line);
    this.#waiting = [];
  }

  #joins(source: Source, content: string, isHeaded: boolean): boolean {
    const part = source.open!.traceback.take(content, isHeaded);
    if (part === 'after') this.#close(source);
    if (part !== 'part') return false;
    this.merged++;
    return true;
  }

  #begin(source: Source, line: Draft, words: string, at: number, isHeaded: boolean): void {
    this.#close(source);
    const isGroup = GROUP_BEGIN.test(words);
    const before = isGroup ? '' : words.slice(0, at).trim();
    const owner = source.last;
    const isOwned =
      owner !== undefined &&
      before.length < 20 &&
      announces(owner.line) &&
      (!isHeaded || owner.line.level === line.level);
    if (isOwned) this.merged++;
    else line.message = before;
    const waiting = isOwned ? owner : this.#waitFor(source, line, false);
    // What has words before it is not moved to the right.
    const indent = isGroup || before !== '' ? 0 : at;
    const kind = { hasOwner: isOwned || before !== '', isHeaded, indent };
    source.open = { traceback: new OpenTraceback(waiting.line, isGroup ? words : words.slice(at), kind), waiting };
  }

  #put(source: Source, line: Draft): void {
    // Where many speak, what announces nothing need not wait for its own source's next line.
    this.#waitFor(source, line, this.#sources.size > 1 && !announces(line));
  }

  #waitFor(source: Source, line: Draft, isDone: boolean): Waiting {
    if (source.last && source.open?.waiting !== source.last) source.last.isDone = true;
    const waiting = { line, isDone };
    source.last = waiting;
    this.#waiting.push(waiting);
    this.#waitingCharacters += line.text?.length ?? 0;
    this.#flush();
    return waiting;
  }

  #close(source: Source): void {
    if (!source.open) return;
    source.open.traceback.ended();
    source.open.waiting.isDone = true;
    delete source.open;
  }

  #flush(): void {
    let done = 0;
    while (done < this.#waiting.length) {
      const { line, isDone } = this.#waiting[done]!;
      const isFull = this.#waiting.length - done > MOST_WAITING || this.#waitingCharacters > MOST_WAITING_CHARACTERS;
      if (!isDone && !isFull) break;
      if (!isDone) this.#giveUp(line);
      done++;
      this.#waitingCharacters -= line.text?.length ?? 0;
      this.#give(line);
    }
    if (done === 0) return;
    if (done + 1 < this.#waiting.length) this.#waiting.splice(0, done);
    else {
      // Nearly always: one is given, the next waits.
      const last = this.#waiting[done];
      this.#waiting.length = 0;
      if (last) this.#waiting.push(last);
    }
  }

  /** A line that is given gets no traceback any more. */
  #giveUp(line: Draft): void {
    for (const source of this.#sources.values()) {
      if (source.open?.waiting.line === line) this.#close(source);
      if (source.last?.line === line) delete source.last;
    }
  }

  #sourceOf(name: string): Source {
    if (this.#known?.name === name) return this.#known.source;
    const source = this.#sources.get(name) ?? {};
    if (!this.#sources.has(name)) {
      if (this.#sources.size >= MOST_SOURCES) this.#forgetOldest();
      this.#sources.set(name, source);
    }
    this.#known = { name, source };
    return source;
  }

  #forgetOldest(): void {
    const [name, source] = this.#sources.entries().next().value!;
    this.#close(source);
    if (source.last) source.last.isDone = true;
    this.#sources.delete(name);
  }
}
