import type { Processes } from '../core/artifacts.ts';
import { bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import type { Facts } from './verdict-facts.ts';

/** What a process that is not read gained must be more than this: an import, or the allocator, takes as much. */
const LEAST_BYTES = 2 ** 20;
const LEAST_SHARE = 0.025;
const MOST_COMMAND = 80;

/** That another Python process of the tree grew most, and how to read it; undefined where none grew. */
export function grownOther({ series, trend, processes, inPod }: Facts): string | undefined {
  const [most] = (series?.others ?? [])
    .map(({ pid, firstBytes, lastBytes }) => ({ pid, lastBytes, gained: lastBytes - firstBytes }))
    .filter(({ gained, lastBytes }) => gained > Math.max(LEAST_BYTES, lastBytes * LEAST_SHARE))
    .sort((a, b) => b.gained - a.gained);
  if (most === undefined || trend === undefined) return undefined;
  const command = processes?.tree.find(({ pid }) => pid === most.pid)?.command.slice(0, MOST_COMMAND);
  const named = command ? `${most.pid} (${command})` : `${most.pid}`;
  const gained = `grew by ${bytesText(most.gained)} in ${secondsText(trend.seconds)}`;
  return `Nothing was seen to grow in the process that was read, but process ${named} ${gained} and was not read: ${inPod ? 'look again, it may be chosen then' : `whyoom --pid ${most.pid}`}`;
}

/** Two that differ by less than this part of the larger one run alike. */
const ALIKE_SHARE = 0.25;

/** `4 Python processes run alike, 41.2 MiB to 43.0 MiB each; process 17 was read.` Undefined where the one that was read is the only of its kind. */
export function workersAlike(processes: Processes | undefined): string | undefined {
  const read = processes?.tree.find(({ pid }) => pid === processes.chosenPid);
  if (processes === undefined || read === undefined) return undefined;
  const alike = processes.tree
    .filter(({ python, parentPid }) => python !== undefined && parentPid === read.parentPid)
    .map(({ rssBytes }) => rssBytes)
    .filter((bytes) => Math.abs(bytes - read.rssBytes) <= ALIKE_SHARE * Math.max(bytes, read.rssBytes));
  if (alike.length < 2) return undefined;
  const range = `${bytesText(Math.min(...alike))} to ${bytesText(Math.max(...alike))}`;
  return `${alike.length} Python processes run alike, ${range} each; process ${read.pid} was read.`;
}
