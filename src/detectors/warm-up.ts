import { defineDetector } from '../core/detector.ts';
import { plainName, plural } from '../facts/amounts.ts';
import { growingHolders } from '../facts/growing-holders.ts';
import { memoryCommand } from '../facts/memory-evidence.ts';
import { memoryTrend } from '../facts/memory-trend.ts';
import { byRule, memoryEvidence } from '../facts/pod/finding-parts.ts';
import { POD_NEEDS, POD_USES } from '../facts/pod/pod-artifacts.ts';
import { podFacts } from '../facts/pod/pod-facts.ts';
import { PLACE_USES } from '../facts/process-place.ts';
import { sinceBaseline } from '../facts/since-baseline.ts';
import { bytesText } from '../util/bytes.ts';
import { countText } from '../util/count.ts';

const FIX = { summary: 'Nothing to do, unless it rises again: look once more later.', advice: [] };

/** Memory rose and then stood still while it was watched: caches filled, modules were loaded. */
export const warmUp = defineDetector({
  id: 'warm-up',
  title: 'Grew, and has settled',
  needs: ['memory-series'],
  uses: ['heap', 'heap-growth', 'source', 'memory-limit', 'baseline', ...PLACE_USES],
  detect(got) {
    // In a container it is that one's memory that counts.
    if (got.inside !== undefined) return [];
    const series = got['memory-series'];
    if (memoryTrend(series).shape !== 'settled') return [];
    const holders = growingHolders(got['heap-growth'], got.source, series, sinceBaseline(got));
    if (holders.some((each) => each.judgement === 'leaks')) return [];
    const [first, last] = [series.samples[0]![1], series.samples.at(-1)![1]];
    const filled = holders.find((each) => each.judgement === 'settled');
    const where = filled ? ` ${plainName(filled.holder)} filled to ${plural(filled.itemsNow, 'item')}.` : '';
    return [
      {
        confidence: { level: 'medium', value: null, basis: 'rule' },
        summary: `Memory rose from ${bytesText(first)} to ${bytesText(last)} and then stood still.${where}`,
        places: [],
        evidence: [
          {
            says: `The last third of the ${countText(series.samples.length)} samples hardly rises.`,
            from: 'memory-series',
            reproduce: memoryCommand(got),
          },
        ],
        fix: FIX,
      },
    ];
  },
});

/** The same of a container, by what the API gives. */
export const podWarmUp = defineDetector({
  id: 'warm-up',
  title: 'Grew, and has settled',
  needs: POD_NEEDS,
  uses: POD_USES,
  detect(got) {
    const facts = podFacts(got);
    const of = facts.chosen;
    if (of?.trend?.shape !== 'settled' || of.kills.length > 0) return [];
    const [first, last] = [of.samples[0]![1], of.samples.at(-1)![1]];
    return [
      {
        confidence: byRule('medium'),
        summary: `Memory rose from ${bytesText(first)} to ${bytesText(last)} and then stood still.`,
        places: [],
        evidence: memoryEvidence(facts, of),
        fix: FIX,
      },
    ];
  },
});
