import { closeSync, openSync, readSync } from 'node:fs';
import type { ProblemError } from '../../core/problem.ts';
import { HIGHEST_ADDRESS, parseMaps } from '../../heap/memory/maps.ts';
import { ABSENT, FILE_PAGE, PRESENT, SWAPPED } from '../../heap/memory/page-states.ts';
import type { MemoryReader } from '../../heap/memory/reader.ts';
import { PAGE_BYTES } from '../../heap/memory/snapshot.ts';
import { loadLibc } from './tracer/libc.ts';
import { readText } from './tracer/proc-status.ts';
import { explainRefusal, gatherAccessFacts } from './tracer/refusal.ts';

/** Memory of a live process through /proc (proc_pid_maps(5), proc_pid_mem(5), proc_pid_pagemap(5)). */
export interface LiveMemory {
  /** A reader with the maps of this moment. Throws ProblemError `absent` or `denied`. */
  reader(): MemoryReader;
  close(): void;
}

const PAGEMAP_ENTRY_BYTES = 8;
/** Of the pagemap at once: 512 MiB of addresses. */
const PAGEMAP_CHUNK_BYTES = 1 << 20;

interface Open {
  mem: number | undefined;
  pagemap: number | undefined;
}

/** Opens the memory, which is when the kernel checks the right to read it. Throws ProblemError `absent` or `denied`. */
export function openLiveMemory(pid: number): LiveMemory {
  const open: Open = { mem: openMemory(pid), pagemap: tryOpen(`/proc/${pid}/pagemap`) };
  return {
    reader() {
      const maps = parseMaps(readText(`/proc/${pid}/maps`) ?? '');
      if (maps.length === 0) throw explainRefusal(gatherAccessFacts(pid));
      reopen(open, pid);
      return {
        maps,
        read: (address, into) => readAt(open.mem, address, into),
        copy: (address, into) => copyAt(pid, open.mem, address, into),
        pages: (start, end) => pagesOf(open.pagemap, start, end),
      };
    },
    close: () => closeAll(open),
  };
}

/** An exec gives the process a new memory, and descriptors opened before still mean the old one. */
function reopen(open: Open, pid: number): void {
  closeAll(open);
  open.mem = openMemory(pid);
  open.pagemap = tryOpen(`/proc/${pid}/pagemap`);
}

function openMemory(pid: number): number {
  try {
    return openSync(`/proc/${pid}/mem`, 'r');
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ESRCH' && code !== 'EACCES' && code !== 'EPERM') throw thrown;
    throw withoutTracer(pid);
  }
}

/** Reading needs the same right as tracing, but a tracer that is already there does not stand in the way. */
function withoutTracer(pid: number): ProblemError {
  const { tracer: _, ...facts } = gatherAccessFacts(pid);
  return explainRefusal(facts);
}

function tryOpen(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

function closeAll(open: Open): void {
  for (const descriptor of [open.mem, open.pagemap]) if (descriptor !== undefined) closeSync(descriptor);
  open.mem = undefined;
  open.pagemap = undefined;
}

/** Bytes that came; a hole, a page that cannot be read and a process that has gone all end it early. */
function readAt(mem: number | undefined, address: number, into: Uint8Array): number {
  if (mem === undefined || !(address >= 0 && address < HIGHEST_ADDRESS)) return 0;
  let got = 0;
  while (got < into.length) {
    const more = tryRead(mem, into, got, address + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}

/** What the quick way does not give, at a hole or where it is forbidden, the other one tries. */
function copyAt(pid: number, mem: number | undefined, address: number, into: Uint8Array): number {
  const got = loadLibc().copyMemory(pid, address, into);
  return got > 0 ? got : readAt(mem, address, into);
}

function tryRead(descriptor: number, into: Uint8Array, offset: number, position: number): number {
  try {
    return readSync(descriptor, into, offset, into.length - offset, position);
  } catch {
    return 0;
  }
}

/**
 * For each page: 1 present, 2 swapped out, 3 present and a file's or shared, 0 absent (bits 63, 62 and 61 of its entry:
 * Documentation/admin-guide/mm/pagemap.rst). All present where the pagemap
 * cannot be read, so that the caller reads rather than leaves out.
 */
function pagesOf(pagemap: number | undefined, start: number, end: number): Uint8Array {
  const pages = new Uint8Array(Math.max(0, Math.ceil((end - start) / PAGE_BYTES))).fill(PRESENT);
  if (pagemap === undefined) return pages;
  const entries = new Uint8Array(Math.min(pages.length * PAGEMAP_ENTRY_BYTES, PAGEMAP_CHUNK_BYTES));
  for (let page = 0; page < pages.length; ) {
    const wanted = entries.subarray(0, (pages.length - page) * PAGEMAP_ENTRY_BYTES);
    const at = (Math.floor(start / PAGE_BYTES) + page) * PAGEMAP_ENTRY_BYTES;
    const got = Math.floor(tryRead(pagemap, wanted, 0, at) / PAGEMAP_ENTRY_BYTES);
    if (got === 0) break;
    for (let i = 0; i < got; i++) pages[page + i] = pageState(entries[i * PAGEMAP_ENTRY_BYTES + 7]!);
    page += got;
  }
  return pages;
}

function pageState(topByte: number): number {
  if ((topByte & 0x80) === 0) return topByte & 0x40 ? SWAPPED : ABSENT;
  return topByte & 0x20 ? FILE_PAGE : PRESENT;
}
