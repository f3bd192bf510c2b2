import type { Family } from './container-types.ts';
import type { Denotes } from './denotes.ts';
import type { Program } from './program.ts';
import { statementOf } from './reaching.ts';
import type { Node } from './syntax.ts';
import type { Held } from './types.ts';

/** What one occurrence of the holder in the source does with it. */
export interface Operation {
  readonly does: 'feeds' | 'empties' | 'creates' | 'reads' | 'measures';
  /** `append`, `[]=`, `=`, … */
  readonly name: string;
  /** The expression that stands for the container. */
  readonly container: Node;
  /** The whole operation: the call, the subscript, the statement. */
  readonly node: Node;
  readonly statement: Node;
  readonly read?: Reading;
  /** The assigned value of `creates` and of `=`. */
  readonly value?: Node | undefined;
  /** The elements that were taken out are used: the container is a queue. */
  readonly consumed?: boolean;
}

export type Reading =
  /** Looked up by key; `guarded` copes with a missing key. */
  | { readonly how: 'key'; readonly guarded: boolean }
  /** By position; `last` counts from the end, so that forgetting old elements does not show. */
  | { readonly how: 'index' }
  | { readonly how: 'recent'; readonly last: number }
  | { readonly how: 'element' };

export interface Look {
  readonly program: Program;
  readonly held: Held;
  readonly family: Family;
  readonly level: Denotes;
}

export const make = (
  does: Operation['does'],
  name: string,
  container: Node,
  node: Node,
  more?: Partial<Operation>,
): Operation[] => [{ does, name, container, node, statement: statementOf(node) ?? node, ...more }];
export const reads = (name: string, container: Node, node: Node, read: Reading): Operation[] =>
  make('reads', name, container, node, { read });
