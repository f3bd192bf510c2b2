import type { LetGo, LogTemplate } from './log-digest.ts';
import { MessageScan } from './message-scan.ts';
import { binaryMultiple, nameAt, unitSaid } from './number-names.ts';
import type { NumberSeries } from './number-series.ts';
import { redact } from './redact.ts';
import type { NumberPlace, NumbersInLog } from './series-of-numbers.ts';
import { type Template, tokensOf, WILDCARD } from './template-tree.ts';
import { MOST_WORDINGS, type TemplateMiner } from './templates.ts';
import { UNITS } from './units.ts';
import { LEVELS, type Wordings } from './wordings.ts';

/** In the digest: a case must stay small enough to be read by a person, and quick to be judged. */
const MOST_TEMPLATES = 1000;
const MOST_SERIES = 800;
const MOST_POINTS = 80_000;
const FEWEST_POINTS = 32;
const MOST_TEMPLATE_CHARACTERS = 1000;

interface Finished {
  readonly templates: LogTemplate[];
  readonly series: NumberSeries[];
  readonly letGo: Omit<LetGo, 'lives'>;
}

/** A template as it will be told. */
interface Told {
  readonly template: Template;
  readonly count: number;
  /** Of the wording that was said first, without secrets. */
  readonly example: string;
  /** Its words, without secrets; their number is that of the template's, or no place can be told. */
  readonly tokens: readonly string[];
  readonly hasPlaces: boolean;
}

/** What is told of all that was read: without secrets, and no more than a case should hold. */
export function finishedDigest(miner: TemplateMiner, wordings: Wordings, numbers: NumbersInLog): Finished {
  const counted = [...miner.templates].map((template) => ({
    template,
    count: sum(template.slots, (slot) => miner.countOf(slot)),
  }));
  counted.sort((a, b) => b.count - a.count);
  const told = counted.slice(0, MOST_TEMPLATES).map((each) => toldOf(each, wordings));
  const rest = counted.slice(MOST_TEMPLATES);
  const bySlot = new Map(told.flatMap((each) => each.template.slots.map((slot) => [slot, each] as const)));
  const places = numbers.all().filter(({ slot, points }) => bySlot.get(slot)?.hasPlaces && points.length > 0);
  places.sort((a, b) => b.points.count - a.points.count);
  const texts = new Map(told.map((each) => [each.template, textOf(each, places, wordings)]));
  const kept = places.slice(0, MOST_SERIES);
  thin(kept);
  return {
    templates: told.map((each) => templateOf(each, texts.get(each.template)!, wordings)),
    series: kept.flatMap((place) => seriesOf(place, bySlot.get(place.slot)!, texts, wordings) ?? []),
    letGo: {
      templates: miner.merged.templates + rest.length,
      lines: miner.merged.lines + sum(rest, ({ count }) => count),
      forced: miner.merged.forced,
      series: numbers.letGo + places.length - kept.length,
      numbers: sum(places, ({ misfits }) => misfits),
    },
  };
}

function toldOf({ template, count }: { template: Template; count: number }, wordings: Wordings): Told {
  const first = template.slots[0]!;
  const said = wordings.of(first).example;
  const { text: example, count: secrets } = redact(said);
  if (secrets === 0) return { template, count, example, tokens: template.tokens, hasPlaces: true };
  // A piece of a secret that a place was cut out of is known by nobody: its words come from what was left.
  const tokens = maskedOf(example.replaceAll('[hidden: ', '[hidden:'));
  const isSame = tokens.length === template.tokens.length;
  return {
    template,
    count,
    example,
    tokens: isSame ? generalised(tokens, template.tokens) : tokens,
    hasPlaces: isSame,
  };
}

function maskedOf(message: string): readonly string[] {
  const scan = new MessageScan();
  scan.read(message);
  return tokensOf(scan).masked;
}

const generalised = (tokens: readonly string[], by: readonly string[]): string[] =>
  tokens.map((token, at) => (by[at] === WILDCARD && !token.includes('[hidden') ? WILDCARD : token));

