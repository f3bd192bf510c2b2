import { StringDecoder } from 'node:string_decoder';

/** The newest bytes of what comes, in bounded memory. */
export interface LogTail {
  add(chunk: Buffer): void;
  /** From the start of a line on, where there is one. `cutBytes`: what came before it. */
  read(): { text: string; cutBytes: number };
}

/** Memory is taken in blocks of this size, and the oldest block is used again. */
const BLOCK_BYTES = 2 ** 20;

export function createLogTail(keepBytes: number): LogTail {
  const blocks: Buffer[] = [];
  /** In the last block. */
  let used = BLOCK_BYTES;
  let seen = 0;
  const held = () => Math.max(0, blocks.length - 1) * BLOCK_BYTES + (blocks.length > 0 ? used : 0);
  const nextBlock = () => {
    const isSpare = held() - BLOCK_BYTES >= keepBytes;
    blocks.push((isSpare ? blocks.shift() : undefined) ?? Buffer.allocUnsafeSlow(BLOCK_BYTES));
    used = 0;
  };
  return {
    add: (chunk) => {
      seen += chunk.length;
      for (let from = 0; from < chunk.length; ) {
        if (used === BLOCK_BYTES) nextBlock();
        const copied = chunk.copy(blocks.at(-1)!, used, from);
        used += copied;
        from += copied;
      }
    },
    read: () => {
      const whole = blocks.map((block, at) => (at === blocks.length - 1 ? block.subarray(0, used) : block));
      const kept = withoutFirst(whole, Math.max(0, held() - keepBytes));
      const keptBytes = Math.min(keepBytes, held());
      const start = seen > keptBytes ? lineStart(kept, keptBytes) : 0;
      return { text: textOf(withoutFirst(kept, start)), cutBytes: seen - keptBytes + start };
    },
  };
}

function withoutFirst(blocks: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  return blocks.map((block) => {
    const cut = Math.min(left, block.length);
    left -= cut;
    return block.subarray(cut);
  });
}

/** After the first line end. A single line that is longer than all is kept from its next whole character on. */
function lineStart(blocks: readonly Buffer[], bytes: number): number {
  const end = firstIndex(blocks, (block) => block.indexOf(0x0a));
  if (end >= 0 && end + 1 < bytes) return end + 1;
  const start = firstIndex(blocks, (block) => block.findIndex((byte) => (byte & 0xc0) !== 0x80));
  return start < 0 ? bytes : start;
}

function firstIndex(blocks: readonly Buffer[], indexIn: (block: Buffer) => number): number {
  let before = 0;
  for (const block of blocks) {
    const index = indexIn(block);
    if (index >= 0) return before + index;
    before += block.length;
  }
  return -1;
}

/** Block by block: a character may lie in two of them. */
function textOf(blocks: readonly Buffer[]): string {
  const decoder = new StringDecoder('utf8');
  return blocks.map((block) => decoder.write(block)).join('') + decoder.end();
}
