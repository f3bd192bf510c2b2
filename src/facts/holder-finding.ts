import type { Finding } from '../core/report.ts';
import { allocatedEvidence } from './allocated-evidence.ts';
import { explainedBy, growthInMemory } from './explained-growth.ts';
import { type GrowingHolder, growingHolders } from './growing-holders.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { causeOfHolder, type HolderCause } from './holder-cause.ts';
import { confidenceIn } from './holder-confidence.ts';
import { growthEvidence, sourceEvidence, untouchedEvidence } from './holder-evidence.ts';
import { fixOf } from './holder-fix.ts';
import { summaryOf } from './holder-summary.ts';
import { suspects } from './holder-suspects.ts';
import { memoryEvidence } from './memory-evidence.ts';
import { memoryTrend } from './memory-trend.ts';
import { ageEvidence } from './process-age.ts';
import { growingReported, placesOf } from './reported-holder.ts';
import { sinceBaseline } from './since-baseline.ts';

/** Findings on the holders that leak and whose cause is the one asked for; what is merely big where growth is not known. */
export function holderFindings(got: HolderGot, cause: HolderCause): Omit<Finding, 'cause'>[] {
  const growth = got['heap-growth'];
  const since = sinceBaseline(got);
  if ((growth === undefined || growth.watched === 0) && !since?.sameProcess) return suspects(got, cause);
  const all = growingHolders(growth, got.source, got['memory-series'], since);
  return all
    .filter((each) => each.judgement === 'leaks' && causeOfHolder(each.holder, each.uses) === cause)
    .map((each) => growingFinding(got, each, all));
}

function growingFinding(got: HolderGot, grown: GrowingHolder, all: readonly GrowingHolder[]): Omit<Finding, 'cause'> {
  const { holder, uses, bytesPerItem } = grown;
  const explained = explainedBy(grown, all);
  const series = got['memory-series'];
  const inMemory = series && growthInMemory(explained, memoryTrend(series));
  return {
    confidence: confidenceIn(got, grown),
    summary: summaryOf(grown),
    explainsBytesPerSecond: inMemory ?? explained,
    holder: growingReported(grown, inMemory),
    places: placesOf(uses),
    evidence: [
      ...(grown.since?.decides ? [] : ageEvidence(got)),
      ...growthEvidence(got, grown),
      ...sourceEvidence(got, grown),
      ...allocatedEvidence(got, placesOf(uses)),
      ...(inMemory === undefined ? [] : [untouchedEvidence(got, explained, inMemory)]),
      ...memoryEvidence(got),
    ],
    fix: fixOf(got, holder, uses, { items: grown.itemsNow, bytes: grown.heldNow, bytesPerItem }),
  };
}
