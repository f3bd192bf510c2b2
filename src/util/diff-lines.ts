export interface DiffLine {
  readonly kind: 'file' | 'hunk' | 'added' | 'removed' | 'context';
  /** The whole line with its sign. */
  readonly text: string;
}

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/**
 * The lines of a unified diff by what they are. The counts in a hunk's head say how far it reaches, so that a removed
 * line that begins with `--` is not taken for the head of a file.
 */
export function diffLines(patch: string): DiffLine[] {
  let [oldLeft, newLeft] = [0, 0];
  return patch
    .replace(/\n+$/, '')
    .split('\n')
    .filter((text, _, all) => text !== '' || all.length > 1)
    .map((text): DiffLine => {
      const hunk = HUNK.exec(text);
      if (hunk) {
        [oldLeft, newLeft] = [Number(hunk[1] ?? 1), Number(hunk[2] ?? 1)];
        return { kind: 'hunk', text };
      }
      if (oldLeft <= 0 && newLeft <= 0) return { kind: 'file', text };
      const kind = text[0] === '+' ? 'added' : text[0] === '-' ? 'removed' : 'context';
      if (kind !== 'added') oldLeft--;
      if (kind !== 'removed') newLeft--;
      return { kind, text };
    });
}
