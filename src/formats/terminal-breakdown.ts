import type { Report } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { padToWidth, textWidth, wrapped } from '../util/text-width.ts';
import { breakdownRows, breakdownWhole, partText, type ShownPart, shareText } from './wording.ts';

/** Parts below this share stand together in one line: they are there for the sum. */
const ROW_SHARE = 0.05;
/** Of what does not count, less is no news. */
const BESIDE_SHARE = 0.02;
const MOST_ROWS = 5;
/** That of our longest name. */
const NAME_WIDTH = 26;
const BAR = { least: 10, most: 40 };

/** Where the memory is: a bar for each part that matters, the others in a line. Without the label, `width` wide. */
export function breakdownLines(report: Report, width: number): string[] {
  const { counted, ...other } = breakdownRows(report);
  const beside = other.beside.filter(({ share }) => share >= BESIDE_SHARE);
  const large = counted
    .filter(({ share, name }) => share >= ROW_SHARE && textWidth(name) <= NAME_WIDTH)
    .slice(0, MOST_ROWS);
  const small = counted.filter((row) => !large.includes(row));
  const whole = breakdownWhole(report);
  return [
    ...bars(large, width),
    ...(small.length > 0 ? wrapped(small.map(partText).join(' · '), width) : []),
    ...(beside.length > 0 ? wrapped(`not counted: ${beside.map(partText).join(' · ')}`, width) : []),
    ...(whole === undefined ? [] : wrapped(whole, width)),
  ];
}

function bars(rows: readonly ShownPart[], width: number): string[] {
  const names = Math.max(0, ...rows.map(({ name }) => textWidth(name)));
  const sizes = Math.max(0, ...rows.map(({ bytes }) => bytesText(bytes).length));
  const room = Math.min(BAR.most, width - names - sizes - 11);
  const most = Math.max(0, ...rows.map(({ share }) => share));
  return rows.map(({ name, bytes, share }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((room * share) / most)));
    const drawn = room < BAR.least ? '' : `  ${bar}`;
    return `${padToWidth(name, names)}  ${bytesText(bytes).padStart(sizes)}  ${shareText(share).padStart(5)}${drawn}`;
  });
}
