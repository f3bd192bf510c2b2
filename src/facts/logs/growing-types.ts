import type { LogTables, TypeSeries } from '../../logs/tables/tables.ts';

/** A type of which there were more objects in each later table of objgraph, pympler or guppy. */
export interface GrowingType {
  readonly type: string;
  readonly by: TypeSeries['by'];
  readonly first: number;
  readonly last: number;
  readonly tables: number;
}

const FEWEST_TABLES = 3;
const LEAST_OBJECTS = 100;
const LEAST_SHARE = 0.1;

/** Within the last life, most growth first. */
export function growingTypes(tables: Pick<LogTables, 'types'> | undefined): GrowingType[] {
  return (tables?.types ?? [])
    .flatMap((series) => growing(series) ?? [])
    .sort((a, b) => b.last - b.first - (a.last - a.first));
}

function growing({ type, by, points }: TypeSeries): GrowingType | undefined {
  const life = points.at(-1)?.life;
  const values = points.filter((point) => point.life === life).map(({ value }) => value);
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  const grown = last - first;
  if (values.length < FEWEST_TABLES || grown < LEAST_OBJECTS || grown < LEAST_SHARE * last) return undefined;
  if (values.some((value, at) => at > 0 && value < values[at - 1]!)) return undefined;
  return { type, by, first, last, tables: values.length };
}
