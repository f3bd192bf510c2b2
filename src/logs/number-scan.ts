import { classAt, DIGIT, digitsEnd, isHex, isWordAt, LETTER, SPACE, wordEnd } from './characters.ts';
import { PERCENT_SIGN, UNITS, unitAt } from './units.ts';

const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const SLASH = 47;
const COLON = 58;
const UNDERSCORE = 95;
/** More digits are the name of something: no double holds them. */
const MOST_DIGITS = 15;
/** With a unit: 2^64 bytes have twenty. */
const MOST_DIGITS_WITH_UNIT = 20;
const MOST_EXPONENT = 30;
/** No address space has more bytes, and nothing has been counted farther. */
const MOST_VALUE = 2 ** 64;
const MONTH = /^\/(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i;

/**
 * Reads what begins with a digit in a text: a number with its unit, or what only looks like one (a date, an address, a hash). One
 * object is used for all of them, and nothing is allocated.
 */
export class NumberScan {
  /** Behind the last character, its unit included. */
  end = 0;
  /** In the unit that is told; NaN: it is no number that one could reckon with. */
  value = Number.NaN;
  /** Of `UNITS`. */
  unit = 0;
  /** Between number and unit there is a space. */
  isApart = false;
  #text = '';
  #isNegative = false;

  /** `at` is that of a digit. A sign before it is the caller's to see. */
  read(text: string, at: number, isNegative: boolean): void {
    this.#text = text;
    this.#isNegative = isNegative;
    this.value = Number.NaN;
    this.unit = 0;
    this.isApart = false;
    let end = at;
    let value = 0;
    for (let code = text.charCodeAt(end); code >= 48 && code <= 57; code = text.charCodeAt(++end))
      value = value * 10 + code - 48;
    // Most numbers are these: whole, and with a space behind.
    if (end - at <= MOST_DIGITS && (end === text.length || text.charCodeAt(end) === 32)) {
      this.end = end;
      this.value = value;
      this.#takeUnit(end - at);
      return;
    }
    this.#readOn(at, end, value);
  }

  #readOn(at: number, end: number, value: number): void {
    const text = this.#text;
    const code = text.charCodeAt(end);
    if (code === DOT && classAt(text, end + 1) === DIGIT) return this.#dotted(at, end, value);
    if (code === COMMA && classAt(text, end + 1) === DIGIT) return this.#withComma(at, end, value);
    if (code === COLON && classAt(text, end + 1) === DIGIT && digitsEnd(text, end + 1) === end + 3)
      return this.#clock(end);
    if (code === MINUS && this.#isDate(at, end)) return this.#name(end);
    if (code === SLASH && this.#isSlashDate(end)) return this.#clock(end);
    if ((code === UNDERSCORE || (code > 127 && classAt(text, end) === SPACE)) && isGroup(text, end + 1))
      return this.#grouped(at, end, value, code);
    this.#finish(at, end, value);
  }

  /** Exponent, sign and unit behind the digits. */
  #finish(at: number, digits: number, value: number): void {
    const text = this.#text;
    let end = digits;
    let result = value;
    if ((text.charCodeAt(end) | 32) === 101) {
      const sign = text.charCodeAt(end + 1);
      const from = end + (sign === 43 || sign === MINUS ? 2 : 1);
      const to = digitsEnd(text, from);
      if (to > from && !isWordAt(text, to)) {
        const exponent = Number(text.slice(from, Math.min(to, from + 4)));
        // 123456e7-… is a hash, and so is 12345e6: nobody writes numbers so.
        const isHash =
          (digits - at > 3 && value >= 1000 && Number.isInteger(value)) ||
          (text.charCodeAt(to) === MINUS && isWordAt(text, to + 1));
        if (exponent > MOST_EXPONENT || isHash) return this.#name(to);
        result = sign === MINUS ? result / 10 ** exponent : result * 10 ** exponent;
        end = to;
      }
    }
    this.end = end;
    this.value = result;
    this.#takeUnit(digits - at);
  }

  /** The unit, beside the number or after one space; a word that is none makes the number a part of a name. */
  #takeUnit(digits: number): void {
    const text = this.#text;
    const at = this.end;
    const isBeside = isWordAt(text, at);
    if (text.charCodeAt(at) === 37) this.#setUnit(PERCENT_SIGN, at + 1);
    else if (isBeside) {
      this.#besideUnit(at);
      if (Number.isNaN(this.value)) return;
    } else if (text.charCodeAt(at) === 32) this.#apartUnit(at + 1);
    if (digits > (this.unit === 0 ? MOST_DIGITS : MOST_DIGITS_WITH_UNIT) || this.value > MOST_VALUE)
      this.value = Number.NaN;
    else if (this.#isNegative) this.value = -this.value;
  }

  #apartUnit(at: number): void {
    const text = this.#text;
    if (text.charCodeAt(at) === 37 && !isWordAt(text, at + 1)) return this.#setUnit(PERCENT_SIGN, at + 1, true);
    if (classAt(text, at) !== LETTER) return;
    const end = wordEnd(text, at);
    const unit = unitAt(text, at, end);
    // `5 s/it` is a rate, `3 min-max` a name.
    if (unit > 0 && UNITS[unit]!.mayStandApart && !isJoined(text, end)) this.#setUnit(unit, end, true);
  }

  #besideUnit(at: number): void {
    const text = this.#text;
    let end = at;
    while (classAt(text, end) === LETTER) end++;
    const unit = unitAt(text, at, end);
    // 1234567b-12ab-…: no bytes.
    if (unit === 0 || (text.charCodeAt(end) === MINUS && isWordAt(text, end + 1))) return this.#name(at);
    if (classAt(text, end) !== DIGIT) {
      this.#setUnit(unit, end);
      return;
    }
    if (UNITS[unit]!.unit !== 'seconds') return this.#name(at);
    this.#duration(unit, end);
  }

  /** `1h23m45s`, `2m3.5s` */
  #duration(first: number, from: number): void {
    const text = this.#text;
    let sum = this.value * UNITS[first]!.factor;
    for (let at = from; classAt(text, at) === DIGIT; ) {
      let end = digitsEnd(text, at);
      if (text.charCodeAt(end) === DOT) end = digitsEnd(text, end + 1);
      let unitEnd = end;
      while (classAt(text, unitEnd) === LETTER) unitEnd++;
      const unit = unitAt(text, end, unitEnd);
      if (unit === 0 || UNITS[unit]!.unit !== 'seconds') return this.#name(at);
      sum += Number(text.slice(at, end)) * UNITS[unit]!.factor;
      at = unitEnd;
      this.end = unitEnd;
    }
    if (text.charCodeAt(this.end) === MINUS && isWordAt(text, this.end + 1)) return this.#name(this.end);
    this.value = sum;
    this.unit = SECOND;
  }

  #setUnit(unit: number, end: number, isApart = false): void {
    this.unit = unit;
    this.value *= UNITS[unit]!.factor;
    this.end = end;
    this.isApart = isApart;
  }

  /** A fraction; thousands as `1.234.567`; an address or a version. */
  #dotted(at: number, dot: number, whole: number): void {
    const text = this.#text;
    const end = digitsEnd(text, dot + 1);
    const next = text.charCodeAt(end);
    if (next === DOT && classAt(text, end + 1) === DIGIT) return this.#groupedByDots(at);
    // 1.234,5 as it is written in much of Europe; 1.234,5.6 is a list.
    if (next === COMMA && end - dot === 4 && dot - at <= 3 && classAt(text, end + 1) === DIGIT) {
      const to = digitsEnd(text, end + 1);
      if (to - end <= 3 && !isJoined(text, to))
        return this.#finish(at, to, Number(text.slice(at, to).replace('.', '').replace(',', '.')));
    }
    // A fraction has few digits: those beyond what a double holds change nothing.
    let value = whole;
    let scale = 0.1;
    if (end - at <= MOST_DIGITS)
      value = (whole * 10 ** (end - dot - 1) + integerOf(text, dot + 1, end)) / 10 ** (end - dot - 1);
    else for (let i = dot + 1; i < end; i++, scale /= 10) value += (text.charCodeAt(i) - 48) * scale;
    this.#finish(end - (dot - at), end, value);
  }

  #groupedByDots(at: number): void {
    const text = this.#text;
    let end = digitsEnd(text, at);
    const isShort = end - at <= 3;
    let groups = 1;
    let areThree = isShort;
    while (text.charCodeAt(end) === DOT && classAt(text, end + 1) === DIGIT) {
      const next = digitsEnd(text, end + 1);
      areThree &&= next - end === 4;
      end = next;
      groups++;
    }
    // Four groups are an address before they are thousands.
    if (!areThree || groups === 4 || text.charCodeAt(at) === 48) return this.#name(end);
    if (text.charCodeAt(end) === COMMA && classAt(text, end + 1) === DIGIT) {
      const to = digitsEnd(text, end + 1);
      return this.#finish(at, to, Number(`${text.slice(at, end).replaceAll('.', '')}.${text.slice(end + 1, to)}`));
    }
    this.#finish(at, end, Number(text.slice(at, end).replaceAll('.', '')));
  }

  /** `1,234,567.8`; a decimal comma; or the first number of a list. */
  #withComma(at: number, comma: number, first: number): void {
    const text = this.#text;
    const isLeading = comma - at <= 3 && (text.charCodeAt(at) !== 48 || first !== 0);
    if (isLeading && isGroup(text, comma + 1)) return this.#grouped(at, comma, first, COMMA);
    const end = digitsEnd(text, comma + 1);
    const next = text.charCodeAt(end);
    const isList = (next === COMMA || next === DOT) && classAt(text, end + 1) === DIGIT;
    if (isList || isOpening(text.charCodeAt(at - 1)) || isWithin(text.charCodeAt(end)))
      return this.#finish(at, comma, first);
    const digits = end - comma - 1;
    this.#finish(at, end, first + integerOf(text, comma + 1, end) / 10 ** digits);
  }

  #grouped(at: number, from: number, first: number, separator: number): void {
    const text = this.#text;
    let end = from;
    let value = first;
    while (text.charCodeAt(end) === separator && isGroup(text, end + 1)) {
      value = value * 1000 + integerOf(text, end + 1, end + 4);
      end += 4;
    }
    // 1,234,5: no thousands, a list.
    if (text.charCodeAt(end) === separator && classAt(text, end + 1) === DIGIT) return this.#finish(at, from, first);
    const point = text.charCodeAt(end);
    if ((point === DOT || (point === COMMA && separator > 127)) && classAt(text, end + 1) === DIGIT) {
      const to = digitsEnd(text, end + 1);
      return this.#finish(at, to, value + integerOf(text, end + 1, to) / 10 ** (to - end - 1));
    }
    this.#finish(at, end, value);
  }

  /** 2026-11-23, 12345678-1234-…: all that hangs together is one name. A range (3-5) is two numbers. */
  #isDate(at: number, minus: number): boolean {
    const text = this.#text;
    const next = wordEnd(text, minus + 1);
    if (next === minus + 1) return false;
    return text.charCodeAt(next) === MINUS && (minus - at === 4 || minus - at >= 2) && isWordAt(text, next + 1);
  }

  /** 23/11/2026, 23/Nov/2026; 120/500 is how far something is. */
  #isSlashDate(slash: number): boolean {
    const text = this.#text;
    const end = digitsEnd(text, slash + 1);
    if (end > slash + 1) return text.charCodeAt(end) === SLASH && classAt(text, end + 1) === DIGIT;
    return classAt(text, slash + 1) === LETTER && MONTH.test(text.slice(slash, slash + 4));
  }

  /** Times and dates go on over `:`, `.`, `,`, `/` and a zone. */
  #clock(from: number): void {
    const text = this.#text;
    let end = from;
    for (;;) {
      const code = text.charCodeAt(end);
      const goesOn =
        code === COLON || code === DOT || code === COMMA || code === SLASH || code === 43 || code === MINUS;
      if (isWordAt(text, end) || (goesOn && isWordAt(text, end + 1))) end++;
      else break;
    }
    this.end = end;
    this.value = Number.NaN;
  }

  /** A name with digits: letters, digits and what holds the parts of a UUID, a date or an address together. */
  #name(from: number): void {
    const text = this.#text;
    let end = from;
    for (;;) {
      const code = text.charCodeAt(end);
      if (isWordAt(text, end)) end++;
      else if (
        (code === MINUS || code === DOT || code === COLON) &&
        (classAt(text, end + 1) === DIGIT || isHexAt(text, end + 1))
      )
        end += 2;
      else break;
    }
    this.end = end;
    this.value = Number.NaN;
  }
}

const SECOND = UNITS.findIndex(({ text }) => text === 's');

/** Exactly three digits, as behind a separator of thousands. */
const isGroup = (text: string, at: number): boolean => digitsEnd(text, at) === at + 3;
const isHexAt = (text: string, at: number): boolean =>
  at < text.length && isHex(text.charCodeAt(at)) && isHex(text.charCodeAt(at + 1));
const isOpening = (code: number): boolean => code === 40 || code === 91 || code === COMMA || code === 123;
const isWithin = (code: number): boolean => code === 41 || code === 93 || code === 125;
/** Whether a word goes on behind its end, over `-`, `/`, `=` or `_`. */
const isJoined = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return (
    code === MINUS ||
    code === SLASH ||
    code === 61 ||
    (code === DOT && isWordAt(text, at + 1)) ||
    (code === COMMA && isWordAt(text, at + 1))
  );
};

function integerOf(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + text.charCodeAt(at) - 48;
  return value;
}
