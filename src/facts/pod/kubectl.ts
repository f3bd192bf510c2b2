import type { ContainerInfo, Pods } from '../../core/kube-artifacts.ts';
import { shellWord } from '../../util/shell-word.ts';

/** Commands that show what was judged by. Names are data: each word is quoted. */
type Where = Pick<Pods, 'context' | 'workload'>;

/** `kubectl … -n app-95`, against the cluster that was looked at. */
export function kubectl({ context, workload }: Where, ...words: readonly string[]): string {
  const at = [...(workload.namespace === '' ? [] : ['-n', workload.namespace]), ...contextWords(context)];
  // Behind `--` everything is the command's own.
  const own = words.includes('--') ? words.indexOf('--') : words.length;
  return ['kubectl', ...words.slice(0, own), ...at, ...words.slice(own)].map(shellWord).join(' ');
}

/** The same for what is in no namespace. */
export const clusterKubectl = ({ context }: Where, ...words: readonly string[]): string =>
  ['kubectl', ...words, ...contextWords(context)].map(shellWord).join(' ');

const contextWords = (context: string | undefined): string[] => (context === undefined ? [] : ['--context', context]);

/** How the lives of a container ended, as the API keeps it. */
export const statusCommand = (where: Where, pod: string, { name, kind }: Named): string =>
  kubectl(where, 'get', `pod/${pod}`, '-o', `jsonpath={.status.${STATUS[kind]}[?(@.name==${quoted(name)})]}`);

export const specCommand = (where: Where, pod: string, { name, kind }: Named): string =>
  kubectl(where, 'get', `pod/${pod}`, '-o', `jsonpath={.spec.${SPEC[kind]}[?(@.name==${quoted(name)})].resources}`);

export const describeCommand = (where: Where, pod: string): string => kubectl(where, 'describe', `pod/${pod}`);

export const eventsCommand = (where: Where, pod: string): string =>
  kubectl(where, 'get', 'events', '--field-selector', `involvedObject.name=${pod}`);

export const topCommand = (where: Where, pod: string): string => kubectl(where, 'top', 'pod', pod, '--containers');

export const logCommand = (where: Where, pod: string, container: string, previous: boolean): string =>
  kubectl(where, 'logs', `pod/${pod}`, '-c', container, ...(previous ? ['--previous'] : []));

export const nodeCommand = (where: Where, node: string): string => clusterKubectl(where, 'describe', `node/${node}`);

type Named = Pick<ContainerInfo, 'name' | 'kind'>;
const STATUS: Record<ContainerInfo['kind'], string> = {
  main: 'containerStatuses',
  init: 'initContainerStatuses',
  sidecar: 'initContainerStatuses',
  ephemeral: 'ephemeralContainerStatuses',
};
const SPEC: Record<ContainerInfo['kind'], string> = {
  main: 'containers',
  init: 'initContainers',
  sidecar: 'initContainers',
  ephemeral: 'ephemeralContainers',
};

const quoted = (name: string): string => JSON.stringify(name);
