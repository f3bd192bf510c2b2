import type { LimitRanges } from '../../core/kube-artifacts.ts';
import { type Api, pathOf } from './api.ts';
import { type Fields, fieldsAt, fieldsOf, listOf, quantityBytes, textOf } from './fields.ts';

type Range = LimitRanges['ranges'][number];

const MOST_OBJECTS = 100;
const MOST_RANGES = 1000;
/** The types that bear on memory (core/v1, LimitRangeItem); the third is of volumes. */
const TYPES = ['Container', 'Pod'];

/** What the LimitRanges of a namespace say of memory. */
export async function readLimitRanges(api: Api, namespace: string): Promise<Range[]> {
  const path = pathOf('api', 'v1', 'namespaces', namespace, 'limitranges');
  const { items } = await api.list(path, {}, MOST_OBJECTS);
  return items.flatMap(rangesIn).slice(0, MOST_RANGES);
}

/** One object may have a rule for each type. */
export function rangesIn(item: unknown): Range[] {
  const name = textOf(fieldsAt(item, 'metadata').name) ?? '';
  return listOf(fieldsAt(item, 'spec').limits)
    .map(fieldsOf)
    .flatMap((rule) => {
      const type = textOf(rule.type);
      return type !== undefined && TYPES.includes(type) ? [{ name, type, ...memoryOf(rule) }] : [];
    });
}

function memoryOf(rule: Fields): Omit<Range, 'name' | 'type'> {
  const [limit, request] = [quantityIn(rule, 'default'), quantityIn(rule, 'defaultRequest')];
  const [max, min] = [quantityIn(rule, 'max'), quantityIn(rule, 'min')];
  return {
    ...(limit === undefined ? {} : { defaultLimitBytes: limit }),
    ...(request === undefined ? {} : { defaultRequestBytes: request }),
    ...(max === undefined ? {} : { maxBytes: max }),
    ...(min === undefined ? {} : { minBytes: min }),
  };
}

const quantityIn = (rule: Fields, name: string): number | undefined => quantityBytes(fieldsAt(rule, name).memory);
