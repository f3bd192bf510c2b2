/** The newest bytes of what comes, in bounded memory. */
export interface LogTail {
  add(chunk: Buffer): void;
  /** From the start of a line on, where there is one. `cutBytes`: what came before it. */
  read(): { text: string; cutBytes: number };
}

export function createLogTail(keepBytes: number): LogTail {
  let chunks: Buffer[] = [];
  let held = 0;
  let seen = 0;
  const shrink = () => {
    const whole = Buffer.concat(chunks);
    chunks = [Buffer.from(whole.subarray(Math.max(0, whole.length - keepBytes)))];
    held = chunks[0]!.length;
  };
  return {
    add: (chunk) => {
      chunks.push(chunk);
      held += chunk.length;
      seen += chunk.length;
      // Now and then, not with every chunk: copying stays linear.
      if (held > 1.25 * keepBytes + 2 ** 20) shrink();
    },
    read: () => {
      shrink();
      const bytes = chunks[0] ?? Buffer.alloc(0);
      const start = seen > bytes.length ? lineStart(bytes) : 0;
      return { text: bytes.toString('utf8', start), cutBytes: seen - bytes.length + start };
    },
  };
}

/** After the first line end. A single line that is longer than all is kept from its next whole character on. */
function lineStart(bytes: Buffer): number {
  const end = bytes.indexOf(0x0a);
  if (end >= 0 && end + 1 < bytes.length) return end + 1;
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return start < 0 ? bytes.length : start;
}
