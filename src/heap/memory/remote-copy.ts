import { HeapError } from '../heap-error.ts';
import type { LiveTarget } from '../live-target.ts';
import { ConstantPages } from './constant-pages.ts';
import { MOST_COPIED_BYTES, mebibytes } from './copy.ts';
import { joined, lengthOf, type Range, uncovered } from './ranges.ts';
import type { MemoryMap } from './reader.ts';
import type { RemoteMemory, Stopped, TakePages } from './remote.ts';
import { inBatches, planRemote, presentNow, type RemotePlan } from './remote-plan.ts';
import { PAGE_BYTES, Snapshot } from './snapshot.ts';

/** Asked for at once: a link of 12 MB/s is free for others after a third of a second. */
const PIECE_BYTES = 4 << 20;
/** Places for what the process still takes, until the second look; memory that is not written to is not taken. */
const GROWTH = 1.5;
const GROWTH_BYTES = 256 << 20;
/** Rounds of changes: until fewer pages than this changed, or hardly fewer than in the round before. */
const MOST_ROUNDS = 4;
const FEW_PAGES = 64;
const SHRINKS = 0.7;
/** Changed pages that are kept for a stop, most of them packed to a sixth: they count against the limit of the target. */
const STOP_BUFFER_BYTES = 2 << 20;
/** Pages before and behind a wanted one that come along, by round, and all of them together. */
const AHEAD_PAGES = [4, 4, 32, 32, 256];
const MOST_AHEAD_BYTES = 4 << 20;
/** Of what is free here: the walk takes about as much as the copy. */
const MEMORY_SHARE = 0.4;

export interface RemoteStop {
  readonly stopped: Stopped;
  /** Changed and not sent, or without a place in the copy. */
  readonly missedBytes: number;
}

/**
 * The memory of a process that is read over a link, copied while it runs and brought up to date with what changed. What is large and no
 * memory of Python's allocator is withheld until somebody asks for it. It lasts from the first look to the second.
 */
export class RemoteCopy {
  readonly snapshot: Snapshot;
  readonly constants: ConstantPages;
  /** Of pages that are in swap: reading them would bring them back. */
  swappedBytes = 0;
  private readonly target: LiveTarget;
  private readonly remote: RemoteMemory;
  /** What the reader tells changes of. */
  private known: Range[] = [];
  private placed: Range[] = [];

  /** Plans, and copies what is wanted in any case. Throws HeapError `refused` where this machine lacks room. */
  constructor(target: LiveTarget, remote: RemoteMemory) {
    this.target = target;
    this.remote = remote;
    const plan = planRemote(remote);
    this.constants = new ConstantPages(remote, plan.maps);
    this.snapshot = new Snapshot(capacityFor(plan, target.availableBytes()), this.constants);
    this.take(plan);
    this.fillUntouched(plan);
  }

  /** Takes in what is there by now and was not before. Returns false where there is no room for it: then it is time for a new copy. */
  renew(): boolean {
    // Whoever described the last look went through all memory for free pools, and asked for a page of each.
    this.snapshot.takeWanted();
    return this.take(planRemote(this.remote));
  }

  private take(plan: RemotePlan): boolean {
    this.swappedBytes = plan.swappedBytes;
    if (!this.place(plan)) return false;
    this.fetch(uncovered(plan.copied, this.known));
    return true;
  }

  private place({ kept, present }: Pick<RemotePlan, 'kept' | 'present'>): boolean {
    const fresh = kept.flatMap((blocks) => uncovered(blocks, this.placed));
    const without = this.snapshot.keep(fresh);
    this.placed = joined([...this.placed, ...fresh]);
    for (const range of present) this.snapshot.withhold(range);
    return without === 0;
  }

  /** From the files, all at once; what cannot be had there stays out. */
  private fillUntouched({ untouched }: RemotePlan): void {
    const parts = untouched.map(({ range, map }) => ({
      map,
      offset: map.offset + range.start - map.start,
      bytes: range.end - range.start,
    }));
    const pieces = this.target.readParts?.(parts) ?? [];
    untouched.forEach(({ range }, at) => {
      const piece = pieces[at];
      if (piece === undefined || piece.length === 0) return;
      // Behind the end of a file a page is filled up with zeros.
      const whole = new Uint8Array(range.end - range.start);
      whole.set(piece);
      this.snapshot.put(range.start, whole);
    });
  }

  /** Copies pages from the running process, which from now on are kept up to date. */
  private fetch(ranges: readonly Range[]): void {
    const pieces = ranges.flatMap(({ start, end }) => split(start, end));
    for (const batch of inBatches(pieces, PIECE_BYTES)) {
      this.remote.copy(batch, (address, bytes) => void this.snapshot.put(address, bytes));
    }
    this.known = joined([...this.known, ...ranges]);
  }

