import { fieldsOf, listOf, textOf } from './fields.ts';

const OPERATORS: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
};

/**
 * A workload's selector as the API's list takes it: of a LabelSelector, of the plain map that a ReplicationController or
 * a Service has, or of the text that a custom resource's scale names. Undefined: it selects nothing, or is none.
 */
export function selectorText(value: unknown): string | undefined {
  if (typeof value === 'string') return textOf(value, 4096);
  const { matchLabels, matchExpressions } = fieldsOf(value);
  if (matchLabels === undefined && matchExpressions === undefined) return labelsText(value) || undefined;
  const expressions = listOf(matchExpressions).flatMap((each) => {
    const { key, operator, values } = fieldsOf(each);
    const text = typeof operator === 'string' && Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    return typeof key === 'string' && text ? [text(key, listOf(values).join(','))] : [];
  });
  return [labelsText(matchLabels), ...expressions].filter(Boolean).join(',') || undefined;
}

const labelsText = (labels: unknown): string =>
  Object.entries(fieldsOf(labels))
    .flatMap(([key, value]) => (typeof value === 'string' ? [`${key}=${value}`] : []))
    .join(',');
