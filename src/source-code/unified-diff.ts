/** Replaces the text between two offsets. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The text with all edits made. Edits may not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let made = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    made += text.slice(at, edit.from) + edit.text;
    at = edit.to;
  }
  return made + text.slice(at);
}

interface Change {
  /** 0-based line of the old text at which it begins. */
  start: number;
  removed: string[];
  added: string[];
}

const CONTEXT = 3;

/**
 * A unified diff for `patch -p1` (POSIX.1-2017, diff, "Diff -u Output Format"). Lines keep their endings, so that CR LF
 * stays CR LF. Undefined for a path that the format cannot carry.
 */
export function unifiedDiff(path: string, text: string, edits: readonly Edit[]): string | undefined {
  const name = path.replace(/^(\.?\/)+/, '');
  if (name === '' || /[\x00-\x1f\x7f"\\]/.test(name) || name.split('/').includes('..')) return undefined;
  const lines = splitLines(text);
  const changes = findChanges(text, lines, edits);
  if (changes.length === 0) return undefined;
  // A tab ends a name with spaces in it.
  const end = /\s/.test(name) ? '\t' : '';
  const hunks = grouped(changes);
  let shift = 0;
  let diff = `--- a/${name}${end}\n+++ b/${name}${end}\n`;
  for (const hunk of hunks) {
    diff += hunkText(lines, hunk, shift);
    shift += hunk.reduce((sum, change) => sum + change.added.length - change.removed.length, 0);
  }
  return diff;
}

/** Lines with their endings. `patch` knows LF only. */
const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

function findChanges(text: string, lines: readonly string[], edits: readonly Edit[]): Change[] {
  const starts: number[] = [0];
  for (const line of lines) starts.push(starts.at(-1)! + line.length);
  const lineOf = (offset: number) =>
    Math.max(
      0,
      Math.min(
        lines.length - 1,
        starts.findLastIndex((start) => start <= offset),
      ),
    );
  const spans: { first: number; last: number; edits: Edit[] }[] = [];
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    const span = { first: lineOf(edit.from), last: lineOf(edit.to), edits: [edit] };
    const previous = spans.at(-1);
    if (previous && span.first <= previous.last) {
      previous.last = Math.max(previous.last, span.last);
      previous.edits.push(edit);
    } else spans.push(span);
  }
  return spans.map(({ first, last, edits: own }) => {
    const from = starts[first]!;
    const old = text.slice(from, starts[last + 1]);
    const made = applyEdits(
      old,
      own.map((edit) => ({ ...edit, from: edit.from - from, to: edit.to - from })),
    );
    return trimmed({ start: first, removed: splitLines(old), added: splitLines(made) });
  });
}

/** Without the lines that are the same at both ends. */
function trimmed({ start, removed, added }: Change): Change {
  let head = 0;
  while (head < Math.min(removed.length, added.length) && removed[head] === added[head]) head++;
  let tail = 0;
  const most = Math.min(removed.length, added.length) - head;
  while (tail < most && removed[removed.length - 1 - tail] === added[added.length - 1 - tail]) tail++;
  return {
    start: start + head,
    removed: removed.slice(head, removed.length - tail),
    added: added.slice(head, added.length - tail),
  };
}

function grouped(changes: readonly Change[]): Change[][] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    if (last && change.start - (last.start + last.removed.length) <= 2 * CONTEXT) hunks.at(-1)!.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function hunkText(lines: readonly string[], hunk: readonly Change[], shift: number): string {
  const last = hunk.at(-1)!;
  const first = Math.max(0, hunk[0]!.start - CONTEXT);
  const end = Math.min(lines.length, last.start + last.removed.length + CONTEXT);
  const body: string[] = [];
  let at = first;
  const keep = (until: number) => {
    while (at < until) body.push(` ${lines[at++]}`);
  };
  for (const change of hunk) {
    keep(change.start);
    body.push(...change.removed.map((line) => `-${line}`), ...change.added.map((line) => `+${line}`));
    at += change.removed.length;
  }
  keep(end);
  const oldCount = end - first;
  const newCount = oldCount + hunk.reduce((sum, change) => sum + change.added.length - change.removed.length, 0);
  const header = `@@ -${range(first, oldCount)} +${range(first + shift, newCount)} @@\n`;
  return header + body.map(ended).join('');
}

const range = (start: number, count: number): string => `${count === 0 ? start : start + 1},${count}`;
const ended = (line: string): string => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`);
