/**
 * What must not reach a screen as it is: controls (C0, DEL, C1), format characters (bidi overrides and isolates,
 * zero-width ones, tags), line and paragraph separators, and halves of surrogate pairs.
 * Unicode Standard Annex 44, general categories Cc, Cf, Zl, Zp, Cs; "Trojan Source" (CVE-2021-42574) for the bidi ones.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text on one line, with every character that cannot be seen written out: `\n`, `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, escapeOf);
}

/** As {@link visible}, but line feeds and tabs stay: for code and patches of several lines. */
export function visibleLines(text: string): string {
  return text.replace(UNSEEN, (character) => (/[\n\t]/.test(character) ? character : escapeOf(character)));
}

/** JSON text in which the same characters are escaped the JSON way: it says the same and moves no cursor. */
export function visibleJson(json: string): string {
  return json.replace(UNSEEN, (character) =>
    // Line feeds between the fields are JSON.stringify's own; those in strings are escaped already.
    character === '\n' ? character : [...Array(character.length).keys()].map((at) => unit(character, at)).join(''),
  );
}

/** The text, cut to at most `most` UTF-16 units with an ellipsis as the last of them. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, Math.max(0, most - 1));
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (SHORT[character]) return SHORT[character];
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? unit(character, 0) : `\\u{${code.toString(16)}}`;
}

const unit = (text: string, at: number) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
