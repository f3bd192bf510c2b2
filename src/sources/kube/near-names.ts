/** Of some names those that somebody may have meant, the nearest first: mistyped, or a part of one. */
export function nearNames(typed: string, names: readonly string[], most: number): string[] {
  const allowed = Math.max(1, Math.floor(typed.length / 4));
  return names
    .map((name) => ({ name, far: farness(typed, name, allowed) }))
    .filter(({ far }) => far <= allowed)
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name);
}

function farness(typed: string, name: string, allowed: number): number {
  if (typed === name) return 0;
  if (typed.length >= 3 && (name.startsWith(`${typed}-`) || typed.startsWith(`${name}-`))) return 0.5;
  if (typed.length >= 4 && name.includes(typed)) return 1;
  return Math.abs(typed.length - name.length) > allowed ? Number.POSITIVE_INFINITY : edits(typed, name);
}

/** Levenshtein distance. Names in Kubernetes have at most 253 characters. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
