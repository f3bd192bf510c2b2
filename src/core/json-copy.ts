/**
 * What `JSON.parse(JSON.stringify(value))` gives, without the text between: texts of 100 MB are not written out to be read again.
 * Undefined where JSON has nothing for it. Throws what `JSON.stringify` throws for a bigint.
 */
export function jsonCopy(value: unknown): unknown {
  const plain = plainOf(value);
  if (typeof plain === 'bigint') throw new TypeError('Do not know how to serialize a BigInt');
  if (typeof plain === 'number') return Number.isFinite(plain) ? plain + 0 : null;
  if (plain === undefined || typeof plain === 'function' || typeof plain === 'symbol') return undefined;
  if (typeof plain !== 'object' || plain === null) return plain;
  // As JSON does: what an array may not leave out is null.
  if (Array.isArray(plain)) return Array.from(plain, (each: unknown) => jsonCopy(each) ?? null);
  const copy: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(plain)) {
    const copied = jsonCopy(each);
    if (copied === undefined) continue;
    // A name like any other, as it is to JSON.parse.
    if (name === '__proto__') Object.defineProperty(copy, name, { ...OWN, value: copied });
    else copy[name] = copied;
  }
  return copy;
}

const OWN = { enumerable: true, writable: true, configurable: true };

function plainOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
}
