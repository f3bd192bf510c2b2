import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { planCopy } from '../../src/heap/memory/copy.ts';
import { liveTarget } from '../../src/sources/process/live-target.ts';
import { reply } from './worker.ts';

/**
 * What whyoom's pause is measured against: a plain copy of the same ranges of the process argv[2], which runs on
 * meanwhile, into memory that was touched before. By `process_vm_readv`, and by reads of /proc/PID/mem.
 * Several passes of each, one after the other in turn: {vmReadMs: [...], memFileMs: [...]}.
 */
const PASSES = 3;
/** Of one call (IOV_MAX in include/uapi/linux/uio.h). */
const RANGES_A_CALL = 1024;
/** The kernel moves no more in one call (MAX_RW_COUNT): each call stays below. */
const BYTES_A_CALL = 1 << 30;
const FILE_READ_BYTES = 1 << 20;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;

interface Range {
  readonly start: number;
  readonly end: number;
}

const libc = (createRequire(import.meta.url)('koffi') as typeof import('koffi')).load(null);
const mmap = libc.func('int64_t mmap(int64_t, int64_t, int, int, int, int64_t)');
const memset = libc.func('int64_t memset(int64_t, int, int64_t)');
const vmRead = libc.func('int64_t process_vm_readv(int, void *, int64_t, void *, int64_t, int64_t)');

/** Memory outside the JavaScript heap, touched. */
function touchedMemory(bytes: number): bigint {
  const address: number | bigint = mmap(0, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
  memset(address, 1, bytes);
  return BigInt(address);
}

/** Ranges as pairs of address and length, in lots that one call can take. */
function lotsOf(ranges: readonly Range[]): { pairs: BigUint64Array; count: number; bytes: number }[] {
  const pieces = ranges.flatMap(({ start, end }) => {
    const count = Math.ceil((end - start) / BYTES_A_CALL);
    return Array.from({ length: count }, (_, at) => {
      const from = start + at * BYTES_A_CALL;
      return { start: from, end: Math.min(end, from + BYTES_A_CALL) };
    });
  });
  const lots: Range[][] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const last = lots.at(-1);
    bytes += piece.end - piece.start;
    if (last !== undefined && last.length < RANGES_A_CALL && bytes <= BYTES_A_CALL) {
      last.push(piece);
    } else {
      lots.push([piece]);
      bytes = piece.end - piece.start;
    }
  }
  return lots.map((lot) => ({
    pairs: BigUint64Array.from(lot.flatMap(({ start, end }) => [BigInt(start), BigInt(end - start)])),
    count: lot.length,
    bytes: lot.reduce((sum, { start, end }) => sum + end - start, 0),
  }));
}

/** Milliseconds and bytes of one copy. A range that is gone by now ends its lot early: few bytes are missing then. */
function copyByCall(pid: number, lots: ReturnType<typeof lotsOf>, into: bigint) {
  const beganMs = performance.now();
  let copied = 0;
  for (const { pairs, count, bytes } of lots) {
    const local = new BigUint64Array([into + BigInt(copied), BigInt(bytes)]);
    copied += Math.max(0, Number(vmRead(pid, local, 1, pairs, count, 0)));
  }
  return { ms: performance.now() - beganMs, bytes: copied };
}

function copyByFile(pid: number, ranges: readonly Range[], into: Uint8Array): number {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const beganMs = performance.now();
  let to = 0;
  for (const { start, end } of ranges) {
    for (let at = start; at < end; at += FILE_READ_BYTES) {
      const want = Math.min(FILE_READ_BYTES, end - at);
      to += tryRead(memory, into, to, want, at);
    }
  }
  const ms = performance.now() - beganMs;
  closeSync(memory);
  return ms;
}

function tryRead(memory: number, into: Uint8Array, to: number, length: number, at: number): number {
  try {
    return readSync(memory, into, to, length, at);
  } catch {
    return 0;
  }
}

const pid = Number(process.argv[2]);
const plan = planCopy(liveTarget(pid).reader());
const lots = lotsOf(plan.ranges);
const outside = touchedMemory(plan.bytes);
const inside = new Uint8Array(plan.bytes).fill(1);
const calls: { ms: number; bytes: number }[] = [];
const memFileMs: number[] = [];
for (let pass = 0; pass < PASSES; pass += 1) {
  calls.push(copyByCall(pid, lots, outside));
  memFileMs.push(copyByFile(pid, plan.ranges, inside));
}
reply({
  planBytes: plan.bytes,
  ranges: plan.ranges.length,
  copiedBytes: Math.min(...calls.map(({ bytes }) => bytes)),
  vmReadMs: calls.map(({ ms }) => ms),
  memFileMs,
});
