import { UsageError } from './usage-error.ts';

/** The format that `-o` names. Throws a UsageError with the names of all where there is none; `whose` begins it: `whyoom heap has`. */
export function formatNamed<F extends { readonly id: string }>(formats: readonly F[], id: string, whose: string): F {
  const format = formats.find((each) => each.id === id);
  if (format) return format;
  throw new UsageError(`${whose} no format "${id}".`, `Formats: ${formats.map((each) => each.id).join(', ')}`);
}
