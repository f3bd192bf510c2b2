/** Anything that Markdown, a forge's shorthand (mentions, issue numbers, formulas, emoji) or an autolinker could act on. */
const ACTIVE = /[\\`*_[\]<>|~&@#$^{}]|:\/\/|www\.|:[a-z_+-][\w+-]*:|^(?:mailto|xmpp):/i;
/** Signs at the start of a line that make it a heading, a list, a rule or a quotation. */
const LINE_START = /^(?:[-+=]+|\d+[.)])(?=$|\s|[-+=])/;

/** What the writer of a sentence set as code: `like this`. */
const QUOTED = /`([^`\s](?:[^`]*[^`\s])?)`/;

/** The text as running text that is only ever text: each word that could mean more is set as code. One line. */
export function markdownText(text: string): string {
  const pieces = text.split(QUOTED).map((piece, at) => (at % 2 === 1 ? markdownCode(piece) : inertWords(piece)));
  // Two spans side by side would run their fences together.
  const line = pieces.reduce((left, right) => left + (left.endsWith('`') && right.startsWith('`') ? ' ' : '') + right);
  return line.trim().replace(LINE_START, (sign) => sign.replace(/[-+=.)]/, '\\$&'));
}

const inertWords = (text: string) =>
  text.replace(/\s+/g, ' ').replace(/[^ ]+/g, (word) => (ACTIVE.test(word) ? codeWord(word) : word));

/** The text as a code span, fenced by more backticks than it has in a row. One line. */
export function markdownCode(text: string): string {
  const inner = text.replace(/\s/g, ' ');
  if (inner.trim() === '') return '';
  const fence = '`'.repeat(longestRun(inner) + 1);
  const pad = /^[` ]|[` ]$/.test(inner) ? ' ' : '';
  return `${fence}${pad}${inner}${pad}${fence}`;
}

/** The text as a fenced block: the fence is longer than any run of backticks inside. */
export function markdownBlock(text: string, language = ''): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text.replace(/\n+$/, '')}\n${fence}`;
}

/**
 * A table. Cells are Markdown already. A pipe in them is written as `\x7c`: parsers disagree on what a pipe after a
 * backslash means, and one that ends the cell would leave a code span open.
 */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\x7c')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Punctuation around the word stays outside of the code. */
function codeWord(word: string): string {
  const [, open = '', core = '', close = ''] = /^([("'“]*)(.*?)([)"'”.,:;!?]*)$/s.exec(word) ?? [];
  // A call such as `del(x)` keeps its bracket.
  const inner = core.includes('(') && close.startsWith(')') ? `${core})` : core;
  return `${open}${markdownCode(inner)}${word.slice(open.length + inner.length)}`;
}

const longestRun = (text: string) => (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
