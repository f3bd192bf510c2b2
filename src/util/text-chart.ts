export type Point = readonly [x: number, y: number];

export interface ChartFrame {
  readonly columns: number;
  readonly rows: number;
  readonly x: { readonly low: number; readonly high: number };
  readonly y: { readonly low: number; readonly high: number };
  /** Draws the top row as a line across, for a bound at `y.high`. */
  readonly topLine: boolean;
}

/**
 * Lines of box-drawing characters, the top row first, each `columns` wide. Each of `lines` is drawn on its own: where
 * one ends and the next does not begin in the next column, there is a gap, for nothing was seen there.
 */
export function textChart(lines: readonly (readonly Point[])[], frame: ChartFrame): string[] {
  const grid = Array.from({ length: frame.rows }, (_, row) =>
    Array.from({ length: frame.columns }, () => (row === 0 && frame.topLine ? '┈' : ' ')),
  );
  let before: number | undefined;
  for (const [column, level] of levels(lines, frame).entries()) {
    const row = level === undefined ? undefined : rowOf(level, frame);
    if (row !== undefined) drawStep(grid, column, before ?? row, row);
    before = row;
  }
  return grid.map((row) => row.join(''));
}

/** The value of each column: the greatest measured in it, else what lies between its neighbours in the same line. */
function levels(lines: readonly (readonly Point[])[], frame: ChartFrame): (number | undefined)[] {
  const all: (number | undefined)[] = Array.from({ length: frame.columns });
  for (const line of lines) {
    let before: { column: number; y: number } | undefined;
    for (const [x, y] of line) {
      const column = columnOf(x, frame);
      if (before) fillBetween(all, before, { column, y });
      all[column] = Math.max(all[column] ?? y, y);
      before = { column, y };
    }
  }
  return all;
}

function fillBetween(
  all: (number | undefined)[],
  from: { column: number; y: number },
  to: { column: number; y: number },
) {
  for (let column = from.column + 1; column < to.column; column++) {
    const share = (column - from.column) / (to.column - from.column);
    all[column] ??= from.y + share * (to.y - from.y);
  }
}

function drawStep(grid: string[][], column: number, from: number, to: number): void {
  const draw = (row: number, sign: string) => {
    grid[row]![column] = sign;
  };
  if (from === to) {
    draw(to, '─');
    return;
  }
  for (let row = Math.min(from, to) + 1; row < Math.max(from, to); row++) draw(row, '│');
  // Row 0 is the top, so a line that climbs goes to a smaller row.
  draw(from, to < from ? '╯' : '╮');
  draw(to, to < from ? '╭' : '╰');
}

const columnOf = (x: number, { x: { low, high }, columns }: ChartFrame) =>
  bounded(Math.round(((x - low) / (high - low || 1)) * (columns - 1)), columns);
const rowOf = (y: number, { y: { low, high }, rows }: ChartFrame) =>
  bounded(Math.round(((high - y) / (high - low || 1)) * (rows - 1)), rows);
const bounded = (at: number, length: number) => Math.min(length - 1, Math.max(0, at));