  /**
   * Copies what was asked for and withheld; returns how much that was. In each round more of what lies around it comes along: chains lead
   * from page to page.
   */
  fetchWanted(round: number): { memoryBytes: number; constantPages: number } {
    const wanted = this.snapshot.takeWanted();
    const around = this.around(wanted, AHEAD_PAGES[Math.min(round, AHEAD_PAGES.length - 1)]! * PAGE_BYTES);
    this.fetch(around);
    // What did not come is gone by now.
    this.snapshot.drop(around);
    return { memoryBytes: lengthOf(wanted), constantPages: this.constants.fetch() };
  }

  private around(wanted: readonly Range[], aheadBytes: number): readonly Range[] {
    const wider = wanted.map(({ start, end }) => ({ start: start - aheadBytes, end: end + aheadBytes }));
    const around = this.snapshot.withheldIn(joined(wider));
    return lengthOf(around) - lengthOf(wanted) > MOST_AHEAD_BYTES ? wanted : around;
  }

  /** Fetches what has changed until that is little, or does not get less. */
  settle(): void {
    let last = Number.POSITIVE_INFINITY;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const later = new WithoutPlace(this.snapshot);
      const { pages } = this.remote.changes(later.take);
      // The reader has told of these, and will not again before they change.
      if (later.pages.length > 0) this.putLater(later, presentNow(this.remote, this.remote.maps()));
      if (pages < FEW_PAGES || pages > last * SHRINKS) return;
      last = pages;
    }
  }

  /** Stops the process for as long as it takes to see what has changed. Afterwards the copy is of that moment. */
  stop(maxPauseMs: number): RemoteStop {
    const later = new WithoutPlace(this.snapshot);
    const stopped = this.remote.stopped({ maxPauseMs, bufferBytes: STOP_BUFFER_BYTES }, later.take);
    const refused = this.putLater(later, this.presentAfter(stopped.maps));
    return { stopped, missedBytes: (stopped.missedPages + refused) * PAGE_BYTES };
  }

  /** Finds places for what came from memory that is new. Returns how many pages there was no room for. */
  private putLater({ pages }: WithoutPlace, now: Pick<RemotePlan, 'kept' | 'present'>): number {
    this.place(now);
    const fresh = pages.map(({ address, bytes }) => ({ start: address, end: address + bytes.length }));
    this.snapshot.keep(uncovered(joined(fresh), this.placed));
    this.placed = joined([...this.placed, ...fresh]);
    this.known = joined([...this.known, ...fresh]);
    return pages.reduce((refused, { address, bytes }) => refused + this.snapshot.put(address, bytes), 0);
  }

  /** What came as zeros and is not there is gone: it is to be no memory, as it is none in the process. */
  private presentAfter(maps: readonly MemoryMap[]): Pick<RemotePlan, 'kept' | 'present'> {
    const now = presentNow(this.remote, maps);
    const gone = uncovered(this.known, now.present);
    this.snapshot.drop(gone, (bytes) => bytes.every((byte) => byte === 0));
    return now;
  }
}

/** Puts pages in their places, and remembers those that have none yet. */
class WithoutPlace {
  readonly pages: { readonly address: number; readonly bytes: Uint8Array }[] = [];
  private readonly snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  readonly take: TakePages = (address, bytes) => {
    if (this.snapshot.put(address, bytes) > 0) this.pages.push({ address, bytes: bytes.slice() });
  };
}

function split(start: number, end: number): Range[] {
  const pieces: Range[] = [];
  for (let at = start; at < end; at += PIECE_BYTES) pieces.push({ start: at, end: Math.min(end, at + PIECE_BYTES) });
  return pieces;
}

function capacityFor(plan: RemotePlan, availableBytes: number): number {
  const copied = lengthOf(plan.copied);
  if (copied > availableBytes * MEMORY_SHARE) {
    throw new HeapError(
      'refused',
      `A copy of the heap takes ${mebibytes(copied)} MiB here and as much again to read it, and only ${mebibytes(availableBytes)} MiB are free.`,
      'Free memory on this machine, or run whyoom where there is more.',
    );
  }
  const kept = lengthOf(plan.kept.flat());
  if (kept > MOST_COPIED_BYTES) {
    throw new HeapError(
      'refused',
      `The process has ${mebibytes(kept)} MiB of memory; whyoom reads up to ${mebibytes(MOST_COPIED_BYTES)} MiB.`,
      'Look at a process that has run for less long, or with less work.',
    );
  }
  return Math.min(MOST_COPIED_BYTES, Math.ceil(kept * GROWTH) + GROWTH_BYTES);
}
