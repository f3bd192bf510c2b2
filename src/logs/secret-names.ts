/** How programs call their secrets. The two lists lie side by side, so that a new word gets into both. */

/**
 * Of an argument, a flag, a variable of the environment: rather one too many is hidden than one too few, as a command line
 * has few arguments and none of them is a measurement.
 */
export const SECRET_NAME = /pass(?!es|ive)|pwd|pw$|token|secret|credential|key|auth(?!or(?!i[sz]))/i;

/** Where one of these words is not, no name of a secret is. */
export const SECRET_WORD = /pass|pwd|pw\b|secret|token|credential|key|auth|cookie/gi;

/** What may follow the word in a name: `SECRET_KEY_BASE`, `password2`, `token_b64`. */
const TAIL = '(?:[_.-]?(?:value|base|base64|b64|hash|old|new|\\d{1,2}))?$';
const named = (words: string) => new RegExp(`(?:${words})${TAIL}`, 'i');

const HEADER = /^(?:proxy-)?authorization$/i;
const COOKIE = /^(?:set-)?cookie$/i;
// `bypass` and `compass` are no passwords; `dbPass` is one.
const PASSWORD = named('pass(?:word|wd|phrase|code)|(?<![a-z])(?:pass|pwd|pw)|(?<=[a-z])P(?:ass|wd)|pwd');
const SECRET = named('secret|credentials?');
const TOKEN = named('token|(?<![a-z])jwt');
const QUALIFIER =
  'api|access|secret|private|account|encryption|signing|master|auth|session|storage|shared|ssh|service|license|client|consumer';
const KEY = named(`(?:${QUALIFIER})[_.-]?key`);
const PERHAPS = named('key|auth|authorization|authentication');

export type SecretKind = 'authorization' | 'cookie' | 'password' | 'secret' | 'token' | 'key';

/**
 * What a name in a log says of the value behind it; `isSure` is false where most such values are no secrets: the keys of caches and tables.
 * Narrower than for arguments, as logs count tokens (`tokens=512`) and name keys, and those numbers are wanted.
 */
export function secretKind(name: string): { kind: SecretKind; isSure: boolean } | undefined {
  if (HEADER.test(name)) return { kind: 'authorization', isSure: true };
  if (COOKIE.test(name)) return { kind: 'cookie', isSure: true };
  if (PASSWORD.test(name)) return { kind: 'password', isSure: true };
  if (SECRET.test(name)) return { kind: 'secret', isSure: true };
  if (TOKEN.test(name)) return { kind: 'token', isSure: true };
  if (KEY.test(name)) return { kind: 'key', isSure: true };
  return PERHAPS.test(name) ? { kind: 'key', isSure: false } : undefined;
}
