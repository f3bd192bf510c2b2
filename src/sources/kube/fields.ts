/**
 * Reading an answer of which nothing is certain: each function gives the value where it is what it should be, and undefined
 * otherwise. Kubernetes leaves out fields that are empty, and versions differ in which there are.
 */
export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** What lies below names one after the other. */
export const fieldsAt = (value: unknown, ...names: readonly string[]): Fields =>
  names.reduce((fields, name) => fieldsOf(own(fields, name)), fieldsOf(value));

const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A name or a reason is short in the API's own rules; a longer text is cut there. */
const NAME_CHARACTERS = 1024;

/** A text that is not empty, cut to what is kept of it. */
export function textOf(value: unknown, mostCharacters = NAME_CHARACTERS): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length > mostCharacters ? `${value.slice(0, mostCharacters - 1).toWellFormed()}…` : value.toWellFormed();
}

export const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** The last second of the year 9999. */
const LATEST_SECONDS = 253_402_300_799;

/** A time of the API (RFC 3339) in Unix seconds. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return undefined;
  const seconds = Date.parse(value) / 1000;
  return seconds >= 0 && seconds <= LATEST_SECONDS ? seconds : undefined;
}

/** By the API's suffixes (apimachinery, pkg/api/resource/suffix.go). */
const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const MOST_BYTES = 2 ** 64;

/** A quantity of memory (`128Mi`, `1.5G`, `128974848`, `129e6`, `128974848000m`) in bytes; the API rounds up to whole ones. */
export function quantityBytes(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const [, number, unit = '', exponent] =
    /^\+?(\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:(n|u|m|k|[MGTPE]i?|Ki)|[eE]([+-]?\d{1,3}))?$/.exec(String(value)) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.ceil(Number(`${number}e${exponent ?? 0}`) * UNITS[unit]!);
  return bytes <= MOST_BYTES ? bytes : undefined;
}
