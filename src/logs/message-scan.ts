import {
  classAt,
  classOf,
  DIGIT,
  digitsEnd,
  isHex,
  isWordAt,
  LETTER,
  QUOTE,
  SIGN,
  SLASH,
  SPACE,
  wordEnd,
} from './characters.ts';
import { NumberScan } from './number-scan.ts';

/** What stands in a place: a number that can be reckoned with, a name with digits (id, time, address, hash), or quoted text. */
export const NUMBER = 1;
export const NAME = 2;
export const TEXT = 3;

export const MOST_TOKENS = 256;
export const MOST_PLACES = 256;
/** Longer messages are read up to here: what a line says, it says at its beginning. */
const MOST_CHARACTERS = 8192;
/** Farther away no closing quote is looked for. */
const MOST_QUOTED = 256;
/** A short quoted text is a word like others: `'users' has 120 items`. */
const SHORT_QUOTED = 40;
/** Of numbers in a list this many are told apart: a list of five is no other message than one of fifty. */
const LISTED = 2;
const LONGEST_WORD = 32;

const PLACE_MARK = 0x9e3779b1 | 0;
const SPACE_MARK = 0x7feb352d;

/**
 * Takes a message apart in one pass: its tokens, the places in it that vary, and two hashes of what remains, the same for all
 * messages that differ in those places alone. One object is used for all messages; nothing is allocated for one.
 */
export class MessageScan {
  text = '';
  hash = 0;
  otherHash = 0;
  tokens = 0;
  readonly tokenStarts = new Int32Array(MOST_TOKENS);
  readonly tokenEnds = new Int32Array(MOST_TOKENS);
  /** 1: a path, or something quoted, that may well be another word in the next message. */
  readonly tokenIsSoft = new Uint8Array(MOST_TOKENS);
  places = 0;
  readonly placeKinds = new Uint8Array(MOST_PLACES);
  readonly placeStarts = new Int32Array(MOST_PLACES);
  readonly placeEnds = new Int32Array(MOST_PLACES);
  readonly placeTokens = new Int32Array(MOST_PLACES);
  readonly placeValues = new Float64Array(MOST_PLACES);
  readonly placeUnits = new Uint8Array(MOST_PLACES);
  /** Numbers that no double holds, or that are absurd. */
  refused = 0;
  readonly #number = new NumberScan();
  #end = 0;
  #isInPath = false;
  #quoteEnd = 0;

  read(text: string): void {
    this.text = text;
    this.hash = 0;
    this.otherHash = 0;
    this.tokens = 0;
    this.places = 0;
    this.#end = Math.min(text.length, MOST_CHARACTERS);
    let at = 0;
    let listed = 0;
    while (at < this.#end && this.tokens < MOST_TOKENS) {
      if (classOf(text.charCodeAt(at)) === SPACE) {
        at++;
        continue;
      }
      const start = at;
      const hash = this.hash;
      const otherHash = this.otherHash;
      const places = this.places;
      at = this.#token(at);
      listed = this.#isListed(start, at, places) ? listed + 1 : 0;
      if (listed > LISTED) {
        this.hash = hash;
        this.otherHash = otherHash;
        this.places = places;
        continue;
      }
      this.tokenStarts[this.tokens] = start;
      this.tokenEnds[this.tokens] = at;
      this.tokens++;
      this.#mix(SPACE_MARK);
    }
  }

  /** What a field beside the message says in words is a part of the wording: `cache=users`. Numbers, ids and paths are not. */
  addWord(text: string): void {
    if (text.length > LONGEST_WORD) return;
    for (let at = 0; at < text.length; at++) {
      const kind = classOf(text.charCodeAt(at));
      if (kind === DIGIT || kind === SLASH) return;
    }
    this.#mix(SPACE_MARK);
    for (let at = 0; at < text.length; at++) this.#mix(text.charCodeAt(at));
  }

  /** Whether there is a space between the number in a place and its unit. */
  isPlaceApart(place: number): boolean {
    const { text } = this;
    for (let at = this.placeStarts[place]!; at < this.placeEnds[place]!; at++)
      if (text.charCodeAt(at) === 32) return true;
    return false;
  }

