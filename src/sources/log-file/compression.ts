import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ProblemError } from '../../core/problem.ts';

/** What rotated logs are packed with, as their first bytes tell (RFC 1952, RFC 8878, the format of .xz, of bzip2, of .zip). */
export type Compression = 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'zip';

const MAGIC: readonly (readonly [compression: Compression, first: Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['zip', Buffer.from([0x50, 0x4b, 0x03, 0x04])],
];
/** `BZh`, a level, and the first block's number. */
const BZIP2 = /^BZh[1-9]1AY&SY/;
const LONGEST = 10;

/** Of a file, from its beginning; where it is read from does not change. */
export async function compressionOf(handle: FileHandle): Promise<Compression | undefined> {
  const first = Buffer.alloc(LONGEST);
  const { bytesRead } = await handle.read(first, 0, LONGEST, 0);
  const found = MAGIC.find(([, magic]) => bytesRead >= magic.length && first.subarray(0, magic.length).equals(magic));
  return found?.[0] ?? (BZIP2.test(first.toString('latin1')) ? 'bzip2' : undefined);
}

const TOOLS = { xz: 'xz -dc', bzip2: 'bzip2 -dc', zip: 'unzip -p' } as const;

/** Its content, piece by piece. Throws a ProblemError where Node has no means to unpack it, and what zlib says where it is broken. */
export async function* unpacked(file: string, handle: FileHandle, by: Compression): AsyncGenerator<Uint8Array> {
  if (by !== 'gzip' && by !== 'zstd')
    throw new ProblemError(
      'unsupported',
      `${file}: it is packed (${by}).`,
      `Unpack it: ${TOOLS[by]} ${file} | whyoom --logs -`,
    );
  const packed = handle.createReadStream({ start: 0, autoClose: false });
  const unpack = by === 'gzip' ? createGunzip() : createZstdDecompress();
  packed.on('error', (why) => unpack.destroy(why));
  try {
    for await (const chunk of packed.pipe(unpack)) yield chunk;
  } finally {
    packed.destroy();
  }
}