/** The template with the units that are always the same. */
function textOf({ template, tokens, hasPlaces }: Told, places: readonly NumberPlace[], wordings: Wordings): string {
  const units = hasPlaces ? unitsIn(template, places, wordings) : new Map<string, string>();
  const words = tokens.map((token, at) => {
    let inToken = 0;
    return token.replaceAll(WILDCARD, () => `${WILDCARD}${units.get(`${at} ${inToken++}`) ?? ''}`);
  });
  return words.join(' ').replaceAll('[hidden:', '[hidden: ').slice(0, MOST_TEMPLATE_CHARACTERS);
}

function unitsIn(template: Template, places: readonly NumberPlace[], wordings: Wordings): Map<string, string> {
  const units = new Map<string, string>();
  const slots = new Set(template.slots);
  for (const place of places) {
    if (!slots.has(place.slot) || typeof place.place === 'string') continue;
    const found = whereIs(place, wordings);
    if (!found || (template.tokens[found.token] === WILDCARD && found.inToken > 0)) continue;
    const key = `${found.token} ${found.inToken}`;
    const unit = place.isMixed ? '' : `${place.isApart ? ' ' : ''}${UNITS[place.spelling]!.text}`;
    units.set(key, units.has(key) && units.get(key) !== unit ? '' : unit);
  }
  return units;
}

interface Where {
  readonly token: number;
  /** Of the places in that token, from 0 on. */
  readonly inToken: number;
  readonly start: number;
  readonly end: number;
  readonly example: string;
}

/** Where a number stands in the example of its wording. */
function whereIs({ slot, place }: NumberPlace, wordings: Wordings): Where | undefined {
  const { example } = wordings.of(slot);
  WHERE.read(example);
  for (let at = 0, inToken = 0; at < WHERE.places; at++) {
    const token = WHERE.placeTokens[at]!;
    inToken = at > 0 && WHERE.placeTokens[at - 1] === token ? inToken + 1 : 0;
    if (at !== place && token * 8 + inToken !== place) continue;
    return { token, inToken, start: WHERE.placeStarts[at]!, end: WHERE.placeEnds[at]!, example };
  }
  return undefined;
}
const WHERE = new MessageScan();

function templateOf({ template, count, example }: Told, text: string, wordings: Wordings): LogTemplate {
  const { slots } = template;
  const firsts = slots.map(wordings.firstAt).filter((at) => !Number.isNaN(at));
  const lasts = slots.map(wordings.lastAt).filter((at) => !Number.isNaN(at));
  const level = LEVELS[Math.max(...slots.map(wordings.level)) - 1];
  const all = slots.map((slot) => wordings.of(slot));
  const logger = all[0]!.logger;
  const traceback = all.find((wording) => wording.traceback)?.traceback;
  return {
    template: text,
    count,
    example,
    firstLine: Math.min(...slots.map(wordings.firstLine)),
    lastLine: Math.max(...slots.map(wordings.lastLine)),
    ...(firsts.length > 0 ? { firstAtUnixSeconds: Math.min(...firsts), lastAtUnixSeconds: Math.max(...lasts) } : {}),
    ...(level ? { level } : {}),
    ...(logger ? { logger } : {}),
    ...(traceback ? { traceback: redact(traceback.join('\n')).text.split('\n') } : {}),
    lives: [...new Set(all.flatMap(({ lives }) => lives))].sort((a, b) => a - b).slice(0, 100),
  };
}

function seriesOf(
  place: NumberPlace,
  { template, tokens }: Told,
  texts: ReadonlyMap<Template, string>,
  wordings: Wordings,
): NumberSeries | undefined {
  const where = typeof place.place === 'string' ? undefined : whereIs(place, wordings);
  if (typeof place.place === 'number' && (!where || tokens[where.token]?.includes('[hidden'))) return undefined;
  const name = where ? nameOf(where) : fieldName(String(place.place));
  const said = where ? where.example.slice(0, where.start) : String(place.place);
  if (isSecret(name, said, place)) return undefined;
  const { unit, factor } = unitOf(place, name, said);
  const points = place.points.points(factor);
  return {
    template: texts.get(template)!,
    place: where ? placeNumber(template.tokens, where) : String(place.place),
    name: redact(name).text.slice(0, 200),
    unit,
    ...ofWhat(place.slot, template, wordings),
    ...ownExample(place.slot, template, wordings),
    ...(place.writer === undefined ? {} : { writer: place.writer }),
    points: place.points.isConstant ? endsOfLives(points) : points,
    count: place.points.count,
  };
}

