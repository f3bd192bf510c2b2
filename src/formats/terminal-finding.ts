import { withoutMain } from '../core/program.ts';
import type { Finding, SourcePlace } from '../core/report.ts';
import { diffLines } from '../util/diff-lines.ts';
import { cutToWidth, padToWidth, textWidth, wrapped } from '../util/text-width.ts';
import type { Ink } from './terminal-ink.ts';
import * as say from './wording.ts';

const INDENT = '   ';
const PATCH_LINES = 8;
const EVIDENCE = 2;

/** The first finding, with its line of code, what speaks for it, and the fix. */
export function fullFinding(finding: Finding, headline: string, width: number, ink: Ink): string[] {
  const summary = headline.includes(finding.summary) ? [] : wrapped(finding.summary, width, INDENT);
  const reached = say.reachedBy(finding);
  const says = evidenceFirst(finding).map((each) => each.says);
  return [
    ...titleLines(finding, 1, headline, width),
    ...(reached ? wrapped(reached, width, INDENT, `${INDENT}  `) : []),
    ...feeding(finding).flatMap((place) => placeLines(place, width)),
    ...summary,
    ...says.filter((each) => each !== finding.summary).flatMap((each) => wrapped(each, width, INDENT)),
    ...wrapped(`Fix: ${finding.fix.summary}`, width, INDENT, `${INDENT}  `),
    ...patchLines(finding, width, ink),
  ];
}

/** A later finding: its title, and one line that says where or what. */
export function briefFinding(finding: Finding, number: number, headline: string, width: number): string[] {
  const place = feeding(finding)[0];
  const detail = place ? say.placeText(place) : finding.summary;
  return [...titleLines(finding, number, headline, width), cutToWidth(`${INDENT}${detail}`, width)];
}

/** `1  NAME   list, 96 × dict   113 MiB   +2.4 MiB/s      sure: high`, on two lines where one is too short. */
function titleLines(finding: Finding, number: number, headline: string, width: number): string[] {
  const { holder, cause, confidence } = finding;
  const head = padToWidth(String(number), INDENT.length);
  const sure = `sure: ${say.confidenceText(confidence)}`;
  const known = say.holderFacts(finding);
  const facts = known.join('   ');
  const name = holder ? holder.name : say.CAUSE_TITLES[cause];
  const room = width - INDENT.length - textWidth(sure) - 2;
  // A name that the headline has not said is no name without its class or module.
  const parts = headline.includes(lastParts(name)) ? 1 : 2;
  const short = shortName(name, room - (facts ? textWidth(facts) + 3 : 0), parts);
  if (short !== undefined) return [spread(`${head}${short}${facts ? `   ${facts}` : ''}`, sure, width)];
  const first = spread(`${head}${shortName(name, room, 1) ?? cutToWidth(name, room)}`, sure, width);
  return facts ? [first, ...wrapped(known.join(' · '), width, INDENT)] : [first];
}

const spread = (left: string, right: string, width: number) => padToWidth(left, width - textWidth(right)) + right;

const DOT = /\.(?!<locals>)(?=[^.])/g;

/** `Class.attribute`, `module.NAME` */
function lastParts(name: string): string {
  const dots = [...withoutMain(name).matchAll(DOT)].map(({ index }) => index);
  return withoutMain(name).slice((dots.at(-2) ?? -1) + 1);
}

/** The name without as many of its leading parts as it takes to fit; undefined where its last parts are too long. */
function shortName(name: string, most: number, parts: number): string | undefined {
  let short = withoutMain(name);
  while (textWidth(short) > most) {
    const dots = [...short.matchAll(DOT)];
    if (dots.length < parts) return undefined;
    short = short.slice(dots[0]!.index + 1);
  }
  return short;
}

/** The lines that feed it; of an allocation that failed the one that asked for it. */
function feeding({ places }: Finding): SourcePlace[] {
  const fed = places.filter((place) => place.role === 'feeds');
  return (fed.length > 0 ? fed : places.filter(({ how }) => how === 'allocation-site')).slice(0, 2);
}

function placeLines(place: SourcePlace, width: number): string[] {
  const code = cutToWidth(`${INDENT}  ▶ ${place.line} │ ${place.code}`, width);
  return [...wrapped(say.placeText(place), width, INDENT), ...(place.code === '' ? [] : [code])];
}

/** What the source says ("never emptied") is worth more to the reader than figures that the title has already. */
function evidenceFirst({ evidence }: Finding): Finding['evidence'] {
  const rank = (from: string) => (from === 'source' ? 0 : 1);
  return [...evidence].sort((a, b) => rank(a.from) - rank(b.from)).slice(0, EVIDENCE);
}

/** What the patch takes out and puts in, without the rest of it: the whole is in the other formats. */
function patchLines({ fix }: Finding, width: number, ink: Ink): string[] {
  const changed = diffLines(fix.patch ?? '').filter(({ kind }) => kind === 'added' || kind === 'removed');
  const shown = changed.slice(0, PATCH_LINES).map(({ text }) => text.replaceAll('\t', '    '));
  const common = Math.min(
    ...shown.filter((text) => /\S/.test(text.slice(1))).map((text) => text.slice(1).search(/\S/)),
  );
  const lines = shown.map((text) => {
    const line = cutToWidth(`${INDENT}  ${text[0]} ${text.slice(1 + common)}`.trimEnd(), width);
    return text[0] === '+' ? ink.green(line) : ink.red(line);
  });
  const left = changed.length - PATCH_LINES;
  const warning = say.patchWarning(fix);
  return [
    ...lines,
    ...(left > 0 ? [`${INDENT}  … ${left} more changed lines: -o html`] : []),
    ...(warning ? wrapped(warning, width, INDENT, `${INDENT}  `) : []),
  ];
}
