import type { LogDigests } from '../../core/log-artifact.ts';

/** A few words on what was read: "2 logs, 120,000 lines, 85 templates, 12 series". */
export function digestSummary({ programs }: LogDigests): string {
  const sum = (of: (program: LogDigests['programs'][number]) => number) =>
    programs.reduce((so, each) => so + of(each), 0);
  const counts = [
    [sum(({ sources }) => sources.length), 'log'],
    [sum(({ digest }) => digest.lines), 'line'],
    [sum(({ digest }) => digest.templates.length), 'template'],
    [sum(({ digest }) => digest.series.length), 'number'],
  ] as const;
  return counts.map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`).join(', ');
}
