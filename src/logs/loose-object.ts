import { bracketEnd, quotedEnd, unquoted, writtenValue } from './logfmt.ts';

/**
 * The names and values of an object as far as it can be read: JSON of which the end was cut off, or a Python dictionary as `print` writes it.
 * What is nested stays a text. Empty where it is none of these.
 */
export function looseObject(text: string): Record<string, unknown> {
  const found: [string, unknown][] = [];
  let at = 1;
  while (at < text.length && found.length < 256) {
    at = skipBlanks(text, at);
    const quote = text[at];
    if (quote !== '"' && quote !== "'") break;
    const keyEnd = quotedEnd(text, at);
    const colon = keyEnd < 0 ? -1 : skipBlanks(text, keyEnd);
    if (colon < 0 || text[colon] !== ':') break;
    const start = skipBlanks(text, colon + 1);
    const end = valueEnd(text, start);
    found.push([unquoted(text.slice(at, keyEnd)), writtenValue(text.slice(start, end).trim())]);
    at = skipBlanks(text, end);
    if (text[at] !== ',') break;
    at++;
  }
  return Object.fromEntries(found);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 32) at++;
  return at;
}

/** An unended value goes on to the end of what is there. */
function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"' || first === "'") {
    const end = quotedEnd(text, start);
    return end < 0 ? text.length : end;
  }
  if (first === '{' || first === '[' || first === '(') {
    const end = bracketEnd(text, start);
    return end < 0 ? text.length : end;
  }
  const comma = text.indexOf(',', start);
  const brace = text.indexOf('}', start);
  if (comma < 0) return brace < 0 ? text.length : brace;
  return brace < 0 ? comma : Math.min(comma, brace);
}
