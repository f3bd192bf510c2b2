import { classAt, DIGIT, SIGN } from './characters.ts';
import { NumberScan } from './number-scan.ts';
import type { Unit } from './number-series.ts';
import { UNITS } from './units.ts';

export interface Quantity {
  /** In bytes, seconds or percent; as it stands where there is no unit. */
  readonly value: number;
  readonly unit: Unit;
}

const scan = new NumberScan();

/**
 * The number that a text is, with its unit: `2.3 GiB`, `1,234`, `512MB`, `12,5 %`, `1h2m`, `1e6 bytes`. Undefined for a text that is anything
 * else, a number with too many digits, or one out of all reason.
 */
export function quantityOf(text: string): Quantity | undefined {
  const trimmed = text.trim();
  const start = classAt(trimmed, 0) === SIGN ? 1 : 0;
  if (classAt(trimmed, start) !== DIGIT) return undefined;
  scan.read(trimmed, start, trimmed.charCodeAt(0) === 45);
  if (scan.end !== trimmed.length || !Number.isFinite(scan.value)) return undefined;
  return { value: scan.value, unit: UNITS[scan.unit]!.unit };
}
