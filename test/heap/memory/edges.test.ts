import { expect, test } from 'vitest';
import { PAGE_BYTES, Snapshot } from '../../../src/heap/memory/snapshot.ts';

const PAGE = PAGE_BYTES;
const START = 0x7f00_0000_0000;

/** Each word of a page holds its own address. */
function page(address: number): Uint8Array {
  const words = Float64Array.from({ length: PAGE / 8 }, (_, at) => address + 8 * at);
  const bytes = new Uint8Array(PAGE);
  const view = new DataView(bytes.buffer);
  words.forEach((word, at) => {
    view.setBigUint64(8 * at, BigInt(word), true);
  });
  return bytes;
}

const range = (from: number, to: number) => ({ start: START + from * PAGE, end: START + to * PAGE });

function put(snapshot: Snapshot, ...pages: number[]): void {
  for (const at of pages) expect(snapshot.put(START + at * PAGE, page(START + at * PAGE))).toBe(0);
}

test('what reaches from a range into one that was kept later is read whole, from its start and from its end', () => {
  const snapshot = new Snapshot(64 * PAGE);
  snapshot.keep([range(2, 4), range(20, 22)]);
  put(snapshot, 2, 3, 20);
  snapshot.keep([range(4, 6), range(0, 2)]);
  put(snapshot, 4, 1, 0);
  for (const border of [2, 4].map((at) => START + at * PAGE)) {
    const before = snapshot.word(border - 16);
    const words = Array.from({ length: 6 }, (_, at) => snapshot.unsigned(before + at));
    expect(words).toEqual([0, 1, 2, 3, 4, 5].map((at) => border - 16 + 8 * at));
    const behind = snapshot.word(border);
    expect([snapshot.unsigned(behind - 2), snapshot.unsigned(behind - 1)]).toEqual([border - 16, border - 8]);
    expect(snapshot.address(before + 3)).toBe(border + 8);
    expect(snapshot.address(behind - 1)).toBe(border - 8);
  }
});

test('a page beside a range stays as the page itself is: changed with it, and gone with it', () => {
  const snapshot = new Snapshot(64 * PAGE);
  snapshot.keep([range(0, 1)]);
  snapshot.keep([range(9, 10)]);
  snapshot.keep([range(1, 2)]);
  put(snapshot, 0, 9, 1);
  const end = snapshot.word(START + PAGE - 8);
  snapshot.put(START + PAGE, page(START + 9 * PAGE));
  expect(snapshot.unsigned(end + 1)).toBe(START + 9 * PAGE);
  expect(snapshot.run(end, 3)).toBe(3);
  snapshot.drop([range(1, 2)], () => true);
  expect(snapshot.run(end, 3)).toBe(1);
});

test('ranges that touch and are kept together lie next to one another', () => {
  const snapshot = new Snapshot(64 * PAGE);
  snapshot.keep([range(0, 1), range(1, 4)]);
  put(snapshot, 0, 1, 2, 3);
  expect(snapshot.word(START + 3 * PAGE) - snapshot.word(START)).toBe((3 * PAGE) / 8);
});

test('what is beside a range costs no wish for a page that was withheld', () => {
  const snapshot = new Snapshot(64 * PAGE);
  snapshot.keep([range(0, 1)]);
  snapshot.withhold(range(0, 1));
  snapshot.keep([range(1, 2)]);
  expect(snapshot.takeWanted()).toEqual([]);
  expect(snapshot.copiedBytes).toBe(0);
});
