import type { Span } from './redact.ts';

/** Passwords that are given to well-known commands under flags whose names do not tell: `curl -u user:pw`, `mysql -ppw`. */

/** Between two arguments on a command line, or in a list of them as Python and JSON write it. */
const GAP_OPEN = '["\']?(?:[ \\t]{1,8}|,[ \\t]{0,8})';
const BEFORE = '(?<=^|[\\s"\'])';
const flag = (flags: string, user = '') => new RegExp(`${BEFORE}(?:${flags})(["']?)${user}`, 'g');
const USER = '[\\w.@%+-]{1,80}:';

/** By the command, what stands before its password. */
const FLAGS: readonly [RegExp, RegExp][] = [
  [/^curl/, flag(`(?:-[a-zA-Z]{0,8}u|-U)(?:${GAP_OPEN})?|(?:--user|--proxy-user)(?:${GAP_OPEN}|=)`, USER)],
  [/^https?$/, flag(`(?:-a|--auth)(?:${GAP_OPEN}|=)`, USER)],
  [/^(?:mysql|mariadb)/, flag('-p(?=\\S)')],
  [/^sshpass/, flag(`-p(?:${GAP_OPEN})?`)],
  [/^redis-cli/, flag(`-a${GAP_OPEN}`)],
  [/^(?:mongo|docker|podman|helm)/, flag(`-p${GAP_OPEN}`)],
];
const COMMAND =
  /(?<![\w.-])(?:curl|https?(?= )|mysql(?:dump|admin|import|check|show|slap)?|mariadb(?:-dump|-admin)?|sshpass|redis-cli|mongo(?:sh|dump|restore|export|import)?|(?:docker|podman|helm(?: registry)?) login)(?![\w./:-])/g;
const MOST_CHARACTERS = 2048;

/** Looks from each command to the next one, or to the end of its line, so that the time grows with the text only. */
export function commandSecrets(text: string): Span[] {
  const commands = [...text.matchAll(COMMAND)];
  return commands.flatMap(({ 0: command, index }, at) => {
    const start = index + command.length;
    const next = commands[at + 1]?.index ?? text.length;
    const segment = text.slice(start, Math.min(next, start + MOST_CHARACTERS)).split('\n', 1)[0]!;
    const flags = FLAGS.find(([name]) => name.test(command))?.[1];
    return flags === undefined ? [] : valuesIn(segment, flags).map(([from, to]) => spanOf(start + from, start + to));
  });
}

function valuesIn(segment: string, flags: RegExp): [number, number][] {
  const values: [number, number][] = [];
  for (const { 0: before, 1: quote = '', index } of segment.matchAll(flags)) {
    const from = index + before.length;
    const length = quote === '' ? segment.slice(from).search(/[\s"',]|$/) : segment.slice(from).indexOf(quote);
    const value = segment.slice(from, length < 0 ? segment.length : from + length);
    // A variable, or what stands for a value in a usage text, is none.
    if (value !== '' && !/^[$<*{-]|^\[hidden/.test(value)) values.push([from, from + value.length]);
  }
  return values;
}

const spanOf = (start: number, end: number): Span => ({ start, end, kind: 'password' });
