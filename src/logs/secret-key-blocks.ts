import type { Span } from './redact.ts';

const MARKER = /-----(BEGIN|END) [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** A key of 16,384 bits has 12 KB. */
export const MOST_KEY_CHARACTERS = 64 * 1024;
/** What the API or a logger puts before each line. */
const PREFIX = /(?:\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)? )?[ \t]{0,64}/y;
const BASE64_LINE = /^[A-Za-z\d+/=]{20,}$/;
/** The last one of a key. */
const SHORT_LINE = /^[A-Za-z\d+/=]+$/;

/** PEM blocks of private keys (RFC 7468), each of their lines. A block that was cut at either end is hidden as far as it goes. */
export function privateKeys(text: string): Span[] {
  const spans: Span[] = [];
  let opened: RegExpExecArray | undefined;
  let from = 0;
  for (const marker of text.matchAll(MARKER)) {
    const end = marker.index + marker[0].length;
    if (marker[1] === 'BEGIN') {
      if (opened) spans.push(...unclosed(text, opened, marker.index));
      opened = marker;
      continue;
    }
    const start = opened?.index ?? base64Start(text, from, marker.index);
    if (end - start <= MOST_KEY_CHARACTERS) spans.push(...linesOf(text, start, end));
    else spans.push(...(opened ? unclosed(text, opened, marker.index) : []), ...linesOf(text, marker.index, end));
    opened = undefined;
    from = end;
  }
  return opened ? [...spans, ...unclosed(text, opened, text.length)] : spans;
}

/** The marker, and the lines below that can be nothing else. */
function unclosed(text: string, begin: RegExpExecArray, most: number): Span[] {
  const limit = Math.min(most, begin.index + MOST_KEY_CHARACTERS);
  let end = begin.index + begin[0].length;
  while (end < limit && text[end] === '\n') {
    const next = text.indexOf('\n', end + 1);
    const lineEnd = next < 0 || next > limit ? limit : next;
    if (!BASE64_LINE.test(text.slice(contentStart(text, end + 1), lineEnd).trimEnd())) break;
    end = lineEnd;
  }
  return linesOf(text, begin.index, end);
}

/** Where the lines of a key begin whose first ones were cut off. */
function base64Start(text: string, least: number, end: number): number {
  let start = contentStart(text, text.lastIndexOf('\n', end - 1) + 1);
  if (start > end) start = end;
  const limit = Math.max(least, end - MOST_KEY_CHARACTERS);
  const lastLineEnd = text.lastIndexOf('\n', start);
  for (let lineEnd = lastLineEnd; lineEnd > limit; ) {
    const lineStart = text.lastIndexOf('\n', lineEnd - 1) + 1;
    const content = Math.max(contentStart(text, lineStart), limit);
    const isBase64 = lineEnd === lastLineEnd ? SHORT_LINE : BASE64_LINE;
    if (!isBase64.test(text.slice(content, lineEnd).trimEnd())) break;
    start = content;
    lineEnd = lineStart - 1;
  }
  return start;
}

function contentStart(text: string, lineStart: number): number {
  PREFIX.lastIndex = lineStart;
  PREFIX.test(text);
  return PREFIX.lastIndex;
}

/** A span a line, without what stands before each. */
function linesOf(text: string, start: number, end: number): Span[] {
  const spans: Span[] = [];
  for (let at = start; at < end; ) {
    const next = text.indexOf('\n', at);
    const lineEnd = next < 0 || next > end ? end : next;
    const content = at === start ? start : Math.min(contentStart(text, at), lineEnd);
    if (content < lineEnd)
      spans.push({ start: content, end: lineEnd, kind: 'private key', ...(spans.length > 0 ? { more: true } : {}) });
    at = lineEnd + 1;
  }
  return spans;
}
