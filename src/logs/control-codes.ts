/** All that is no character of a text, but tab and line feed: C0, DEL, C1. */
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
/** Colours and other commands to a terminal (ECMA-48, 5.4 and 5.6): `ESC [ … m`, `ESC ] … BEL`, the same with one character for two. */
const COMMANDS =
  /(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c]{0,2048}(?:\x07|\x1b\\|\x9c)|\x1b[ -/]{0,4}[0-~]/g;

/** The text without commands to a terminal and other controls. */
export function cleaned(text: string): string {
  if (!CONTROL.test(text)) return text;
  return text.replace(COMMANDS, '').replace(CONTROLS, '');
}

/** Whether what was cleaned is no text: a quarter of it and more are controls or no characters. What a file's gap left (NUL) does not count. */
export function unreadable(raw: string, text: string): boolean {
  let bad = 0;
  for (const { length } of text.matchAll(/\ufffd+/g)) bad += length;
  const visible = raw.replace(COMMANDS, '').replace(/^\0+/, '');
  return (visible.length - text.length + bad) * 4 > visible.length;
}
