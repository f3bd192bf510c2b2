import type { Report } from '../core/report.ts';
import { asciiText } from '../util/ascii.ts';
import { clipped, visible, visibleLines } from '../util/text-escape.ts';

/** UTF-16 units of a text that a person is shown; the JSON has them all. */
export interface Lengths {
  readonly sentence: number;
  readonly name: number;
  readonly patch: number;
}
const SENTENCES = ['headline', 'summary', 'advice', 'says', 'message', 'hint', 'reproduce', 'code'];

/**
 * The report with every text in it cut to a length that can be read and freed of what cannot be seen.
 * The formats for people start from this one, so that none of them can forget a field.
 */
export function shownReport(report: Report, lengths: Lengths, { ascii } = { ascii: false }): Report {
  return mapped(report, '', (text, field) => {
    const shown = shownText(text, field, lengths);
    return ascii ? asciiText(shown) : shown;
  });
}

function mapped<T>(value: T, field: string, change: (text: string, field: string) => string): T {
  if (typeof value === 'string') return change(value, field) as T & string;
  if (Array.isArray(value)) return value.map((each) => mapped(each, field, change)) as T & unknown[];
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each, key, change)])) as T;
}

/** Only patches have lines. Code is shown on its own, so its indentation tells nothing. */
function shownText(text: string, field: string, most: Lengths): string {
  if (field === 'patch') return visibleLines(clipped(text, most.patch));
  const length = SENTENCES.includes(field) ? most.sentence : most.name;
  return visible(clipped(field === 'code' ? text.trim() : text, length));
}
