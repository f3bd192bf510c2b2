import type { Evidence } from '../core/report.ts';
import { writtenName } from '../source-code/index.ts';
import { bytesText } from '../util/bytes.ts';
import { countText } from '../util/count.ts';
import { secondsText } from '../util/duration.ts';
import { shellWord } from '../util/shell-word.ts';
import { itemsText } from './amounts.ts';
import type { GrowingHolder } from './growing-holders.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { emptiedWhere } from './holder-summary.ts';
import { lookAgain, runThere } from './process-place.ts';

/** That there are more items than before. */
export function growthEvidence(got: HolderGot, grown: GrowingHolder): Evidence[] {
  const past = pastEvidence(got, grown);
  return grown.since?.decides ? past : [watchedEvidence(got, grown), ...past];
}

/** That there were fewer in the case that it is compared with. */
function pastEvidence(got: HolderGot, { holder, itemsNow, since }: GrowingHolder): Evidence[] {
  if (since === undefined) return [];
  const { itemsBefore, seconds, atMost, sinceStart } = since;
  const items = itemsText({ ...holder, elementType: undefined, instances: 1 }, itemsBefore);
  const young = sinceStart ? ', when the process had just started and may still have been loading' : '';
  return [
    {
      says: `${atMost ? 'At most ' : ''}${items} ${secondsText(seconds)} before${young}; ${countText(itemsNow)} now.`,
      from: 'baseline',
      reproduce: lookAgain(got, '--baseline', 'CASE'),
    },
  ];
}

function watchedEvidence(got: HolderGot, grown: GrowingHolder): Evidence {
  const { holder, itemsBefore, itemsNow, seconds, seenAgain } = grown;
  const first = `${itemsText({ ...holder, elementType: undefined, instances: 1 }, itemsBefore)} at first`;
  const last = seenAgain
    ? `${countText(itemsNow)} after ${secondsText(seconds)}`
    : `${countText(itemsNow)} when last counted, within ${secondsText(seconds)}`;
  return {
    says: `${first}, ${last}${countsText(grown)}; ${keptText(grown)}.`,
    from: 'heap-growth',
    reproduce: lookAgain(got),
  };
}

function countsText({ countsBetween, items }: GrowingHolder): string {
  if (countsBetween === 0) return '';
  const counts = countsBetween === 1 ? 'the count between' : `the ${countText(countsBetween)} counts between`;
  return items.falls === 0 ? `, never fewer in ${counts}` : `, fewer at ${items.falls} of ${counts}`;
}

function keptText({ holder, itemsBefore, itemsNow, heldNow, seenAgain }: GrowingHolder): string {
  if (seenAgain) return `${itemsNow === 1 ? 'it keeps' : 'they keep'} ${bytesText(heldNow)}`;
  const held = bytesText(holder.retainedBytes + holder.sharedBytes);
  return `the ${itemsBefore === 1 ? 'one' : countText(itemsBefore)} at first kept ${held}`;
}

/** What the source says about emptying; nothing where it does not show what feeds the holder. */
export function sourceEvidence(got: HolderGot, { holder, uses, items }: GrowingHolder): Evidence[] {
  const feed = uses?.feeds[0];
  if (uses === undefined || feed === undefined) return [];
  const where = uses.empties.length === 0 ? '' : emptiedWhere(uses);
  const unseen = items.falls === 0 ? '; at no count were there fewer items than before' : '';
  const says =
    where === ''
      ? 'Never emptied: no pop, del, clear, new assignment or bound in the files that were read.'
      : `Emptied only ${where}${unseen}.`;
  const name = writtenName(holder.site);
  const reproduce = name
    ? `grep -nw ${shellWord(name)} ${shellWord(feed.file)}`
    : `sed -n ${feed.line}p ${shellWord(feed.file)}`;
  return [{ says, from: 'source', reproduce: runThere(got, reproduce) }];
}

/** That the objects reserve more than the process's memory grows by. */
export const untouchedEvidence = (got: HolderGot, reserved: number, inMemory: number): Evidence => ({
  says: `Its objects reserve ${bytesText(reserved)}/s, and memory grows by ${bytesText(inMemory)}/s: a buffer takes memory only where it was written to.`,
  from: 'heap-growth',
  reproduce: lookAgain(got),
});