function nameOf({ example, start, end }: Where): string {
  const before = redact(example.slice(0, start)).text;
  const number = example.slice(start, end);
  return nameAt(`${before}${number}${redact(example.slice(end)).text}`, before.length, before.length + number.length);
}

/** What tells this wording from the others of its template: the words in its places, and fields that differ. */
function ofWhat(slot: number, template: Template, wordings: Wordings): { of?: string } {
  const { slots } = template;
  if (slots.length < 2 || slot === slots[MOST_WORDINGS]) return {};
  const { example, words } = wordings.of(slot);
  const masked = maskedOf(example);
  const said = template.tokens.flatMap((token, at) =>
    token === WILDCARD && masked[at] !== WILDCARD ? [masked[at] ?? ''] : [],
  );
  const others = slots.map((each) => wordings.of(each).words);
  const differing = [...(words ?? [])].filter(([name, value]) => others.some((each) => each?.get(name) !== value));
  const all = [...said, ...differing.map(([, value]) => value)].map((word) =>
    word.replace(/^[^\p{L}<]+|[^\p{L}\d>]+$/gu, ''),
  );
  const text = redact(all.filter((word) => word !== '').join(' ')).text.slice(0, 200);
  return text === '' ? {} : { of: text };
}

/** The template has the example of its first wording. */
const ownExample = (slot: number, { slots }: Template, wordings: Wordings): { example?: string } =>
  slot === slots[0] ? {} : { example: redact(wordings.of(slot).example).text };

/** A number behind a word for a secret, as it is said there. */
function isSecret(name: string, said: string, { points }: NumberPlace): boolean {
  const last = points.lastValue();
  return redact(`${name}: ${last}`).count > 0 || redact(`${said}${last}`).count > redact(said).count;
}

/** `app.cache_size` and `cacheSize` as words. */
const fieldName = (field: string): string =>
  field
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .replace(/[_.-]+/g, ' ')
    .trim()
    .toLowerCase();

function unitOf(place: NumberPlace, name: string, said: string): { unit: NumberSeries['unit']; factor: number } {
  const { text, unit, factor } = UNITS[place.spelling]!;
  if (text !== '' && unit !== 'unknown') return { unit, factor: 1 };
  if (text !== '') {
    const binary = binaryMultiple(name, factor);
    return binary === undefined ? { unit, factor: 1 } : { unit: 'bytes', factor: binary / factor };
  }
  return unitSaid(name, said) ?? { unit: 'unknown', factor: 1 };
}

/** Which of the template's places it is. */
function placeNumber(tokens: readonly string[], { token, inToken }: Where): number {
  const before = sum(tokens.slice(0, token), (each) => each.split(WILDCARD).length - 1);
  return before + (tokens[token] === WILDCARD ? 0 : inToken);
}

const endsOfLives = (points: NumberSeries['points']): NumberSeries['points'] =>
  points.filter(({ life }, at) => life !== points[at - 1]?.life || life !== points[at + 1]?.life);

/** So many points a series that all have room. */
function thin(places: readonly NumberPlace[]): void {
  const pointsAt = (most: number) => sum(places, ({ points }) => Math.min(most, points.length));
  let most = 512;
  while (most > FEWEST_POINTS && pointsAt(most) > MOST_POINTS) most = Math.floor(most * 0.8);
  for (const { points } of places) points.thinTo(most);
}

const sum = <T>(all: Iterable<T>, of: (one: T) => number): number => {
  let total = 0;
  for (const one of all) total += of(one);
  return total;
};
