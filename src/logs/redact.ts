import { commandSecrets } from './secret-commands.ts';
import { namedSecrets } from './secret-fields.ts';
import { MOST_KEY_CHARACTERS, privateKeys } from './secret-key-blocks.ts';
import { signatures, spoken } from './secret-phrases.ts';
import { cards, emails, logins, tokens } from './secret-shapes.ts';

/** A piece of the text that is to be hidden. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  /** A later piece of a secret that was counted already. */
  readonly more?: true;
}

export interface Redacted {
  readonly text: string;
  /** How many secrets were taken out. */
  readonly count: number;
}

/**
 * The text without what looks like a secret, as it may be kept and passed on: tokens, passwords and keys by their names,
 * in a sentence or as arguments of well-known commands, signatures of URLs, Authorization and Cookie headers, logins in URLs, private keys, e-mail addresses and card numbers. `[hidden: token]` stands
 * for each. Lines stay lines, numbers and identifiers of ordinary kinds stay as they are; the time grows with the length only.
 * A secret that neither its name nor its shape tells cannot be known for one.
 */
export function redact(text: string): Redacted {
  if (text.length <= BLOCK_CHARACTERS) return redactRounds(text, MOST_ROUNDS);
  const blocks = Array.from(blocksOf(text), (block) => redactRounds(block, MOST_ROUNDS));
  return { text: blocks.map((block) => block.text).join(''), count: blocks.reduce((sum, { count }) => sum + count, 0) };
}

/** Of a long text no more than this is looked at together: what is found in 16 MB of log lines takes 20 times their memory. */
const BLOCK_CHARACTERS = 2 ** 18;

/** Each ends with a line, where no private key is near: all other secrets lie within a line. */
function* blocksOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = blockEnd(text, start + BLOCK_CHARACTERS);
    yield text.slice(start, end);
    start = end;
  }
}

function blockEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += MOST_KEY_CHARACTERS) {
    const end = text.indexOf('\n', at) + 1;
    if (end === 0) break;
    const around = text.slice(Math.max(0, end - MOST_KEY_CHARACTERS), end + MOST_KEY_CHARACTERS);
    if (!around.includes('PRIVATE KEY')) return end;
    at = end;
  }
  return text.length;
}

/** What was hidden parts what stood together, and one part alone may look like a secret: then it is one, too. */
const MOST_ROUNDS = 6;

function redactRounds(text: string, rounds: number): Redacted {
  const spans = united([
    ...privateKeys(text),
    ...namedSecrets(text),
    ...signatures(text),
    ...spoken(text),
    ...commandSecrets(text),
    ...logins(text),
    ...tokens(text),
    ...emails(text),
    ...cards(text),
  ]);
  if (spans.length === 0) return { text, count: 0 };
  const count = spans.filter(({ more }) => !more).length;
  const pieces = linesAround(text, spans);
  const changed = pieces.filter(({ isChanged }) => isChanged).map((piece) => piece.text);
  const again = rounds > 1 ? redactRounds(changed.join('\n'), rounds - 1) : { text: changed.join('\n'), count: 0 };
  if (again.count === 0) return { text: pieces.map((piece) => piece.text).join(''), count };
  return { text: putBack(pieces, again.text.split('\n')), count: count + again.count };
}

interface Piece {
  readonly text: string;
  readonly isChanged: boolean;
}

/** The text in pieces: the lines in which something is hidden, each without its end, and what is between them. */
function linesAround(text: string, spans: readonly Span[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let at = 0; at < spans.length; ) {
    const start = Math.max(from, text.lastIndexOf('\n', spans[at]!.start - 1) + 1);
    const next = text.indexOf('\n', spans[at]!.end);
    const end = next < 0 ? text.length : next;
    let line = '';
    let to = start;
    for (; at < spans.length && spans[at]!.start < end; at++) {
      line += `${text.slice(to, spans[at]!.start)}[hidden: ${spans[at]!.kind}]`;
      to = spans[at]!.end;
    }
    pieces.push({ text: text.slice(from, start), isChanged: false });
    pieces.push({ text: line + text.slice(to, end), isChanged: true });
    from = end;
  }
  pieces.push({ text: text.slice(from), isChanged: false });
  return pieces;
}

function putBack(pieces: readonly Piece[], lines: readonly string[]): string {
  let at = 0;
  return pieces.map((piece) => (piece.isChanged ? lines[at++]! : piece.text)).join('');
}

/** In order, and none over another: what overlaps is one, called by what begins first. */
function united(spans: Span[]): Span[] {
  spans.sort((a, b) => a.start - b.start || b.end - a.end);
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (!last || span.start >= last.end) result.push(span);
    else if (span.end > last.end) result[result.length - 1] = { ...last, end: span.end };
  }
  return result;
}
