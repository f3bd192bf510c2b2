import type { Report } from '../core/report.ts';
import { bytesText } from '../util/bytes.ts';
import { spanOf } from '../util/duration.ts';
import { type Html, html } from '../util/html.ts';
import { thinned } from '../util/thinned.ts';
import { type Frame, frameOf, type Series } from './chart-frame.ts';
import { killText, lastKill, measureName, unixClockText } from './wording.ts';

/** The plot is stretched to the room there is, so its own units do not matter; the labels beside it are text of the page. */
const PLOT = { width: 1000, height: 400 };
const POINTS_PER_LIFE = 500;
const LIVES = 50;
const DAY_SECONDS = 86_400;

/** One series as a picture with axes; undefined where there is too little to draw. */
export function svgChart(series: Series, report: Report): Html | undefined {
  const seen = { ...series, lives: series.lives.slice(-LIVES) };
  const edges = frameOf(seen, report.limit?.bytes);
  if (!edges) return undefined;
  const levels = ticks(edges.y.low, edges.y.high, 4, byteStep).filter((level) => clear(level, edges));
  const span = edges.x.high - edges.x.low;
  const times = ticks(0, span, 4, timeStep).filter((at) => at > span * 0.12 && at < span * 0.88);
  const kills = killTimes(report, edges);
  return html`<figure>
<div class="chart"><div class="levels" aria-hidden="true">${levelLabels([edges.y.low, ...levels, edges.y.high], edges)}</div>
<svg viewBox="0 0 ${PLOT.width} ${PLOT.height}" preserveAspectRatio="none" role="img" aria-label="${describe(seen, edges)}">
${[edges.y.low, ...levels].map((level) => line('grid', 0, yOf(level, edges), PLOT.width, yOf(level, edges)))}
${edges.limitBytes === undefined ? undefined : line('limit', 0, 0, PLOT.width, 0)}
${kills.map((at) => line('kill', xOf(at, edges), 0, xOf(at, edges), PLOT.height))}
${seen.lives.map((life) => html`<polyline class="life" points="${pointsOf(life, edges)}"/>`)}
</svg>
<div class="times" aria-hidden="true">${[0, ...times, span].map((at) => timeLabel(at, span))}</div></div>
<figcaption>${caption(seen, edges, kills.length, report)}</figcaption>
</figure>`;
}

function caption(series: Series, edges: Frame, kills: number, report: Report): Html {
  const start = unixClockText(edges.x.low);
  const last = lastKill(report.kills);
  return html`${key('life', `${seriesTitle(series)}, time since ${start}`)}${
    edges.limitBytes === undefined ? undefined : key('limit', `limit ${bytesText(edges.limitBytes)}`)
  }${kills > 0 && last ? key('kill', killText(last)) : undefined}`;
}

const key = (kind: string, text: string) =>
  html`<span class="key"><span class="sample of-${kind}"></span>${text}</span> `;

/** `resident memory (RSS) of orca, pid 1` */
function seriesTitle({ measure, container, pid }: Series): string {
  const owner = [container, pid === undefined ? undefined : `pid ${pid}`].filter((each) => each !== undefined);
  const name = measureName(measure);
  return owner.length > 0 ? `${name} of ${owner.join(', ')}` : name;
}

function describe(series: Series, { x, y }: Frame): string {
  const last = series.lives.at(-1)?.at(-1)?.[1] ?? y.low;
  return `${seriesTitle(series)} over ${Math.round(x.high - x.low)} seconds, at last ${bytesText(last)}`;
}

function levelLabels(levels: readonly number[], edges: Frame): Html[] {
  const labels = levels.map((level) => {
    const name = level === edges.limitBytes ? `limit ${bytesText(level)}` : bytesText(level);
    return html`<span style="top:${percent(yOf(level, edges), PLOT.height)}">${name}</span>`;
  });
  // The hidden label makes the column as wide as the widest of those that stand over it.
  const widest = `limit ${bytesText(1000 * 2 ** 20)}`;
  return [...labels, html`<i>${edges.limitBytes === undefined ? '99.9 MiB' : widest}</i>`];
}

function timeLabel(at: number, span: number): Html {
  const { seconds, unit } = spanOf(span);
  return html`<span style="left:${percent(at, span)}">${Number((at / seconds).toFixed(1))} ${unit}</span>`;
}

/** Near an edge, which has a label of its own, there is no room for another. */
function clear(level: number, { y: { low, high } }: Frame): boolean {
  return Math.min(high - level, level - low) > (high - low) * 0.1;
}

function killTimes({ kills }: Report, { x }: Frame): number[] {
  const times = (kills ?? []).flatMap(({ at }) => (at === undefined ? [] : [Date.parse(at) / 1000]));
  return times.filter((at) => at >= x.low && at <= x.high).slice(-LIVES);
}

function pointsOf(life: Series['lives'][number], edges: Frame): string {
  return thinned(life, POINTS_PER_LIFE)
    .map(([at, bytes]) => `${xOf(at, edges).toFixed(1)},${yOf(bytes, edges).toFixed(1)}`)
    .join(' ');
}

/** Round values inside (low, high), about `count` of them. */
function ticks(low: number, high: number, count: number, stepFor: (least: number) => number): number[] {
  const step = stepFor((high - low) / count);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (first + at) * step);
}

/** The next of 1, 2, 5, 10 … 500 of a unit of bytes: round in the unit that the label has. */
function byteStep(least: number): number {
  const unit = 1024 ** Math.max(0, Math.floor(Math.log(least) / Math.log(1024)));
  return least > 500 * unit ? 1024 * unit : unit * roundStep(least / unit);
}

/** Of seconds, minutes, hours or days. */
function timeStep(least: number): number {
  if (least > DAY_SECONDS / 4) return DAY_SECONDS * roundStep(least / DAY_SECONDS);
  return (
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600].find((step) => step >= least) ??
    21_600
  );
}

function roundStep(least: number): number {
  const ten = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((step) => step * ten >= least) ?? 10) * ten;
}

const line = (name: string, x1: number, y1: number, x2: number, y2: number) =>
  html`<line class="${name}" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`;
const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(2)}%`;
const xOf = (at: number, { x }: Frame) => (PLOT.width * (at - x.low)) / (x.high - x.low);
const yOf = (bytes: number, { y }: Frame) => (PLOT.height * (y.high - Math.max(y.low, bytes))) / (y.high - y.low);
