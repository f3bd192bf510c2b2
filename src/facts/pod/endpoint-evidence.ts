import type { AllocationSite, Endpoints, FoundEndpoint } from '../../core/endpoints-artifact.ts';
import type { Pods } from '../../core/kube-artifacts.ts';
import type { Evidence } from '../../core/report.ts';
import { bytesText } from '../../util/bytes.ts';
import { plural } from '../amounts.ts';
import { kubectl } from './kubectl.ts';

/** Gauges that are told; the artifact has more. */
const MOST_GAUGES = 3;
/** Places that are told one after the other. */
const MOST_SITES = 3;

/** What the programs in the pod say of their own memory, and what could be asked by hand. */
export function endpointEvidence(endpoints: Endpoints | undefined, where: Pods): Evidence[] {
  if (endpoints === undefined) return [];
  const { pod, found, skipped } = endpoints;
  const told = found.map((each) => ({
    says: saysOf(each, askCommand(where, pod, each)),
    from: 'endpoints',
    reproduce: askCommand(where, pod, each),
  }));
  const first = skipped[0];
  const left = first && {
    says: `${skipped.map(({ path, port }) => `${path} on port ${port}`).join(', ')}: not asked, for ${first.why}; to ask all the same: ${askCommand(where, pod, first)}`,
    from: 'endpoints',
    reproduce: askCommand(where, pod, first),
  };
  return [...told, ...(left ? [left] : [])];
}

function saysOf(found: FoundEndpoint, command: string): string {
  const at = `${found.path} on port ${found.port}`;
  switch (found.is) {
    case 'metrics':
      return `${at} has metrics: ${metricsText(found)}.`;
    case 'memory':
      return `${at} tells of the program's own memory: ${memoryText(found)}.`;
    case 'toolbar':
      return `A ${found.of === 'flask' ? 'Flask' : 'Django'} debug toolbar is on port ${found.port}: open http://localhost:${found.port}/ after ${command}`;
    case 'pprof':
      return `${at} gives a heap profile for go tool pprof.`;
  }
}

function metricsText({
  residentBytes,
  python,
  uncollectable = 0,
  gauges,
}: Extract<FoundEndpoint, { is: 'metrics' }>): string {
  const parts = [
    residentBytes === undefined ? undefined : `${bytesText(residentBytes)} resident`,
    python === undefined ? undefined : `Python ${python}`,
    uncollectable > 0 ? `${plural(uncollectable, 'object')} that the collector could not free` : undefined,
    ...gauges.slice(0, MOST_GAUGES).map(({ name, value }) => `${name} ${numberText(value)}`),
  ].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(', ') : 'none of them of memory';
}

function memoryText({
  residentBytes,
  tracedBytes,
  peakBytes,
  sites,
}: Extract<FoundEndpoint, { is: 'memory' }>): string {
  const parts = [
    residentBytes === undefined ? undefined : `${bytesText(residentBytes)} resident`,
    tracedBytes === undefined ? undefined : `${bytesText(tracedBytes)} traced`,
    peakBytes === undefined ? undefined : `${bytesText(peakBytes)} at its peak`,
    sites.length > 0 ? `most was allocated at ${sites.slice(0, MOST_SITES).map(siteText).join(', ')}` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

const siteText = ({ file, line, bytes, blocks }: AllocationSite): string =>
  `${file}${line === undefined ? '' : `:${line}`} (${bytesText(bytes)}${blocks === undefined ? '' : ` in ${plural(blocks, 'block')}`})`;

const numberText = (value: number): string =>
  new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }).format(value);

/** Asks a port of the pod by hand. */
export function askCommand(where: Pods, pod: string, { port, path }: { port: number; path: string }): string {
  const forward = kubectl(where, 'port-forward', `pod/${pod}`, String(port));
  if (path === '/') return forward;
  // A while until the port is there.
  return `${forward} & sleep 2; curl -s localhost:${port}${path}`;
}
