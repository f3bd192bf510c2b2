import type { LogLine } from './log-line.ts';

/** Stands in for the reader of log lines: the text of each line is its message. */
export class PlainLines {
  readonly #onLine: (line: LogLine) => void;
  readonly #decoder = new TextDecoder();
  #rest = '';
  #number = 0;

  constructor(onLine: (line: LogLine) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop()!.slice(0, 2 ** 20);
    for (const message of lines) this.#onLine({ number: this.#number++, message });
  }

  end(): void {
    if (this.#rest !== '') this.#onLine({ number: this.#number++, message: this.#rest });
  }
}
