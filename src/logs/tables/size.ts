/** A size as programs print it: `12.3 KiB`, `+1234 B`, `1,234 bytes`, `2.3GB`. Group one is the number, two the unit. */
export const SIZE = String.raw`([+-]?\d[\d,_]{0,30}(?:\.\d{0,20})?)[ \t]{0,4}([kKMGTP]i?[Bb]|[KMGTP]i?|[Bb]ytes?|B)(?![\w%])`;

const POWERS = 'KMGTP';

/**
 * Bytes of a number and its unit. `KB` and `MB` are powers of 1024 here: Python programs get them by dividing by 1024, as a rule.
 * Undefined where it is no number.
 */
export function bytesOf(number: string, unit: string): number | undefined {
  const value = Number(number.replace(/[,_]/g, ''));
  const power = /^b/i.test(unit) ? 0 : POWERS.indexOf(unit[0]!.toUpperCase()) + 1;
  const bytes = value * 1024 ** power;
  return Number.isFinite(bytes) ? Math.round(bytes) : undefined;
}
