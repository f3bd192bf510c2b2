const MOST_CHARACTERS = 16 * 1024;
const QUOTES = '\'"';

/** How many elements a printed Python list has, as far as the text goes: commas that are in no other brackets and no quotes. */
export function itemsInList(text: string): number {
  const end = Math.min(text.length, MOST_CHARACTERS);
  let depth = 0;
  let items = 0;
  let hasBegun = false;
  for (let at = 0; at < end; at++) {
    const character = text[at]!;
    if (depth === 1 && !hasBegun && !/[\s\]]/.test(character)) {
      hasBegun = true;
      items++;
    }
    if (QUOTES.includes(character)) at = afterString(text, at, end);
    else if ('[({<'.includes(character)) depth++;
    else if ('])}>'.includes(character)) depth--;
    else if (character === ',' && depth === 1) hasBegun = false;
    if (depth <= 0) break;
  }
  return items;
}

/** Where the string that begins here has its closing quote. */
function afterString(text: string, from: number, end: number): number {
  for (let at = from + 1; at < end; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === text[from]) return at;
  }
  return end;
}
