import { visible } from '../../util/text-escape.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import { COMMON, type Layout, TYPE_FLAGS } from './layout.ts';

/** No name in a program is longer; a longer one is data or damage. */
const NAME_CHARACTERS = 1000;
const decoders = { 1: new TextDecoder('latin1'), 2: new TextDecoder('utf-16le') } as const;

/** A C string of at most 256 bytes; '' where there is none. */
export function cString(snapshot: Snapshot, address: number): string {
  const bytes = snapshot.slice(address, 256);
  const end = bytes.indexOf(0);
  return decoders[1].decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * The text of the str at a word, for names (of variables, classes, files); undefined where no str is, or one too long
 * to be a name. PEP 393: kind 1, 2 or 4 bytes a character; compact ones carry the data behind the header.
 */
export function readStr(snapshot: Snapshot, layout: Layout, word: number): string | undefined {
  if (word < 0 || !isStr(snapshot, word)) return undefined;
  const length = snapshot.signed(word + COMMON.str.length / 8);
  const state = snapshot.int32(word, COMMON.str.state);
  const kind = (state >>> COMMON.str.kindShift) & 7;
  const compact = (state >>> COMMON.str.compactBit) & 1;
  const ascii = (state >>> COMMON.str.asciiBit) & 1;
  if (length < 0 || length > NAME_CHARACTERS || compact === 0 || (kind !== 1 && kind !== 2 && kind !== 4))
    return undefined;
  const data = snapshot.address(word) + (ascii ? layout.str.asciiSize : layout.str.compactSize);
  const bytes = snapshot.slice(data, length * kind);
  return kind === 4 ? wideText(bytes) : decoders[kind].decode(bytes);
}

/** As `readStr`, for what is shown as a name and never looked up: without characters that cannot be seen. */
export function readName(snapshot: Snapshot, layout: Layout, word: number): string | undefined {
  const text = readStr(snapshot, layout, word);
  return text === undefined ? undefined : visible(text);
}

/** Whether this str was interned: a constant of the source that looks like a name is, data usually is not. */
export function isInterned(snapshot: Snapshot, word: number): boolean {
  return (snapshot.int32(word, COMMON.str.state) & 3) !== 0;
}

export function isStr(snapshot: Snapshot, word: number): boolean {
  const type = snapshot.follow(word + 1);
  if (type < 0) return false;
  return (snapshot.words[2 * (type + COMMON.type.flags / 8)]! & TYPE_FLAGS.strSubclass) !== 0;
}

function wideText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    text += String.fromCodePoint(Math.min(code, 0x10ffff));
  }
  return text;
}
