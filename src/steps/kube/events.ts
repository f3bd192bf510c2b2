import type { AccessRule, Events, Pods } from '../../core/kube-artifacts.ts';
import type { Named } from '../../core/kube-port.ts';
import { problemOf } from '../../core/problem.ts';
import { ruleText } from '../../core/rights.ts';
import { defineKubeStep, type KubeContext } from '../../core/step.ts';
import { splitReference } from './owner.ts';

/** Events of things that belong to no namespace, such as nodes, are kept in this one (client-go, tools/events and tools/record). */
const NODES_NAMESPACE = 'default';

const listIn = (namespace: string, group = ''): AccessRule => ({ verb: 'list', group, resource: 'events', namespace });

/** What the cluster says happened to the pods, to what owns them and to their nodes. */
export const events = defineKubeStep({
  makes: 'events',
  title: 'Reading the events',
  needs: ['pods'],
  rung: 'api',
  rights: ({ kube: { namespace } }) => [listIn(namespace)],
  alternatives: ({ kube: { namespace } }) => [[listIn(namespace, 'events.k8s.io')]],
  async run(context, { pods }): Promise<Events> {
    const [own, nodes] = await Promise.all([context.kube.events(aboutOf(pods)), ofNodes(context, pods)]);
    const unread = own.unread + nodes.unread;
    return {
      events: [...own.events, ...nodes.events].sort((a, b) => a.lastAtUnixSeconds - b.lastAtUnixSeconds),
      ...(unread > 0 ? { unread } : {}),
      ...(nodes.missing === undefined ? {} : { nodesMissing: nodes.missing }),
    };
  },
  summary: ({ events: found, nodesMissing }) => {
    const warnings = found.filter(({ type }) => type === 'Warning').length;
    const without = nodesMissing === undefined ? '' : ', without those of nodes';
    return `${found.length}${warnings > 0 ? `, ${warnings} of them warnings` : ''}${without}`;
  },
});

/** The pods, their controllers, and the workload that was named. */
function aboutOf({ pods, workload }: Pods): Named[] {
  const owners = pods.flatMap(({ owner }) => splitReference(owner) ?? []);
  const named = workload.kind === undefined ? [] : [{ kind: workload.kind, name: workload.name }];
  return unique([...pods.map(({ name }) => ({ kind: 'Pod', name })), ...owners, ...named]);
}

const unique = (about: readonly Named[]): Named[] => [
  ...new Map(about.map((each) => [`${each.kind}/${each.name}`, each])).values(),
];

interface NodeEvents {
  readonly events: Events['events'];
  readonly unread: number;
  readonly missing?: string;
}

/** Few may read another namespace: what is missing is then said, and the rest is there. */
async function ofNodes({ kube, rights }: KubeContext, { pods }: Pods): Promise<NodeEvents> {
  const nodes = unique(pods.flatMap(({ node }) => (node === undefined ? [] : [{ kind: 'Node', name: node }])));
  if (nodes.length === 0) return { events: [], unread: 0 };
  const rule = listIn(NODES_NAMESPACE);
  const [answer] = await rights.ask([rule]);
  if (answer?.allowed === 'no') return { events: [], unread: 0, missing: `No right to ${ruleText(rule)}.` };
  try {
    return await kube.events(nodes, NODES_NAMESPACE);
  } catch (thrown) {
    return { events: [], unread: 0, missing: problemOf(thrown).message };
  }
}
