/**
 * What would be freed with each object, summed up the tree of dominators from its leaves; the number of objects stands
 * for the root. Undefined where it is no tree.
 */
export function retainedBytes(sizes: Float64Array, dominators: Uint32Array): Float64Array | undefined {
  const count = sizes.length;
  const children = new Uint32Array(count + 1);
  for (const dominator of dominators) children[dominator]! += 1;
  const retained = sizes.slice();
  let done = 0;
  for (let id = 0; id < count; id += 1) {
    // Up from each leaf, as far as all other children of the object above have been added.
    for (let at = id; at < count && children[at] === 0; ) {
      const above = dominators[at]!;
      children[at] = 0xffffffff; // never again
      done += 1;
      if (above === count) break;
      retained[above]! += retained[at]!;
      children[above]! -= 1;
      if (above > id) break; // its turn comes
      at = above;
    }
  }
  return done === count ? retained : undefined;
}
