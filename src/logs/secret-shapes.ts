import type { Span } from './redact.ts';

/**
 * Tokens that their first letters tell. Each begins at most once in a run of its own letters, or cannot fail after a long one,
 * so that no text makes the search slow.
 */
const TOKENS = new RegExp(
  [
    '(?<![\\w-])eyJ[\\w-]{8,}\\.[\\w-]{4,}(?:\\.[\\w-]*){0,3}', // JSON Web Token, RFC 7519; five parts when encrypted
    '\\bgh[pousr]_\\w{20,}|\\bgithub_pat_\\w{20,}|\\bglpat-[\\w-]{20,}', // GitHub, GitLab
    '\\b(?:AKIA|ASIA)[A-Z0-9]{16}\\b', // AWS
    '\\bAIza[\\w-]{30,}|\\bya29\\.[\\w-]{20,}|\\bGOCSPX-[\\w-]{20,}', // Google
    '\\bxox[abeoprs]-[\\w-]{10,}|\\bxapp-[\\w-]{10,}|\\bhooks\\.slack\\.com/services/[\\w/]{20,}', // Slack
    '\\b[rs]k_(?:live|test)_\\w{10,}|\\bsk-(?:proj-|ant-)?\\w[\\w-]{19,}', // Stripe, OpenAI, Anthropic
    '\\bnpm_\\w{36,}|\\bpypi-[\\w-]{50,}|\\bhf_\\w{30,}|\\bhvs\\.[\\w-]{20,}', // npm, PyPI, Hugging Face, Vault
    '(?<![\\w-])SG\\.[\\w-]{16,}\\.[\\w-]{16,}', // SendGrid
  ].join('|'),
  'g',
);
const BEARER = /\b(?:bearer|basic)[ \t]{1,8}(?=[\w.~+/=-]{8})/gi;
const BEARER_VALUE = /[\w.~+/=-]+/y;

export function tokens(text: string): Span[] {
  const spans = [...text.matchAll(TOKENS)].map(({ 0: { length }, index }) => spanOf(index, index + length, 'token'));
  for (const { 0: scheme, index } of text.matchAll(BEARER)) {
    BEARER_VALUE.lastIndex = index + scheme.length;
    const value = BEARER_VALUE.exec(text)![0];
    // "Basic authentication" is no login.
    if (/[\d=]/.test(value)) spans.push(spanOf(BEARER_VALUE.lastIndex - value.length, BEARER_VALUE.lastIndex, 'token'));
  }
  return spans;
}

/** `scheme://user:password@host`: a password may itself hold `/` and `@`. */
export function logins(text: string): Span[] {
  return [...text.matchAll(/:\/\/([^\s"'<>`]+)/g)].flatMap(({ 1: rest = '', index }) => {
    const end = loginEnd(rest);
    const login = rest.slice(0, end);
    return end <= 0 || MARKED.test(login) ? [] : [spanOf(index + 3, index + 3 + end, 'login')];
  });
}
const MARKED = /^\[hidden[^\]]*\]$/;

function loginEnd(rest: string): number {
  const slash = rest.indexOf('/');
  const query = rest.indexOf('?');
  const place = slash >= 0 && slash < query ? rest.slice(0, query) : rest;
  const last = place.lastIndexOf('@');
  if (last < 0 || place.slice(0, last).includes(':')) return last;
  const first = place.indexOf('@');
  return slash < 0 || first < slash ? first : -1;
}

const LOCAL_CHARACTERS = 64; // RFC 5321, 4.5.3.1.1
const MAIL_HOST = /@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,8}\.[a-z]{2,24}(?![\w-])/gi;

export function emails(text: string): Span[] {
  return [...text.matchAll(MAIL_HOST)].flatMap(({ 0: host, index }) => {
    let start = index;
    while (start > index - LOCAL_CHARACTERS && start > 0 && /[\w.+%-]/.test(text[start - 1]!)) start--;
    return start === index ? [] : [spanOf(start, index + host.length, 'e-mail')];
  });
}

/** In one piece, or in the groups that are printed on cards. Issuers' prefixes by ISO/IEC 7812; 13 digits at least. */
const CARD =
  /(?<![\w.-])(?<![\d][ ])(?:[2-6]\d{12,18}|[2-6]\d{3}([ -])\d{4}\1\d{4}\1\d{4}|3\d{3}([ -])\d{6}\2\d{5})(?![\w-]|\.\d| \d)/g;
const ISSUED = /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15,18})$/;

export function cards(text: string): Span[] {
  return [...text.matchAll(CARD)].flatMap(({ 0: match, index }) => {
    const digits = match.replace(/[ -]/g, '');
    return ISSUED.test(digits) && isLuhn(digits) ? [spanOf(index, index + match.length, 'card')] : [];
  });
}

/** The check digit of ISO/IEC 7812-1. */
function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const twice = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += at % 2 === 0 ? digit : twice;
  }
  return sum % 10 === 0;
}

const spanOf = (start: number, end: number, kind: string): Span => ({ start, end, kind });
