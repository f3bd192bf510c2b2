import { describe, expect, test } from 'vitest';
import { judgeLog } from '../../../src/facts/logs/judged-log.ts';
import { LogDigester } from '../../../src/logs/digest.ts';
import { LogReader } from '../../../src/logs/log-reader.ts';
import { seeded } from '../../../src/stats/seeded.ts';

/** How a program may put a number that only grows into words; `N` is the number. */
const KEPT = [
  'Cache size: N thumbnails',
  'cache has N entries',
  'In-memory session store: N sessions',
  'queue depth=N',
  'len(results)=N',
  'N items in cache',
  'pending jobs: N',
  'Holding N images in memory',
  'connections open: N',
  'active subscriptions N',
  'registry now has N callbacks',
  'history length N',
  'cached_results=N hit_rate=0.5',
  'buffered messages: N',
  'Currently tracking N objects',
  'event listeners registered: N',
  'backlog N',
  'seen_urls size N',
  'Processed list has N items',
  'user map contains N keys',
  'N orders on the ledger',
];
const WORK = [
  'Processed N images so far',
  'Handled N requests',
  'N jobs done',
  'total requests served: N',
  'Consumed N messages from queue',
  'cache hits: N',
  'cache misses=N',
  'N entries evicted from the cache',
  'connections accepted: N',
  'Rows inserted: N',
  'Finished batch N',
  'Sent N emails',
  'crawled N pages',
  'Epoch N finished',
  'step N loss 0.5',
  'N items processed',
  'Uploaded N files to the store',
  'iteration N',
  'Completed N tasks since start',
  'entries expired: N',
  'shipped N sessions',
];
const NEITHER = ['uptime N s', 'request id N', 'offset=N', 'worker pid N', 'CPU usage N%', 'took N ms'];

function suspectsOf(wording: string, lives: number, seed: number) {
  const random = seeded(seed);
  const digester = new LogDigester();
  for (let life = 0; life < lives; life++) {
    digester.nextLog();
    const reader = new LogReader((line) => digester.add(line));
    let value = 0;
    for (let at = 0; at < 60; at++) {
      value += 1 + Math.floor(4 * random());
      const time = new Date(1.7e12 + life * 3e6 + at * 1000).toISOString();
      reader.push(Buffer.from(`${time} INFO app: ${wording.replace('N', String(value))}\n`));
      if (random() < 0.4)
        reader.push(Buffer.from(`${time} INFO app: GET /images/${at} took ${20 + Math.floor(30 * random())} ms\n`));
    }
    reader.end();
  }
  const { series } = digester.finish();
  const judged = judgeLog(series);
  return judged.suspects.map(({ number }) => number.series.template);
}

describe.each([1, 2])('in a log of %s lives, without a word of memory,', (lives) => {
  test.each(KEPT)('"%s" may hold it', (wording) => {
    expect(suspectsOf(wording, lives, 1)).toHaveLength(1);
  });
  test.each([...WORK, ...NEITHER])('"%s" holds nothing', (wording) => {
    expect(suspectsOf(wording, lives, 2)).toEqual([]);
  });
});
