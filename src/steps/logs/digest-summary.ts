import type { LogDigests } from '../../core/log-artifact.ts';

const MOST_UNREAD = 3;

/** A few words on what was read: "2 logs, 120,000 lines, 85 templates, 12 series", and on what could not be. */
export function digestSummary({ programs }: LogDigests): string {
  const sum = (of: (program: LogDigests['programs'][number]) => number) =>
    programs.reduce((so, each) => so + of(each), 0);
  const counts = [
    [sum(({ sources }) => sources.length), 'log'],
    [sum(({ digest }) => digest.lines), 'line'],
    [sum(({ digest }) => digest.templates.length), 'template'],
    [sum(({ digest }) => digest.series.length), 'number'],
  ] as const;
  const read = counts.map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`).join(', ');
  const unread = programs.flatMap(({ sources }) => sources).filter(({ problem }) => problem !== undefined);
  const told = unread.slice(0, MOST_UNREAD).map(({ name, bytes }) => {
    const file = name.split('/').at(-1)!.slice(0, 100);
    return `${file} was ${bytes === 0 ? 'not read' : 'read in part'}`;
  });
  const more = unread.length > MOST_UNREAD ? [`${unread.length - MOST_UNREAD} more were not`] : [];
  return [read, ...told, ...more].join('; ');
}
