import { defineDetector } from '../core/detector.ts';
import { growingHolders } from '../facts/growing-holders.ts';
import { plainName } from '../facts/holder-finding.ts';
import { memoryTrend } from '../facts/memory-trend.ts';
import { bytesText } from '../util/bytes.ts';

/** Memory rose and then stood still while it was watched: caches filled, modules were loaded. */
export const warmUp = defineDetector({
  id: 'warm-up',
  title: 'Grew, and has settled',
  needs: ['memory-series'],
  uses: ['heap-growth', 'source'],
  detect(got) {
    const series = got['memory-series'];
    if (memoryTrend(series).shape !== 'settled') return [];
    const growth = got['heap-growth'];
    const holders = growth ? growingHolders(growth, got.source, series) : [];
    if (holders.some((each) => each.judgement === 'leaks')) return [];
    const [first, last] = [series.samples[0]![1], series.samples.at(-1)![1]];
    const filled = holders.find((each) => each.judgement === 'settled');
    const where = filled ? ` ${plainName(filled.holder)} filled to ${filled.holder.items} items.` : '';
    return [
      {
        confidence: { level: 'medium', value: null, basis: 'rule' },
        summary: `Memory rose from ${bytesText(first)} to ${bytesText(last)} and then stood still.${where}`,
        places: [],
        evidence: [
          {
            says: `The last third of the ${series.samples.length} samples shows no rise.`,
            from: 'memory-series',
            reproduce: `grep VmRSS /proc/${series.pid}/status`,
          },
        ],
        fix: { summary: 'Nothing to do, unless it rises again: look once more later.', advice: [] },
      },
    ];
  },
});
