/** A string of PromQL in double quotes: escapes are those of Go (prometheus.io, "String literals"). */
export const promString = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`;

/** A regular expression (RE2, of the whole value) for any of these and nothing else. */
export const matchAny = (texts: readonly string[]): string =>
  texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
