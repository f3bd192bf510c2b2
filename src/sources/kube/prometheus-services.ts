import type { PrometheusService } from '../../core/kube-port.ts';
import { type Api, pathOf } from './api.ts';
import { countOf, type Fields, fieldsAt, fieldsOf, listOf, textOf } from './fields.ts';

/** As the common charts and operators label theirs: prometheus-community's two, the operator, older charts. */
const LABELS = [
  'app.kubernetes.io/name=prometheus',
  'operated-prometheus=true',
  'app in (prometheus,kube-prometheus-stack-prometheus)',
];
/** And as they name them, the likeliest first. */
const NAMES = [
  'prometheus-server',
  'kube-prometheus-stack-prometheus',
  'prometheus-k8s',
  'prometheus',
  'prometheus-operated',
];
/** What belongs to Prometheus and is none. */
const OTHER_PARTS = /alertmanager|pushgateway|node-exporter|kube-state-metrics|operator$/;
const MOST_LISTED = 100;
const MOST_FOUND = 20;

/** Services that look like a Prometheus, the likeliest first, of all namespaces or of one. */
export async function findPrometheusServices(api: Api, namespace?: string): Promise<PrometheusService[]> {
  const path = namespace === undefined ? pathOf('api', 'v1', 'services') : servicesPath(namespace);
  const queries = [
    ...LABELS.map((labelSelector) => ({ labelSelector })),
    ...NAMES.map((name) => ({ fieldSelector: `metadata.name=${name}` })),
  ];
  const lists = await Promise.all(queries.map((query) => api.list(path, query, MOST_LISTED)));
  return servicesIn(lists.flatMap(({ items }) => items));
}

export const servicesPath = (namespace: string): string => pathOf('api', 'v1', 'namespaces', namespace, 'services');

/** Each service once. */
export function servicesIn(items: readonly unknown[]): PrometheusService[] {
  const found = new Map(
    items.flatMap((item): [string, PrometheusService][] => {
      const service = serviceOf(item);
      return service ? [[`${service.namespace}/${service.service}`, service]] : [];
    }),
  );
  return [...found.values()].sort((a, b) => rankOf(a) - rankOf(b)).slice(0, MOST_FOUND);
}

const rankOf = ({ service }: PrometheusService): number => {
  const rank = NAMES.indexOf(service);
  return rank === -1 ? NAMES.length - 1.5 : rank;
};

function serviceOf(item: unknown): PrometheusService | undefined {
  const metadata = fieldsAt(item, 'metadata');
  const [service, namespace] = [textOf(metadata.name, 253), textOf(metadata.namespace, 253)];
  const labels = fieldsAt(metadata, 'labels');
  const parts = [service, labels['app.kubernetes.io/component'], labels.component].map((part) => textOf(part) ?? '');
  const port = portOf(listOf(fieldsAt(item, 'spec').ports).map(fieldsOf));
  if (service === undefined || namespace === undefined || !port) return undefined;
  return parts.some((part) => OTHER_PARTS.test(part)) ? undefined : { namespace, service, ...port };
}

const USUAL_PORTS = [9090, 80, 9091, 443];
const USUAL_PORT_NAMES = ['web', 'http', 'http-web', 'https', 'prometheus'];

function portOf(ports: readonly Fields[]): Pick<PrometheusService, 'port' | 'scheme'> | undefined {
  const usual =
    USUAL_PORTS.map((number) => ports.find(({ port }) => port === number)).find((port) => port !== undefined) ??
    ports.find(({ name }) => USUAL_PORT_NAMES.includes(textOf(name) ?? '')) ??
    ports[0];
  const number = countOf(usual?.port);
  if (usual === undefined || number === undefined) return undefined;
  const isTls = number === 443 || usual.name === 'https' || usual.appProtocol === 'https';
  return { port: String(number), ...(isTls ? { scheme: 'https' } : {}) };
}