  /** A number and a comma, and nothing else; or the last one, and what closes the list. */
  #isListed(start: number, end: number, places: number): boolean {
    if (this.places !== places + 1 || this.placeStarts[places] !== start) return false;
    const rest = end - this.placeEnds[places]!;
    const code = this.text.charCodeAt(end - 1);
    return rest === 1 ? code === 44 || code === 93 || code === 41 : rest === 2 && this.text.charCodeAt(end - 2) === 93;
  }

  /** Reads a token from its first character on; returns where it ends. */
  #token(start: number): number {
    const text = this.text;
    const limit = this.#end;
    const token = this.tokens;
    this.tokenIsSoft[token] = 0;
    this.#isInPath = false;
    this.#quoteEnd = 0;
    let at = start;
    while (at < limit) {
      const code = text.charCodeAt(at);
      const kind = classOf(code);
      if (kind === LETTER) at = this.#word(at);
      else if (kind === SPACE) {
        if (at >= this.#quoteEnd) break;
        this.#mix(code);
        at++;
      } else if (kind === DIGIT) at = this.#digits(at, at);
      else if (kind === QUOTE) at = this.#quote(at, code);
      else if (kind === SIGN && this.#isSign(at)) at = this.#digits(at, at + 1);
      else {
        if (kind === SLASH) this.#slash(at);
        this.#mix(code);
        at++;
      }
    }
    return at;
  }

  #mix(code: number): void {
    this.hash = Math.imul(this.hash ^ code, 0x01000193);
    this.otherHash = (Math.imul(this.otherHash, 0x2c1b3c6d) + code) | 0;
  }

  /** A run of letters; with digits in it, it is a name, or the digits at its end are. */
  #word(start: number): number {
    const text = this.text;
    const limit = this.#end;
    let hash = this.hash;
    let otherHash = this.otherHash;
    let at = start;
    let kind = LETTER;
    while (at < limit) {
      const code = text.charCodeAt(at);
      kind = classOf(code);
      if (kind !== LETTER) break;
      hash = Math.imul(hash ^ code, 0x01000193);
      otherHash = (Math.imul(otherHash, 0x2c1b3c6d) + code) | 0;
      at++;
    }
    if (kind === DIGIT && at < limit) return this.#wordWithDigits(start, at);
    this.hash = hash;
    this.otherHash = otherHash;
    return at;
  }

  #wordWithDigits(start: number, firstDigit: number): number {
    const text = this.text;
    const end = wordEnd(text, start);
    if (looksRandom(text, start, end)) return this.#place(NAME, start, nameEnd(text, end));
    for (let at = start; at < firstDigit; at++) this.#mix(text.charCodeAt(at));
    let at = firstDigit;
    while (at < end) {
      if (classAt(text, at) === DIGIT) at = this.#place(NAME, at, digitsEnd(text, at));
      else this.#mix(text.charCodeAt(at++));
    }
    return end;
  }

  /** From a digit on, or from the sign before it. */
  #digits(start: number, at: number): number {
    const text = this.text;
    const number = this.#number;
    number.read(text, at, at > start && text.charCodeAt(start) === 45);
    // worker-3, /users/574, a.2: the number of a thing, not of how many things.
    const before = text.charCodeAt(start - 1);
    const isPart = this.#isInPath || ((before === 45 || before === 46) && isWordAt(text, start - 2));
    const isNumber = !isPart && number.value - number.value === 0;
    if (isNumber && this.places < MOST_PLACES) {
      this.placeValues[this.places] = number.value;
      this.placeUnits[this.places] = number.unit;
    }
    return this.#place(isNumber ? NUMBER : NAME, start, number.end);
  }

  #place(kind: number, start: number, end: number): number {
    const place = this.places;
    if (place < MOST_PLACES) {
      this.placeKinds[place] = kind;
      this.placeStarts[place] = start;
      this.placeEnds[place] = end;
      this.placeTokens[place] = this.tokens;
      this.places++;
    }
    // A number that is a name in the next message, too long or a date, is in the same place.
    this.#mix(PLACE_MARK);
    return end;
  }

  #isSign(at: number): boolean {
    const text = this.text;
    if (classAt(text, at + 1) !== DIGIT) return false;
    const before = classAt(text, at - 1);
    return before !== LETTER && before !== DIGIT && before !== SIGN && !(before === SLASH);
  }

  #slash(at: number): void {
    const before = at === 0 ? SPACE : classAt(this.text, at - 1);
    if (before === DIGIT || classAt(this.text, at + 1) === SPACE) return;
    this.#isInPath = true;
    this.tokenIsSoft[this.tokens] = 1;
  }

  /** What is quoted and long is a place; what is short and quoted belongs to the token, with its spaces. */
  #quote(at: number, quote: number): number {
    const text = this.text;
    this.#mix(quote);
    if (at < this.#quoteEnd || isWordAt(text, at - 1)) return at + 1;
    const end = closingQuote(text, at + 1, quote, this.#end);
    if (end < 0 || end === at + 1) return at + 1;
    this.tokenIsSoft[this.tokens] = 1;
    if (end - at > SHORT_QUOTED || hasSpaceAndDigit(text, at + 1, end)) return this.#place(TEXT, at + 1, end);
    this.#quoteEnd = end;
    return at + 1;
  }
}

/** Of letters and digits in turn, or long and hexadecimal: nobody gave such a name. */
function looksRandom(text: string, start: number, end: number): boolean {
  let changes = 0;
  let hex = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (isHex(code)) hex++;
    if (at > start && code < 58 !== text.charCodeAt(at - 1) < 58) changes++;
  }
  return changes >= 3 || (hex === end - start && end - start >= 7);
}

/** A UUID goes on behind its first part. */
function nameEnd(text: string, from: number): number {
  let end = from;
  while (text.charCodeAt(end) === 45 && isHex(text.charCodeAt(end + 1)) && isHex(text.charCodeAt(end + 2)))
    end = wordEnd(text, end + 1);
  return end;
}

function closingQuote(text: string, from: number, quote: number, limit: number): number {
  const to = Math.min(limit, from + MOST_QUOTED);
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === quote && !isWordAt(text, at + 1)) return at;
  }
  return -1;
}

function hasSpaceAndDigit(text: string, start: number, end: number): boolean {
  let hasSpace = false;
  let hasDigit = false;
  for (let at = start; at < end; at++) {
    const kind = classAt(text, at);
    hasSpace ||= kind === SPACE;
    hasDigit ||= kind === DIGIT;
  }
  return hasSpace && hasDigit;
}
