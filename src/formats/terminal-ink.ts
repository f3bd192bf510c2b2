/** Colours text, or leaves it as it is. */
export type Ink = Readonly<Record<'red' | 'yellow' | 'green' | 'bold', (text: string) => string>>;

const CODES = { red: '1;31', yellow: '1;33', green: '32', bold: '1' } as const;

/** ECMA-48 "select graphic rendition"; the only control sequences that whyoom writes. */
export function inkFor(color: boolean): Ink {
  const paint = (code: string) => (text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  return { red: paint(CODES.red), yellow: paint(CODES.yellow), green: paint(CODES.green), bold: paint(CODES.bold) };
}
