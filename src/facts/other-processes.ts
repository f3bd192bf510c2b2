import { bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import type { Facts } from './verdict-facts.ts';

/** What a process that is not read gained must be more than this: an import, or the allocator, takes as much. */
const LEAST_BYTES = 2 ** 20;
const LEAST_SHARE = 0.025;
const MOST_COMMAND = 80;

/** That another Python process of the tree grew most, and how to read it; undefined where none grew. */
export function grownOther({ series, trend, processes }: Facts): string | undefined {
  const [most] = (series?.others ?? [])
    .map(({ pid, firstBytes, lastBytes }) => ({ pid, lastBytes, gained: lastBytes - firstBytes }))
    .filter(({ gained, lastBytes }) => gained > Math.max(LEAST_BYTES, lastBytes * LEAST_SHARE))
    .sort((a, b) => b.gained - a.gained);
  if (most === undefined || trend === undefined) return undefined;
  const command = processes?.tree.find(({ pid }) => pid === most.pid)?.command.slice(0, MOST_COMMAND);
  const named = command ? `${most.pid} (${command})` : `${most.pid}`;
  const gained = `grew by ${bytesText(most.gained)} in ${secondsText(trend.seconds)}`;
  return `Nothing was seen to grow in the process that was read, but process ${named} ${gained} and was not read: whyoom --pid ${most.pid}`;
}
