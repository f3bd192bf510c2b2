import type { Uses } from '../source-code/index.ts';
import { bytesText } from '../util/bytes.ts';
import { itemsText, listText, plainName, rateText } from './amounts.ts';
import type { GrowingHolder } from './growing-holders.ts';

/** One sentence that names the holder, what it keeps, what an item costs and whether anything takes some out. */
export function summaryOf(grown: GrowingHolder): string {
  const { holder, items, itemsNow, seenAgain } = grown;
  const grows = items.shape === 'only-grows' && items.falls === 0 ? 'only grows' : 'grows';
  const told = [
    `${itemsText(holder, itemsNow)} ${seenAgain ? 'now' : 'when last counted'}`,
    rateText(items.itemsPerSecond),
    costText(grown),
    emptiedText(grown.uses),
  ];
  const name = holder.kind === 'none' ? 'What nobody refers to' : plainName(holder);
  return `${name} ${grows}: ${told.filter((each) => each !== undefined).join(', ')}.`;
}

/** A byte of a buffer costs a byte. */
function costText({ holder, bytesPerItem }: GrowingHolder): string | undefined {
  return bytesPerItem === undefined || holder.type === 'bytearray'
    ? undefined
    : `about ${bytesText(bytesPerItem)} each`;
}

function emptiedText(uses: Uses | undefined): string | undefined {
  if (uses === undefined || uses.feeds.length === 0) return undefined;
  return uses.empties.length === 0 ? 'and nothing takes any out' : `emptied only ${emptiedWhere(uses)}`;
}

/** `in Cache.clear and main`, `at module level` */
export function emptiedWhere({ emptiedOnlyIn }: Uses): string {
  const functions = emptiedOnlyIn.filter((name) => name !== '<module>');
  const within = functions.length === 0 ? [] : [`in ${listText(functions)}`];
  const outside = functions.length < emptiedOnlyIn.length ? ['at module level'] : [];
  return [...within, ...outside].join(', and ');
}
