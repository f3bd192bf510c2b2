import { expect, test } from 'vitest';
import { pathsTo } from '../../../src/heap/query/paths.ts';
import type { HeapRecord } from '../../../src/heap/query/record.ts';

const FIRST = 0x7f00_0000_0000;

/**
 * A list linked by `next`, as long as is said: node 0 is the root, and each node keeps the next one and a payload, whose
 * id is that of the node and the length. All payloads are referred to by one more object too, the last.
 */
function chain(length: number): HeapRecord {
  const count = 2 * length + 1;
  const index = count - 1;
  const firstEdge = new Uint32Array(count + 1);
  const edges: number[] = [];
  for (let id = 0; id < count; id += 1) {
    if (id < length - 1) edges.push(id + 1, length + id);
    else if (id === length - 1) edges.push(length + id);
    else if (id === index) for (let node = 1; node < length; node += 1) edges.push(node);
    firstEdge[id + 1] = edges.length;
  }
  return {
    count,
    typeNames: ['<frame>', 'app.Node', 'app.Payload', 'set'],
    firstEdge,
    edges: Uint32Array.from(edges),
    roots: [
      { id: 0, kind: 'modules', step: { kind: 'variable', name: 'HEAD' } },
      { id: index, kind: 'thread', step: { kind: 'root', name: '<thread 1>' } },
    ],
    typeOf: (id) => (id < length ? 1 : id < index ? 2 : 3),
    sizeOf: () => 48,
    addressOf: (id) => FIRST + id * 8,
    retainedOf: (id) => (id >= length ? id : 48),
    dominatorOf: () => count,
    idAt: (address) => (address - FIRST) / 8,
    stepOf: (from, edge) =>
      from === index
        ? { kind: 'key', name: '[]' }
        : { kind: 'attribute', name: edge === firstEdge[from] && from < length - 1 ? 'next' : 'payload' },
  };
}

test('objects at the deep end of a long chain are answered with the ends of their paths', () => {
  const { target, paths, more } = pathsTo(chain(50_000), 'app.Payload', 3);
  expect(target).toMatchObject({ count: 50_000, examined: 2000 });
  expect([paths.length, more]).toEqual([3, 1997]);
  const [deepest] = paths;
  expect(deepest!.text).toBe(`HEAD${'.next'.repeat(100)} … 49800 more … ${'.next'.repeat(99)}.payload`);
  expect(deepest!.hops).toHaveLength(202);
  // The first object behind the gap is where the hop "more" leads to: from there on the addresses are a chain again.
  expect(deepest!.hops[101]).toMatchObject({ kind: 'more', address: `0x${(FIRST + 49_900 * 8).toString(16)}` });
  expect(deepest!.hops[102]).toMatchObject({ name: 'next', address: `0x${(FIRST + 49_901 * 8).toString(16)}` });
  expect(deepest!.hops.at(-1)).toMatchObject({
    address: `0x${(FIRST + 99_999 * 8).toString(16)}`,
    type: 'app.Payload',
  });
});

test('a path is whole where it is not longer than what is shown of a long one', () => {
  const text = (length: number) =>
    pathsTo(chain(length), `0x${(FIRST + (2 * length - 1) * 8).toString(16)}`, 1).paths[0]!.text;
  for (const length of [1, 2, 99, 100, 101, 102, 150, 199, 200]) {
    expect(text(length)).toBe(`HEAD${'.next'.repeat(length - 1)}.payload`);
  }
  expect(text(201)).toBe(`HEAD${'.next'.repeat(100)} … 1 more … ${'.next'.repeat(99)}.payload`);
});

test('an object is answered with the paths through each of its referrers, the shortest first', () => {
  const { paths } = pathsTo(chain(500), `0x${(FIRST + 300 * 8).toString(16)}`, 10);
  expect(paths.map(({ text }) => text)).toEqual([
    `HEAD${'.next'.repeat(100)} … 100 more … ${'.next'.repeat(100)}`,
    '<thread 1>[]',
  ]);
});
