const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size as a person reads it: `118 MiB`, `4.8 MiB`, `920 B`. Powers of 1024. */
export function bytesText(bytes: number): string {
  const { value, unit } = scaled(bytes);
  return `${value} ${unit}`;
}

/** Two sizes in the unit of the larger: `118 of 128 MiB`. */
export function bytesOfText(part: number, whole: number): string {
  const power = powerOf(Math.max(Math.abs(part), Math.abs(whole)));
  return `${rounded(part / 1024 ** power)} of ${rounded(whole / 1024 ** power)} ${UNITS[power]}`;
}

/** A range of sizes in the unit of its larger end: `2.2–2.8 MiB`, `-1 to 3 KiB`. */
export function bytesRangeText(low: number, high: number): string {
  const power = powerOf(Math.max(Math.abs(low), Math.abs(high)));
  const between = low < 0 ? ' to ' : '–';
  return `${rounded(low / 1024 ** power)}${between}${rounded(high / 1024 ** power)} ${UNITS[power]}`;
}

function scaled(bytes: number): { value: string; unit: string } {
  const power = powerOf(bytes);
  return { value: rounded(bytes / 1024 ** power), unit: UNITS[power]! };
}

/** The power of 1024 to show the size in; 1023.7 KiB is 1 MiB, not 1024 KiB. */
function powerOf(bytes: number): number {
  let power = 0;
  while (power < UNITS.length - 1 && Math.abs(bytes) / 1024 ** power >= 1023.5) power++;
  return power;
}

/** One decimal below a hundred, none above, and no `.0`. */
function rounded(value: number): string {
  return Math.abs(value) < 99.95 ? String(Number(value.toFixed(1))) : value.toFixed(0);
}
