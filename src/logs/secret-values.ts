import { flat } from './flat-text.ts';
import type { Field } from './logfmt.ts';
import { redact } from './redact.ts';

/** Names come again and again: what each hides is found out once. */
const KNOWN = new Map<string, { text: string | undefined; number: boolean }>();
const MOST_KNOWN = 4096;

/** The field, its value hidden where its name says that it is a secret: behind it the value alone would not tell. */
export function withoutSecret(field: Field): Field {
  const [name, value] = field;
  if (typeof value === 'boolean') return field;
  const { text, number } = hiddenBy(name);
  if (typeof value === 'number') return number ? [name, '[hidden]'] : field;
  return text === undefined || value.startsWith('[hidden') ? field : [name, text];
}

/** Whether what stands behind a name is a secret. */
export const namesSecret = (name: string): boolean => hiddenBy(name).text !== undefined;

function hiddenBy(name: string): { text: string | undefined; number: boolean } {
  const known = KNOWN.get(name);
  if (known) return known;
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  const { text } = redact(`{"${last(name)}": "Zq8xK2v9wT4m"}`);
  const hides = {
    text: /\[hidden[^\]]{0,60}\]/.exec(text)?.[0],
    number: redact(`{"${last(name)}": 482913}`).count > 0,
  };
  KNOWN.set(flat(name), hides);
  return hides;
}

/** Of nested objects the name that stands before the value. */
const last = (name: string): string => name.slice(name.lastIndexOf('.') + 1).replace(/["\\\n]/g, '');
