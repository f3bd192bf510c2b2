import type { Evidence } from '../../core/report.ts';
import { bytesText } from '../../util/bytes.ts';
import { countText } from '../../util/count.ts';
import { plural } from '../amounts.ts';
import { type GrowingSite, growingSites } from './growing-sites.ts';
import { growingTypes } from './growing-types.ts';
import type { LogFacts } from './log-facts.ts';
import type { CausedFinding } from './log-finding.ts';

/** Of more, the others are smaller. */
const MOST_SITES = 3;
const MOST_TYPES = 3;
const ENOUGH_TABLES = 5;

/**
 * The findings with what tables of tracemalloc in the log say: the lines that allocate ever more are the places of a number that grows and has
 * none, and speak for it; where no number does they are findings of their own.
 */
export function withSites(
  findings: readonly CausedFinding[],
  { program, showLines }: Pick<LogFacts, 'program' | 'showLines'>,
): readonly CausedFinding[] {
  const sites = growingSites(program.digest.tables).slice(0, MOST_SITES);
  const [first, ...rest] = findings;
  const evidence = [...sites.map((site) => siteEvidence(site, showLines)), ...typeEvidence(program, showLines)];
  if (evidence.length === 0) return findings;
  if (first === undefined || (first.confidence.level === 'low' && sites.length > 0))
    return [...sites.map((site, at) => siteFinding(site, evidence[at]!)), ...findings];
  const places = first.places.length > 0 ? first.places : sites.map(({ place }) => place);
  return [{ ...first, places, evidence: [...first.evidence, ...evidence] }, ...rest];
}

/** `objgraph` and its like say of what there is ever more. */
const typeEvidence = ({ digest }: LogFacts['program'], showLines: LogFacts['showLines']): Evidence[] =>
  growingTypes(digest.tables)
    .slice(0, MOST_TYPES)
    .map(({ type, by, first, last, tables }) => ({
      says: `Objects of type ${type} went from ${countText(first)} to ${countText(last)} in ${plural(tables, 'table')} of ${by}.`,
      from: 'log-digest',
      reproduce: showLines(type),
    }));

const grownText = ({ firstBytes, lastBytes, tables }: GrowingSite): string =>
  `from ${bytesText(firstBytes)} to ${bytesText(lastBytes)} in ${plural(tables, 'table')} of tracemalloc`;

const siteEvidence = (site: GrowingSite, showLines: LogFacts['showLines']): Evidence => ({
  says: `What was allocated at ${site.place.file}:${site.place.line} grew ${grownText(site)}.`,
  from: 'log-digest',
  reproduce: showLines(site.place.file),
});

function siteFinding(site: GrowingSite, evidence: Evidence): CausedFinding {
  const { file, line } = site.place;
  return {
    cause: 'unbounded-collection',
    confidence: { level: site.tables >= ENOUGH_TABLES ? 'medium' : 'low', value: null, basis: 'rule' },
    summary: `What is allocated at ${file}:${line} is kept, and only grows: ${grownText(site)}.`,
    ...(site.bytesPerSecond === undefined ? {} : { explainsBytesPerSecond: Math.round(site.bytesPerSecond) }),
    places: [site.place],
    evidence: [evidence],
    fix: {
      summary: `Find what keeps the objects that ${file}:${line} makes, and bound it or take out what is no longer needed.`,
      advice: [
        'The line makes them; what keeps them may be elsewhere. whyoom --pid names the container that holds them.',
      ],
    },
  };
}
