import type { KubeTarget } from '../core/kube-port.ts';
import { shellWord } from '../util/shell-word.ts';
import { UsageError } from './usage-error.ts';

/**
 * A target as kubectl takes it: `TYPE/NAME`, `TYPE NAME`, a bare pod, `pods -l SELECTOR` or `-l SELECTOR` alone. Undefined:
 * nothing of that kind was named. Throws a UsageError where it is no target, or more than one.
 */
export function kubeTargetOf(words: readonly string[], selector: string | undefined): KubeTarget | undefined {
  if (selector !== undefined) return selectorOf(words, selector);
  const [first, second, ...more] = words;
  if (first === undefined) return undefined;
  if (more.length > 0 || (second !== undefined && (first.includes('/') || second.includes('/'))))
    throw new UsageError('More than one target.', 'Give one: TYPE/NAME, or -l SELECTOR for the pods of several.');
  if (second !== undefined) return { by: 'name', type: first, name: named(second) };
  const [type, name, ...rest] = first.split('/');
  if (name === undefined) return { by: 'name', type: 'pods', name: named(first) };
  if (!type || !name || rest.length > 0)
    throw new UsageError(`"${first}" is no target.`, 'Write it like deploy/orca, or a pod by its name.');
  return { by: 'name', type, name: named(name) };
}

/** The same where something was named: a lone number is a process to everybody but kubectl. `command` is how it is given one. */
export function workloadOf(words: readonly string[], selector: string | undefined, command: string): KubeTarget {
  const [first] = words;
  if (words.length === 1 && /^\d+$/.test(first!))
    throw new UsageError(`"${first}" alone is no target.`, `A process is given as: ${command} --pid ${first}`);
  return kubeTargetOf(words, selector)!;
}

function selectorOf(words: readonly string[], selector: string): KubeTarget {
  const [type, ...more] = words;
  if (more.length > 0 || (type !== undefined && !/^(po|pods?)$/.test(type)))
    throw new UsageError('-l is for pods, and takes no name.', 'For example: whyoom -l app=orca -n app-95');
  if (selector.trim() === '') throw new UsageError('-l: no selector.', 'For example: -l app=orca');
  return { by: 'selector', selector };
}

/** The flags that a command line must have again to mean the same target, asked by the same user. */
const KEPT = { namespace: '-n', kubeconfig: '--kubeconfig', context: '--context', as: '--as' } as const;

/** The target as a command line names it again, quoted for a shell. */
export function targetText(target: KubeTarget, options: { readonly [K in keyof typeof KEPT]?: string }): string {
  const what = target.by === 'selector' ? ['-l', target.selector] : [wordOf(target)];
  const flags = (Object.keys(KEPT) as (keyof typeof KEPT)[]).flatMap((key) => {
    const value = options[key];
    return value === undefined ? [] : [KEPT[key], value];
  });
  return [...what, ...flags].map(shellWord).join(' ');
}

const wordOf = ({ type, name }: Extract<KubeTarget, { by: 'name' }>): string =>
  type === 'pods' ? name : `${type}/${name}`;

/** Names of Kubernetes objects are those of paths at most (apimachinery, api/validation/path): `.`, `..`, `/` and `%` are none. */
function named(name: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/%\s]/.test(name) && name.length <= 253) return name;
  throw new UsageError(`"${name}" is no name of a Kubernetes object.`, 'Names are listed by: kubectl get pods');
}
