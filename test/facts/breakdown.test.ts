import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Artifacts } from '../../src/core/artifacts.ts';
import type { Measure } from '../../src/core/report.ts';
import { breakdownOf } from '../../src/facts/breakdown.ts';

const MIB = 2 ** 20;
type Memory = NonNullable<Artifacts['heap']['memory']>;
type Kernel = NonNullable<Memory['kernel']>;

const native = (parts: Partial<Memory['native']['parts']>): Memory['native'] => ({
  pymalloc: { arenas: 0, allocatedBytes: 0, availableBytes: 0, overheadBytes: 0, emptyPools: 0, presentBytes: 0 },
  cHeap: {
    usedBytes: 0,
    freeBytes: 0,
    fastBinBytes: 0,
    threadArenas: 0,
    mmappedChunks: 0,
    mmappedBytes: 0,
    unwalkedBytes: 0,
    pythonBytes: 0,
  },
  parts: { pythonObjects: 0, pythonArenasFree: 0, cHeapUsed: 0, cHeapFree: 0, threadStacks: 0, ...parts },
});

const kernel: Kernel = {
  rssBytes: 100 * MIB,
  anonymousBytes: 80 * MIB,
  sharedMemoryBytes: 5 * MIB,
  fileBytes: 15 * MIB,
  virtualBytes: 900 * MIB,
  swapBytes: 3 * MIB,
  pageTableBytes: MIB,
};
const group: NonNullable<Kernel['group']> = {
  usageBytes: 300 * MIB,
  anonymousBytes: 120 * MIB,
  sharedMemoryBytes: 20 * MIB,
  reclaimableBytes: 150 * MIB,
  mappedFileBytes: 12 * MIB,
  swapBytes: 4 * MIB,
};

const look = (memory: Memory | undefined, atUnixSeconds = 1_795_374_569): Artifacts['heap'] => ({
  atUnixSeconds,
  python: '3.13.0',
  pauseMs: 1,
  copiedBytes: 1,
  missedBytes: 0,
  objects: 1,
  objectBytes: 1,
  references: 1,
  refused: 0,
  types: [],
  holders: [],
  modules: [],
  ...(memory === undefined ? {} : { memory }),
});

const told = (memory: Memory, measure: Measure) =>
  breakdownOf({ look: look(memory), growth: undefined, limit: { measure, machineAvailableBytes: 0 } });

const bytesOf = (found: ReturnType<typeof told>) =>
  Object.fromEntries(found.breakdown!.map(({ part, bytes }) => [part, bytes / MIB]));
const sumOf = ({ breakdown = [] }: ReturnType<typeof told>) =>
  breakdown.filter(({ counted }) => counted !== false).reduce((sum, { bytes }) => sum + bytes, 0);

const parts = { pythonObjects: 40 * MIB, cHeapUsed: 20 * MIB, cHeapFree: 6 * MIB, threadStacks: 2 * MIB };

describe('where memory is', () => {
  test('sums to the RSS of a process without a limit of its own; swap and page tables lie beside it', () => {
    const found = told({ native: native(parts), kernel }, 'rss');
    expect(found.breakdownOf).toMatchObject({ bytes: 100 * MIB, measure: 'rss', source: 'process' });
    expect(bytesOf(found)).toEqual({
      'python-objects': 40,
      'c-heap-used': 20,
      'c-heap-free': 6,
      'thread-stacks': 2,
      'anonymous-other': 12,
      'shared-memory': 5,
      'file-mapped': 15,
      kernel: 1,
      swap: 3,
    });
    expect(sumOf(found)).toBe(100 * MIB);
  });

  test('sums to what counts in a group, with its other processes and what the kernel itself takes', () => {
    const found = told({ native: native(parts), kernel: { ...kernel, group } }, 'unreclaimable');
    expect(found.breakdownOf).toMatchObject({ bytes: 150 * MIB, measure: 'unreclaimable', source: 'cgroup' });
    expect(bytesOf(found)).toMatchObject({
      'other-processes': 40,
      'shared-memory': 20,
      kernel: 10,
      'file-mapped': 7,
      'page-cache': 143,
      swap: 4,
    });
    expect(sumOf(found)).toBe(150 * MIB);
  });

  test('is that of the process where the group was not charged for it', () => {
    const moved = { ...group, anonymousBytes: 10 * MIB };
    const found = told({ native: native(parts), kernel: { ...kernel, group: moved } }, 'unreclaimable');
    expect(found.breakdownOf).toMatchObject({ bytes: 100 * MIB, measure: 'rss' });
  });

  test('has the address space without memory as a part where that is the limit', () => {
    const found = told({ native: native(parts), kernel }, 'virtual');
    expect(bytesOf(found)).toMatchObject({ reserved: 800 });
    expect(sumOf(found)).toBe(900 * MIB);
  });

  test('gives large blocks no more than the kernel counts: pages that were only read take no memory', () => {
    const found = told(
      { native: native({ pythonObjects: 150 * MIB, cHeapUsed: 50 * MIB, threadStacks: 4 * MIB }), kernel },
      'rss',
    );
    expect(bytesOf(found)).toMatchObject({ 'python-objects': 57, 'c-heap-used': 19, 'thread-stacks': 4 });
    expect(sumOf(found)).toBe(100 * MIB);
  });

  test('is of the later look, and absent where no look could tell', () => {
    const later = look(
      { native: native(parts), kernel: { ...kernel, rssBytes: 110 * MIB, fileBytes: 25 * MIB } },
      1_795_374_580,
    );
    const growth = { seconds: 11, second: later, objectBytesGrown: 0, types: [], holders: [], watched: 1 };
    const first = look({ native: native(parts), kernel });
    const limit = { measure: 'rss', machineAvailableBytes: 0 } as const;
    expect(breakdownOf({ look: first, growth, limit }).breakdownOf).toMatchObject({
      bytes: 110 * MIB,
      at: '2026-11-22T19:09:40.000Z',
    });
    expect(breakdownOf({ look: look(undefined), growth: undefined, limit })).toEqual({});
    expect(breakdownOf({ look: look({ native: native(parts) }), growth: undefined, limit })).toEqual({});
  });

  test('has no part below zero, whatever a case says', () => {
    const size = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constant(0));
    const anyParts = fc.record({
      pythonObjects: size,
      pythonArenasFree: size,
      cHeapUsed: size,
      cHeapFree: size,
      threadStacks: size,
    });
    const any = fc.record({
      rssBytes: size,
      anonymousBytes: size,
      sharedMemoryBytes: size,
      fileBytes: size,
      virtualBytes: size,
      swapBytes: size,
      pageTableBytes: size,
      group: fc.option(
        fc.record({
          usageBytes: size,
          anonymousBytes: size,
          sharedMemoryBytes: size,
          reclaimableBytes: size,
          mappedFileBytes: size,
          swapBytes: size,
        }),
        { nil: undefined },
      ),
    });
    fc.assert(
      fc.property(anyParts, any, fc.constantFrom('rss', 'virtual', 'unreclaimable'), (given, numbers, measure) => {
        const found = told({ native: native(given), kernel: numbers }, measure as Measure);
        for (const { bytes } of found.breakdown ?? []) expect(bytes).toBeGreaterThan(0);
        expect(found.breakdown === undefined).toBe(numbers.rssBytes <= 0);
      }),
    );
  });
});
