/** Gives the memory of arrays back at once, without waiting for a collection. They must not be used again. */
export function giveBack(...arrays: readonly { readonly buffer: ArrayBuffer }[]): void {
  for (const { buffer } of arrays) buffer.transfer(0);
}
