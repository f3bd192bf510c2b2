import type { Finding } from '../core/report.ts';
import { findUses, type Uses } from '../source-code/index.ts';
import { bytesText } from '../util/bytes.ts';
import { itemsText, plainName } from './amounts.ts';
import type { HeapHolder } from './growing-holders.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { causeOfHolder, type HolderCause } from './holder-cause.ts';
import { fixOf } from './holder-fix.ts';
import { lookAgain } from './process-place.ts';
import { placesOf, reported } from './reported-holder.ts';

/** A container that keeps this part of the process's objects deserves a look even where nothing shows that it grows. */
const SUSPECT_SHARE = 0.2;
const MOST_SUSPECTS = 3;

/** Where growth could not be seen, what is big already: a lead, no verdict. */
export function suspects(got: HolderGot, cause: HolderCause): Omit<Finding, 'cause'>[] {
  const files = got.source?.files ?? [];
  return got.heap.holders
    .filter((holder) => holder.kind !== 'none' && holder.kind !== 'interpreter' && holder.bound === undefined)
    .filter((holder) => holder.retainedBytes + holder.sharedBytes > got.heap.objectBytes * SUSPECT_SHARE)
    .slice(0, MOST_SUSPECTS)
    .map((holder) => ({ holder, uses: files.length === 0 ? undefined : findUses(files, holder) }))
    .filter(({ holder, uses }) => causeOfHolder(holder, uses) === cause)
    .map(({ holder, uses }) => suspectFinding(got, holder, uses));
}

function suspectFinding(got: HolderGot, holder: HeapHolder, uses: Uses | undefined): Omit<Finding, 'cause'> {
  const { items } = holder;
  const bytes = holder.retainedBytes + holder.sharedBytes;
  const bytesPerItem = items === 0 ? undefined : bytes / items;
  const inItems = items === 0 ? '' : ` in ${itemsText(holder, items)}`;
  const says = `${plainName(holder)} keeps ${bytesText(bytes)}${inItems}`;
  return {
    confidence: { level: 'low', value: null, basis: 'rule' },
    summary: `${says}; whether it grows was not seen.`,
    holder: reported(holder, bytesPerItem),
    places: placesOf(uses),
    evidence: [{ says: `${says}.`, from: 'heap', reproduce: lookAgain(got) }],
    fix: fixOf(got, holder, uses, { items, bytes, bytesPerItem }),
  };
}
