import { commandSecrets } from './secret-commands.ts';
import { SECRET_NAME } from './secret-names.ts';

/** Stands for what was left out. */
const HIDDEN = '[hidden]';

const NAME = /[\w.-]+/g;
/** `=`, or the colon of a header, a dict or JSON; `module:app`, as servers take it, has neither quote nor space. */
const SEPARATOR = /["']?\s*=\s*|["']\s*:\s*|\s*:(?=["'])|\s*:\s+/y;
const COLON = /:/y;
const BETWEEN = /\s+(?!--)/y;
/** A word as a shell reads it, quoted or not, also without its closing quote; with the scheme before it in a header. */
const VALUE = /(?:(?:Bearer|Basic|Token|Digest)\s+)?(?:"(?:[^"\\]|\\[\s\S])*"?|'[^']*'?|\\[\s\S]?|[^\s"'\\])+/iy;

/**
 * The arguments of a command without the secrets in them: the values of flags and variables whose names speak of a
 * password, token, secret, key or credentials (`--db-password=…`, `--token …`, `API_KEY=…`, `X-Api-Key: …`), also inside
 * an argument that is a command itself (`sh -c '…'`), the passwords of well-known commands (`curl -u`, `mysql -p…`), and what stands
 * before the @ of a URL. A secret under a name that does not tell cannot be known for one.
 */
export function withoutSecrets(given: readonly string[]): string[] {
  const argv = withoutPasswords(given);
  return argv.map((argument, at) => {
    const before = argv[at - 1] ?? '';
    const isValue = /^--?[\w.-]+$/.test(before) && SECRET_NAME.test(before) && !argument.startsWith('--');
    return isValue ? HIDDEN : withoutLogins(withoutNamed(argument));
  });
}

/** What stands behind the flag of a command goes to the end of its argument, or of its word where the command is one argument. */
function withoutPasswords(argv: readonly string[]): string[] {
  const spans = commandSecrets(argv.join(' '));
  let start = 0;
  return argv.map((argument) => {
    const from = spans.find((span) => span.start >= start && span.start < start + argument.length)?.start;
    const at = start;
    start += argument.length + 1;
    if (from === undefined) return argument;
    const own = commandSecrets(argument);
    if (own.length === 0) return argument.slice(0, from - at) + HIDDEN;
    return own.reduceRight((text, span) => text.slice(0, span.start) + HIDDEN + text.slice(span.end), argument);
  });
}

const DIGEST = /@[a-z\d+._-]{1,40}:[\da-f]{32,}$/i;
const URL_SCHEME = /^[a-z][a-z\d+.-]{0,20}:\/\//i;

/** The name of an image without a login before its host, as a registry's URL may have one; the @ of `name@sha256:…` is a digest's. */
export function imageWithoutLogin(image: string): string {
  const at = image.replace(DIGEST, '').lastIndexOf('@');
  return at < 0 ? image : `${URL_SCHEME.exec(image)?.[0] ?? ''}${HIDDEN}${image.slice(at)}`;
}

/** Looks at each name once, from the left, so that the time grows with the text only. */
function withoutNamed(text: string): string {
  const space = text.search(/\s/);
  let kept = '';
  let from = 0;
  for (const { 0: name, index } of text.matchAll(NAME)) {
    if (index < from || !SECRET_NAME.test(name)) continue;
    const start = valueStart(text, name, index + name.length);
    if (start === undefined) continue;
    // Before any space it is an argument `NAME=VALUE`, and the value, spaces and all, goes to its end.
    const end = space < 0 || index < space ? text.length : endOf(VALUE, text, start);
    if (end === undefined || end === start) continue;
    kept += text.slice(from, start) + HIDDEN;
    from = end;
  }
  return kept + text.slice(from);
}

/** Where the value that belongs to a name begins. Header names have hyphens, and need no space after the colon. */
function valueStart(text: string, name: string, at: number): number | undefined {
  const header = name.includes('-') ? endOf(COLON, text, at) : undefined;
  const flagged = name.startsWith('-') ? endOf(BETWEEN, text, at) : undefined;
  return endOf(SEPARATOR, text, at) ?? header ?? flagged;
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** `scheme://user:password@host`: a password may itself hold `/` and `@`. */
const withoutLogins = (text: string): string =>
  text.replace(/\S+/g, (word) => {
    const start = word.indexOf('://') + 3;
    const last = word.lastIndexOf('@');
    if (start < 3 || last < start) return word;
    const slash = word.indexOf('/', start);
    const first = word.indexOf('@', start);
    if (word.slice(start, last).includes(':')) return word.slice(0, start) + HIDDEN + word.slice(last);
    return slash < 0 || first < slash ? word.slice(0, start) + HIDDEN + word.slice(first) : word;
  });
