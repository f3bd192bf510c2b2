import { PassThrough } from 'node:stream';
import type { ByteStream, StreamEnd } from '../../../src/core/byte-stream.ts';
import { ProblemError } from '../../../src/core/problem.ts';
import { HEADER_BYTES } from '../../../src/pod-reader/protocol.ts';

/** The far side of a link, played by the test. */
export interface Far {
  readonly stream: ByteStream;
  /** The requests that came, whole. */
  readonly requests: Uint8Array[];
  say(bytes: Uint8Array): void;
  end(how: StreamEnd): void;
  readonly closed: () => boolean;
}

export function farSide(onRequest: (request: Uint8Array, far: Far) => void = () => {}): Far {
  const out = new PassThrough({ highWaterMark: 1024 });
  const ended = Promise.withResolvers<StreamEnd>();
  const requests: Uint8Array[] = [];
  let closed = false;
  const far: Far = {
    requests,
    say: (bytes) => void out.write(bytes),
    end(how) {
      ended.resolve(how);
      out.end();
    },
    closed: () => closed,
    stream: {
      async write(bytes) {
        if (closed) throw new ProblemError('broken', 'nobody reads');
        requests.push(bytes);
        onRequest(bytes, far);
      },
      end: () => far.end({ exitCode: 0, stderr: '' }),
      received: out,
      ended: ended.promise,
      close() {
        closed = true;
        far.end({ problem: new ProblemError('broken', 'closed'), stderr: '' });
      },
    },
  };
  return far;
}

export function frame(kind: number, payload: Uint8Array | string = ''): Uint8Array {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(HEADER_BYTES);
  head[0] = kind;
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
