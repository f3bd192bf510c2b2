import { textWidth } from './text-width.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

const GAP = '   ';

/** Lines of a table as kubectl and py-spy print them: a line of titles, columns as wide as their widest cell, no rules. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, at) => all.reduce((most, row) => Math.max(most, textWidth(row[at] ?? '')), 0));
  return all.map((row) =>
    columns
      .map(({ align }, at) => aligned(row[at] ?? '', widths[at]!, align))
      .join(GAP)
      .trimEnd(),
  );
}

/** The same without titles, all to the left; a column that has nothing in any row takes no room. */
export function columnLines(rows: readonly (readonly string[])[]): string[] {
  const used = (rows[0] ?? []).flatMap((_, at) => (rows.some((row) => row[at] !== '') ? [at] : []));
  const columns = used.map((): Column => ({ title: '', align: 'left' }));
  return tableLines(
    columns,
    rows.map((row) => used.map((at) => row[at] ?? '')),
  ).slice(1);
}

function aligned(text: string, width: number, align: Column['align']): string {
  const fill = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'right' ? fill + text : text + fill;
}
