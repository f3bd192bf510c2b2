import type { AllocationSite, Endpoints } from '../core/endpoints-artifact.ts';
import type { Evidence, SourcePlace } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { plural } from './amounts.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { askCommand } from './pod/endpoint-evidence.ts';

/** That the program's own tracemalloc names the line that feeds a holder: seen by somebody else. Nothing where it names others. */
export function allocatedEvidence({ endpoints, pods }: HolderGot, places: readonly SourcePlace[]): Evidence[] {
  const feeds = places.filter(({ role }) => role === 'feeds');
  const named = (endpoints === undefined ? [] : ranked(endpoints)).find(({ site }) =>
    feeds.some((place) => isAt(site, place)),
  );
  if (named === undefined || endpoints === undefined || pods === undefined) return [];
  const { page, site, rank } = named;
  const blocks = site.blocks === undefined ? '' : ` in ${plural(site.blocks, 'block')}`;
  const place = rank === 0 ? 'more than at any other line' : `${rank + 1}. of all lines`;
  return [
    {
      says: `The program's own tracemalloc has ${bytesText(site.bytes)}${blocks} allocated at ${site.file}:${site.line}, ${place}.`,
      from: 'endpoints',
      reproduce: askCommand(pods, endpoints.pod, page),
    },
  ];
}

type Page = Extract<Endpoints['found'][number], { is: 'memory' }>;

const ranked = ({ found }: Endpoints): { page: Page; site: AllocationSite; rank: number }[] =>
  found.flatMap((page) => (page.is === 'memory' ? page.sites.map((site, rank) => ({ page, site, rank })) : []));

/** tracemalloc has a file as the interpreter was given it, which may be relative: `app.py`. */
const isAt = ({ file, line }: AllocationSite, place: SourcePlace): boolean =>
  line === place.line && (file === place.file || endsWith(place.file, file) || endsWith(file, place.file));

const endsWith = (path: string, end: string): boolean => path.endsWith(`/${end.replace(/^(\.?\/)+/, '')}`);
