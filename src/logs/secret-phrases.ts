import type { Span } from './redact.ts';

/** Secrets that no `=` or `:` gives away: those of signed URLs, and passwords that are told in a sentence. */

/**
 * Signatures of URLs: Azure's SAS (`sig`), CloudFront's and Google's (`Signature`), `X-Amz-Signature`, `X-Goog-Signature`, also where the
 * URL is itself a parameter of another, or in JSON. Shorter values are no signatures.
 */
const SIGNATURE =
  /(?:[?&;,]|\\u0026|%26|%3f|\s)(?:sig|signature|x-(?:amz|goog)-(?:signature|security-token|credential))(?:=|%3d)(?=[\w%+/.~-]{16})/gi;
const SIGNATURE_VALUE = /[\w%+/.~=-]+/y;
const PARAMETER_END = /%26/i;

export function signatures(text: string): Span[] {
  return [...text.matchAll(SIGNATURE)].map(({ 0: { length }, index }) => {
    SIGNATURE_VALUE.lastIndex = index + length;
    const value = SIGNATURE_VALUE.exec(text)![0].split(PARAMETER_END, 1)[0]!;
    return { start: index + length, end: index + length + value.length, kind: 'signature' };
  });
}

/** `password 'x'`, `IDENTIFIED BY 'x'`, `password is x`; names in quotes, as in error messages, are followed by their quote. */
const SPOKEN =
  /\b(?:pass(?:word|phrase|code|wd)|identified[ \t]{1,4}by(?=[ \t]{1,4}["']))(?:[ \t]{1,4}(?:is|was|set[ \t]to|changed[ \t]to|to)(?:[ \t]{1,4}now)?)?:?[ \t]{1,4}(?=["'`]?[^\s"'`[])/gi;
const IN_QUOTES = /(["'`])([^\s"'`]{1,200})\1/y;
const BARE = /[^\s"'`]{1,200}/y;
const WORDS = /[^\n"'`.,;]{1,200}/y;
const VERB = /(?:is|was|to|now):?[ \t]+$/i;
/** A word by itself says something of the password, as a rule: only where it ends the line, and is none of these, it is one. */
const ORDINARY =
  /^(?:[a-z]+(?:ed|ing|ly|ent|ive|less|ble|ious)|an?|the|no[tw]?|too|on|off|in|at|of|by|for|from|with|and|or|as|if|it|its|be|been|still|also|only|already|null|none|nil|true|false|invalid|valid|wrong|bad|good|ok(?:ay)?|correct|incorrect|weak|strong|short|long|empty|blank|unset|set|safe|secure|insecure|unknown|old|new|same|different|due|stale|right|fine|here|there|this|that|your|my|our|his|their|case-sensitive|plain|plaintext|encoded|clear|sent|kept|stored|optional|mandatory|default|disk|file|stdin|env|environment|vault|use|log|continue|proceed|access|connect|authenticate|change|update|reset|check|verify|hash|string|bytes|str|int|bcrypt|n\/a)$/i;
const WORD = /^[a-z-]+$/i;

/** Passwords in a sentence, with or without quotes. */
export function spoken(text: string): Span[] {
  return [...text.matchAll(SPOKEN)].flatMap(({ 0: told, index }) => {
    const at = index + told.length;
    const quoted = matched(IN_QUOTES, text, at);
    if (quoted !== undefined) return [{ start: at + 1, end: at + quoted.length - 1, kind: 'password' }];
    if (!VERB.test(told)) return [];
    const isPhrase = /^passphrase/i.test(told);
    const value = matched(isPhrase ? WORDS : BARE, text, at)?.replace(/[.,;:!?)\]}]+$/, '') ?? '';
    return isPassword(isPhrase ? value.split(/\s/, 1)[0]! : value, isPhrase || isLast(text, at + value.length))
      ? [{ start: at, end: at + value.length, kind: 'password' }]
      : [];
  });
}

const isLast = (text: string, at: number): boolean => /^[.,;:!?)\]}]*(?:\s*$|\r?\n)/.test(text.slice(at, at + 8));

function isPassword(value: string, isAtEnd: boolean): boolean {
  if (value === '' || /^[<*$%{]/.test(value)) return false;
  return WORD.test(value) ? isAtEnd && !ORDINARY.test(value) : true;
}

function matched(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
