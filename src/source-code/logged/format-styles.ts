import type { Node } from '../syntax.ts';
import { isPlace, type Message, type MessagePart, type Place } from './message-part.ts';

/** What a text is filled with. */
export interface Values {
  readonly positional: readonly Node[];
  named(name: string): Node | undefined;
  /** Makes the place of a value, or its text where that is known. */
  part(value: Node, isNumber: boolean): MessagePart;
}

const unknown = (expression: string, isNumber = false): Place => ({ expression, value: undefined, isNumber });

/** A constant that is printed by a format may look otherwise. */
const padded = (part: MessagePart, specification: string): MessagePart =>
  isPlace(part) || specification === '' ? part : unknown(part.text);

const onTexts = (message: Message, fill: (text: string) => MessagePart[]): Message =>
  message.flatMap((part) => (isPlace(part) ? [part] : fill(part.text)));

/** `%(name)-5.2f`: https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting */
const CONVERSION = /%(?:\(([^()]{1,100})\))?[#0\- +]{0,8}(\*|\d{1,6})?(?:\.(\*|\d{1,6}))?[hlL]?([diouxXeEfFgGcrsa%])/y;

/** `"%d of %s" % (…)`, and what logging does with its arguments. */
export function fillPercent(message: Message, values: Values): Message {
  let next = 0;
  return onTexts(message, (text) => {
    const parts: MessagePart[] = [];
    let from = 0;
    for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', from)) {
      CONVERSION.lastIndex = at;
      const found = CONVERSION.exec(text);
      parts.push({ text: text.slice(from, found ? at : at + 1) });
      from = at + (found ? found[0].length : 1);
      if (!found) continue;
      const [, name, width, precision, conversion] = found;
      if (conversion === '%') {
        parts.push({ text: '%' });
        continue;
      }
      next += (width === '*' ? 1 : 0) + (precision === '*' ? 1 : 0);
      const isNumber = !'crsa'.includes(conversion!);
      const value = name === undefined ? values.positional[next++] : values.named(name);
      parts.push(value ? padded(values.part(value, isNumber), width ?? '') : unknown(name ?? '', isNumber));
    }
    return [...parts, { text: text.slice(from) }];
  });
}

/** How many values `%` takes by position or by name. */
export const percentCount = (text: string): number =>
  [...text.matchAll(new RegExp(CONVERSION.source, 'g'))].filter((found) => found[4] !== '%').length;

const FIELD = /^([^!:]*)(?:!([rsa]))?(?::([\s\S]*))?$/;

/** Whether a format specification lets nothing but a number through. */
export const isNumeric = (specification: string): boolean =>
  !/%[A-Za-z]/.test(specification) && /[,_]|[bdeEfFgGnoxX%]$/.test(specification);

/** `"{} of {name:,}".format(…)`, and what loguru does with its arguments. */
export function fillBraces(message: Message, values: Values): Message {
  let next = 0;
  return onTexts(message, (text) => {
    const parts: MessagePart[] = [];
    let plain = '';
    for (let at = 0; at < text.length; ) {
      const end = text[at] === '{' && text[at + 1] !== '{' ? fieldEnd(text, at) : undefined;
      if (end === undefined) {
        const isDoubled = (text[at] === '{' || text[at] === '}') && text[at + 1] === text[at];
        plain += text[at];
        at += isDoubled ? 2 : 1;
        continue;
      }
      const [, name = '', , specification = ''] = FIELD.exec(text.slice(at + 1, end)) ?? [];
      const [first = '', path = ''] = /^([^.[]*)([\s\S]*)$/.exec(name)?.slice(1) ?? [];
      const value = first === '' ? values.positional[next++] : valueNamed(values, first);
      const isNumber = isNumeric(specification);
      parts.push({ text: plain });
      plain = '';
      parts.push(value && path === '' ? padded(values.part(value, isNumber), specification) : unknown(name, isNumber));
      at = end + 1;
    }
    return [...parts, { text: plain }];
  });
}

const valueNamed = (values: Values, name: string): Node | undefined =>
  /^\d+$/.test(name) ? values.positional[Number(name)] : values.named(name);

const LONGEST_FIELD = 300;

/** Where `{…}` closes; fields may stand in the specification of a field. Undefined: it does not. */
function fieldEnd(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < text.length && at < from + LONGEST_FIELD; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return undefined;
}

/** `string.Template('$size of ${name}')`. */
export function fillDollars(message: Message, values: Values): Message {
  return onTexts(message, (text) => {
    const parts: MessagePart[] = [];
    let from = 0;
    for (const found of text.matchAll(/\$(?:(\$)|([a-zA-Z_]\w*)|\{([a-zA-Z_]\w*)\})/g)) {
      const name = found[2] ?? found[3];
      parts.push({ text: text.slice(from, found.index) + (name === undefined ? '$' : '') });
      from = found.index + found[0].length;
      if (name === undefined) continue;
      const value = values.named(name);
      parts.push(value ? values.part(value, false) : unknown(name));
    }
    return [...parts, { text: text.slice(from) }];
  });
}
