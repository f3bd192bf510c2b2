import type { Frame } from './row.ts';

const LONGEST = 1024;

/** `<frozen importlib._bootstrap>` has a space; a path that has one is whole where it begins the text. */
const LAST_NAME = /(?:<[^<>]{1,200}>|(?:[A-Za-z]:[\\/])?[^\s:"']{1,1024})$/;

/** The file at the end of a text in which something may stand before it; undefined where there is none. */
export function fileAtEnd(text: string): string | undefined {
  if (text.length <= LONGEST && /^(?:\/|[A-Za-z]:\\|<)[^:]*$/.test(text.replace(/^[A-Za-z]:\\/, '/'))) return text;
  return LAST_NAME.exec(text.slice(-LONGEST))?.[0];
}

/** tracemalloc gives line 0 where it groups by file. */
export const frameOf = (file: string, line: number): Frame => (line > 0 ? { file, line } : { file });

/** `  File "/app/x.py", line 34`, as tracebacks have it; `lineno 34` in warnings of tracemalloc's. */
export function tracebackFrame(text: string): Frame | undefined {
  const found = /^\s*File "([^"]{1,1024})", line(?:no)? (\d{1,9})(?:, in .{0,300})?$/.exec(text);
  return found ? frameOf(found[1]!, Number(found[2])) : undefined;
}
