import { parser } from '@lezer/python';
import type { Scope } from './scopes.ts';

/** A node of the concrete syntax tree; `type` is a name of the grammar of @lezer/python. Parentheses and comments are left out. */
export interface Node {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly parent: Node | undefined;
  readonly children: Node[];
  /** The scope in which its names are looked up; set by `scopes.ts`. */
  scope: Scope | undefined;
}

export interface Syntax {
  readonly text: string;
  readonly root: Node;
  /** Every node, parents before children, in the order of the text. */
  readonly nodes: readonly Node[];
  readonly errors: readonly Node[];
}

/** Files beyond this are not read: code written by people is smaller, and a parse costs time and memory. */
const LONGEST_TEXT = 3_000_000;
const MOST_NODES = 2_500_000;
const LEFT_OUT = new Set(['(', ')', 'Comment']);

const leaf = (type: string, from: number, to: number, parent: Node | undefined): Node => ({
  type,
  from,
  to,
  parent,
  children: [],
  scope: undefined,
});

const nothing = (text: string): Syntax => {
  const root = leaf('Script', 0, 0, undefined);
  return { text, root, nodes: [root], errors: [] };
};

/** The tree of any text. What is no Python becomes error nodes; text too long to be code gives an empty tree. Never throws. */
export function parse(text: string): Syntax {
  if (text.length > LONGEST_TEXT) return nothing(text);
  try {
    return plainTree(text);
  } catch {
    // Nesting that exhausts the parser's stack: hostile, and no code of a person.
    return nothing(text);
  }
}

/** Copies the parser's packed tree into plain nodes, without recursion: nesting is the author's choice, not ours. */
function plainTree(text: string): Syntax {
  const skipped = text.startsWith('\ufeff') ? 1 : 0;
  const cursor = parser.parse(text.slice(skipped)).cursor();
  const root = leaf('Script', 0, text.length, undefined);
  const nodes = [root];
  const errors: Node[] = [];
  let parent: Node | undefined = root;
  for (let inside = cursor.firstChild(); inside && parent && nodes.length < MOST_NODES; ) {
    let made: Node | undefined;
    if (!LEFT_OUT.has(cursor.name)) {
      made = leaf(cursor.name, cursor.from + skipped, cursor.to + skipped, parent);
      parent.children.push(made);
      nodes.push(made);
      if (cursor.type.isError) errors.push(made);
    }
    if (made && cursor.firstChild()) {
      parent = made;
      continue;
    }
    while (!cursor.nextSibling()) {
      parent = parent?.parent;
      if (!parent || !cursor.parent()) {
        inside = false;
        break;
      }
    }
  }
  return { text, root, nodes, errors };
}

/** Offsets at which lines begin. CPython ends a line at LF, CR LF or CR. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** The 1-based line of an offset. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

export const child = (node: Node, type: string): Node | undefined => node.children.find((each) => each.type === type);

/** Children between separators: `a, b = c` at AssignOp is [[a, b], [c]]. Commas are left out. */
export function segments(children: readonly Node[], separator: string): Node[][] {
  const parts: Node[][] = [[]];
  for (const each of children) {
    if (each.type === separator) parts.push([]);
    else if (each.type !== ',') parts.at(-1)!.push(each);
  }
  return parts;
}

/** The first ancestor of one of the types, not further than `limit`. */
export function ancestor(node: Node, types: ReadonlySet<string>, limit?: Node): Node | undefined {
  for (let at = node.parent; at && at !== limit; at = at.parent) if (types.has(at.type)) return at;
  return undefined;
}

export const isWithin = (node: Node, outer: Node): boolean => node.from >= outer.from && node.to <= outer.to;
