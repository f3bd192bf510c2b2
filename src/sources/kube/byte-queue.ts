/** What came and was not taken yet. */
export interface ByteQueue {
  add(bytes: Uint8Array): void;
  /** Nothing more comes: what is there can still be taken. */
  end(): void;
  /** To be read once; leaving it early drops what else comes. */
  readonly received: AsyncIterable<Uint8Array>;
}

/** Where it comes from: told to wait while too much lies here. */
export interface Flow {
  pause(): void;
  resume(): void;
}

const MOST_BYTES = 2 ** 20;

/** Holds at most 1 MiB and what one read from the network brings; the rest waits where it comes from. */
export function createByteQueue(flow: Flow): ByteQueue {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  let left = false;
  let wake: (() => void) | undefined;
  const add = (more: Uint8Array) => {
    if (ended || left) return;
    waiting.push(more);
    bytes += more.length;
    if (bytes > MOST_BYTES) flow.pause();
    wake?.();
  };
  const taken = () => {
    const batch = waiting;
    waiting = [];
    bytes = 0;
    flow.resume();
    return batch;
  };
  async function* received() {
    try {
      while (true) {
        while (waiting.length > 0) yield* taken();
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      left = true;
      taken();
    }
  }
  return {
    add,
    end: () => {
      ended = true;
      wake?.();
    },
    received: { [Symbol.asyncIterator]: received },
  };
}
