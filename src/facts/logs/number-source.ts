import type { Source } from '../../core/artifacts.ts';
import type { Fix, SourcePlace } from '../../core/report.ts';
import type { NumberSeries } from '../../logs/number-series.ts';
import {
  findLogCalls,
  findUses,
  type Held,
  type Kept,
  type LogCalls,
  type PrintedNumber,
  printedNumber,
  proposeFix,
  type Sizing,
  type SourceFile,
  type Uses,
} from '../../source-code/index.ts';
import { causeOfHolder, type HolderCause } from '../holder-cause.ts';
import { libraryFix } from '../library-fix.ts';
import { placesOf } from '../reported-holder.ts';
import { heldName } from './held-name.ts';

/** A number of a log, and a line that says it. */
export interface LoggedNumber {
  readonly series: Pick<NumberSeries, 'template' | 'place' | 'example'>;
  /** A message of the series' template; that of the series itself goes before it. */
  readonly example: string;
  readonly logger?: string | undefined;
}

/** What the source says of a number that a log tells. */
export interface NumberSource {
  /** Where it is printed: several where the same text stands in several calls, and nothing tells which. */
  readonly printed: readonly PrintedAt[];
  /** The containers that it may tell the size of, the likeliest first. Empty: it is the size of none, as far as the source shows. */
  readonly holders: readonly LoggedHolder[];
}

export interface PrintedAt {
  readonly file: string;
  readonly line: number;
  readonly function?: string | undefined;
  readonly code: string;
  /** `len(self.thumbnail_cache)`; absent where the place in the text could not be told. */
  readonly expression?: string | undefined;
}

export interface LoggedHolder {
  /** As a developer would type it: `app.ImageProcessor.thumbnail_cache`. */
  readonly name: string;
  readonly held: Held;
  /** As the line that prints writes it: `self.thumbnail_cache`. */
  readonly container: string;
  /** `size`: the number is how many items it has. `beside`: a counter that is raised where it is fed; weaker. */
  readonly by: Kept['by'];
  readonly uses: Uses;
  readonly cause: HolderCause;
  /** `how: log+source` */
  readonly places: readonly SourcePlace[];
}

/** The source feeds it, and takes nothing out anywhere. */
export const isNeverEmptied = ({ uses }: LoggedHolder): boolean =>
  uses.feeds.length > 0 && uses.empties.length === 0 && !uses.boundedWhereFed;

const known = new WeakMap<readonly SourceFile[], LogCalls>();

function callsIn(files: readonly SourceFile[]): LogCalls {
  const before = known.get(files);
  if (before) return before;
  const calls = findLogCalls(files);
  known.set(files, calls);
  return calls;
}

/** Where the source prints a number, and the containers behind it; undefined where no call has its text. */
export function sourceOfNumber({ files }: Pick<Source, 'files'>, number: LoggedNumber): NumberSource | undefined {
  const { series, example, logger } = number;
  const found = printedNumber(callsIn(files), {
    template: series.template,
    place: series.place,
    message: series.example ?? example,
    logger,
  });
  if (found.kind === 'none') return undefined;
  const printed = found.kind === 'one' ? [found.printed] : found.printed;
  const kept = printed.flatMap((each) => each.kept);
  const unique = new Map(kept.map((each) => [heldName(each.held), each]));
  return {
    printed: printed.map(printedAt),
    holders: [...unique.values()].map((each) => holderOf(files, each)).sort(likelier),
  };
}

const printedAt = ({ kept: _, ...where }: PrintedNumber): PrintedAt => where;

function holderOf(files: readonly SourceFile[], { held: found, container, by }: Kept): LoggedHolder {
  const first = findUses(files, found);
  const type = found.type === 'object' ? typeByUses(first) : undefined;
  const held = type === undefined ? found : { ...found, type };
  const uses = type === undefined ? first : findUses(files, held);
  const cause = causeOfHolder({ ...held, items: 0, keeps: [] }, uses);
  return { name: heldName(held), held, container, by, uses, cause, places: placesOf(uses, 'log+source') };
}

const BY_OPERATION: readonly (readonly [type: string, operations: RegExp])[] = [
  ['list', /^(append|extend|insert)$/],
  ['dict', /^(\[\]=|setdefault|__setitem__)$/],
  ['set', /^add$/],
];

/** What is made elsewhere is known by what is done with it. */
const typeByUses = ({ feeds }: Uses): string | undefined =>
  BY_OPERATION.find(([, operations]) => feeds.some(({ operation }) => operations.test(operation)))?.[0];

/** What the source feeds and does not bound; a size before a counter. */
const likelier = (a: LoggedHolder, b: LoggedHolder): number => rank(a) - rank(b);
const rank = ({ uses, by }: LoggedHolder): number =>
  (uses.feeds.length > 0 ? 0 : 4) + (uses.boundedWhereFed ? 2 : 0) + (by === 'beside' ? 1 : 0);

/** The change that stops a holder from growing, with a bound that fits what is known of sizes. */
export function fixOfLogged({ files }: Pick<Source, 'files'>, { held, uses }: LoggedHolder, sizing: Sizing): Fix {
  const fix = proposeFix(files, held, uses, sizing);
  return libraryFix(fix, { path: [] }, uses, []) ?? fix;
}
