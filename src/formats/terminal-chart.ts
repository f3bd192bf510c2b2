import type { Report } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { secondsText } from '../util/duration.ts';
import { textChart } from '../util/text-chart.ts';
import { textWidth, wrapped } from '../util/text-width.ts';
import { type Frame, frameOf } from './chart-frame.ts';
import { growthParts, killText, lastKill, mainSeries, measureName } from './wording.ts';

const ROWS = 4;
const PLOT = { least: 20, most: 36 };
/** Notes stand beside the chart where that leaves them this much room. */
const NOTES_WIDTH = 26;

/** Memory over time with what is to be said of its growth beside it, or below where it is narrow. */
export function chartLines(report: Report, width: number): string[] {
  const series = mainSeries(report);
  const frame = series && frameOf(series, report.limit?.bytes);
  const growth = growthParts(report);
  if (!series || !frame) {
    const isSaid = growth[0] === undefined || report.headline.includes(growth[0]);
    return isSaid ? [] : wrapped(`Grows ${growth.join(' ')}.`, width);
  }
  const said = [measureName(series.measure), ...killNotes(report, frame)];
  const labels = axisLabels(frame);
  const labelWidth = Math.max(...labels.map(textWidth));
  const room = width - labelWidth - 2;
  const beside = room - NOTES_WIDTH >= PLOT.least;
  const columns = beside ? Math.min(PLOT.most, room - NOTES_WIDTH) : Math.min(60, room);
  const plot = textChart(series.lives, { columns, rows: ROWS, ...frame, topLine: frame.limitBytes !== undefined });
  const lines = plot.map((line, row) => `${labels[row]!.padStart(labelWidth)} ${labels[row] ? '┤' : '│'}${line}`);
  const axis = `${' '.repeat(labelWidth + 2)}${timeAxis(frame, columns)}`;
  if (!beside) {
    const notes = [growth.join(' '), ...said].filter((each) => each !== '').join(' · ');
    return [...lines, axis, ...wrapped(notes, width)].map((line) => line.trimEnd());
  }
  return withNotes([...lines, axis], [...growth, ...said], labelWidth + 2 + columns + 3, width);
}

/** `OOM kill at 19:09:29 UTC`, of the last one that the chart shows. */
function killNotes({ kills }: Report, { x }: Frame): string[] {
  const last = lastKill(kills);
  const at = last?.at === undefined ? Number.NaN : Date.parse(last.at) / 1000;
  return last && at >= x.low && at <= x.high ? [killText(last)] : [];
}

/** Only the edges: they are exact, and four rows have no room for more. */
function axisLabels({ y, limitBytes }: Frame): string[] {
  const top = limitBytes === undefined ? bytesText(y.high) : `limit ${bytesText(y.high)}`;
  return [top, ...Array.from({ length: ROWS - 2 }, () => ''), bytesText(y.low)];
}

function timeAxis({ x }: Frame, columns: number): string {
  const end = secondsText(x.high - x.low);
  return `0 s${end.padStart(columns - 3)}`;
}

function withNotes(lines: readonly string[], notes: readonly string[], column: number, width: number): string[] {
  const noted = notes.flatMap((note) => wrapped(note, width - column, '', '  '));
  const rows = Math.max(lines.length, noted.length);
  return Array.from({ length: rows }, (_, row) => `${(lines[row] ?? '').padEnd(column)}${noted[row] ?? ''}`.trimEnd());
}
