import type { AccessRule, Rights } from './kube-artifacts.ts';
import type { KubePort } from './kube-port.ts';
import { ProblemError } from './problem.ts';

type Answer = Rights['answers'][number];

/** What the API server allows: each rule is asked once, however many steps need it. */
export interface RightsLedger {
  /** Asks for what was not asked yet. A server that will not say leaves `unknown`: then the step is tried. */
  ask(rules: readonly AccessRule[]): Promise<Answer[]>;
  /** Everything that was asked so far, in the order of asking. */
  answers(): Promise<Answer[]>;
}

export function createRightsLedger(kube: Pick<KubePort, 'mayI'>): RightsLedger {
  const asked = new Map<string, Promise<Answer>>();
  const one = (rule: AccessRule): Promise<Answer> => {
    const key = ruleText(rule);
    const known = asked.get(key) ?? answerTo(kube, rule);
    asked.set(key, known);
    return known;
  };
  return { ask: (rules) => Promise.all(rules.map(one)), answers: () => Promise.all(asked.values()) };
}

const answerTo = (kube: Pick<KubePort, 'mayI'>, rule: AccessRule): Promise<Answer> =>
  kube.mayI(rule).then(
    (said) => ({ rule, ...said }),
    () => ({ rule, allowed: 'unknown' as const }),
  );

/** Why a step is not tried; undefined where nothing that it needs is refused. `target` is what the command line named. */
export function refusedRight(answers: readonly Answer[], target: string): ProblemError | undefined {
  const refused = answers.filter(({ allowed }) => allowed === 'no');
  if (refused.length === 0) return undefined;
  const rules = refused.map(({ rule }) => ruleText(rule)).join(', ');
  return new ProblemError('denied', `No right to ${rules}.`, roleHint(target));
}

/** The command that prints what to grant. */
export const roleHint = (target: string): string => `The Role that allows it: whyoom preflight ${target} -o yaml`;

/** `get pods/log in app-95`, `list deployments.apps in app-95`, `get nodes` */
export function ruleText({ verb, group, resource, namespace }: AccessRule): string {
  const [plural = '', ...sub] = resource.split('/');
  const named = [group ? `${plural}.${group}` : plural, ...sub].join('/');
  return `${verb} ${named}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
