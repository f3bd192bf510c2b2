import { withoutMain } from '../core/program.ts';
import { countText } from '../util/count.ts';
import type { HeapHolder } from './growing-holders.ts';

/** Numbers in sentences, in the grammar of one and of many. */

/** `once`, `twice`, `3 times` */
export const timesText = (count: number): string =>
  count === 1 ? 'once' : count === 2 ? 'twice' : `${countText(count)} times`;

/** `1 item (dict)`, `900 items (str) in 30 containers`, `120 bytes` of a bytearray. */
export function itemsText(holder: Pick<HeapHolder, 'type' | 'elementType' | 'instances'>, items: number): string {
  const { type, elementType, instances } = holder;
  const among = instances > 1 ? ` in ${countText(instances)} containers` : '';
  if (type === 'bytearray') return `${plural(items, 'byte')}${among}`;
  const kind = elementType === undefined ? '' : ` (${withoutMain(elementType)})`;
  return `${plural(items, 'item')}${kind}${among}`;
}

/** A script's own names need no module. */
export const plainName = ({ name }: Pick<HeapHolder, 'name'>): string => withoutMain(name);

/** `1 item`, `2 items` */
export const plural = (count: number, noun: string): string => `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;

const SPANS = [
  { name: 'second', seconds: 1 },
  { name: 'minute', seconds: 60 },
  { name: 'hour', seconds: 3600 },
  { name: 'day', seconds: 86_400 },
] as const;

/** `46 more a second`, `1.5 more a minute`: by the span in which one comes at least. Undefined where that is no day. */
export function rateText(itemsPerSecond: number): string | undefined {
  const span = SPANS.find(({ seconds }) => itemsPerSecond * seconds >= 0.95);
  if (span === undefined) return undefined;
  const rate = itemsPerSecond * span.seconds;
  return `${rate >= 9.95 ? countText(rate) : Number(rate.toPrecision(2))} more ${span.name === 'hour' ? 'an' : 'a'} ${span.name}`;
}

/** `a, b and c`; of many, the first three and how many more. */
export function listText(names: readonly string[], most = 3): string {
  const shown = names.length > most + 1 ? names.slice(0, most) : names;
  const rest = names.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} more`] : shown;
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
