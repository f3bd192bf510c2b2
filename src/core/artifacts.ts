import { z } from 'zod';
import type { HeapGrowth, HeapLook, HeapMemory } from '../heap/answer.ts';
import { type KubeArtifacts, kubeArtifactSchemas } from './kube-artifacts.ts';
import { type LogDigests, logDigestSchema } from './log-artifact.ts';
import { HOLDER_KINDS, MEASURES, VERDICTS } from './report.ts';
import { collectorSchema, tasksSchema, threadsSchema } from './stacks-schemas.ts';

/**
 * Everything that can be gathered, by key: plain data, so that a case can be saved and judged again.
 * A case may come from anywhere, so what is read back passes these schemas.
 */
/** No address space holds more. */
const bytes = z
  .number()
  .min(0)
  .max(2 ** 64);
const count = z.number().int().nonnegative();
/** Up to the year 9999, the last that ISO 8601 writes with four digits. */
const unixSeconds = z.number().min(0).max(253_402_300_799);
/** [Unix seconds, bytes or items]. Counts are read while the target runs, and summed: one that is none may be any word. */
const point = z.tuple([unixSeconds, z.number().min(0).max(1e30)]);

/**
 * The most that lists may have, so that a case made to keep whoever opens it busy is refused at once. Each is above what
 * whyoom itself can gather: the numbers behind are those of a watch of 24 hours, and of the limits in steps and reader.
 */
const MOST = {
  processes: 5000,
  /** 345,600: four a second. */
  samples: 400_000,
  /** 172,800: two a second. */
  counts: 200_000,
  holders: 100,
  containers: 500,
  grownHolders: 30,
  types: 1000,
  path: 100,
  /** Containers in containers, as deep as they go. */
  keys: 100_000,
  modules: 100_000,
  files: 500,
  missing: 2000,
  sourceCharacters: 8 * 2 ** 20,
} as const;

const processInfo = z.object({
  pid: z.number().int(),
  parentPid: z.number().int(),
  command: z.string(),
  executable: z.string(),
  threads: z.number().int(),
  rssBytes: bytes,
  startedAtUnixSeconds: unixSeconds,
  /** What its files say it is; the heap's self-checks have the last word. `unsupported` says why whyoom will not read it. */
  python: z
    .object({
      implementation: z.enum(['cpython', 'pypy', 'unknown']),
      version: z.string().optional(),
      unsupported: z.string().optional(),
    })
    .optional(),
});
export type ProcessInfo = z.infer<typeof processInfo>;

const processes = z.object({
  /** The process that was asked for. */
  rootPid: z.number().int(),
  /** The processes at and under it, parents before children. */
  tree: z.array(processInfo).max(MOST.processes),
  /** The Python process that is read: the root itself, or the one that holds most. Absent: there is none. */
  chosenPid: z.number().int().optional(),
});
export type Processes = z.infer<typeof processes>;

const cgroup = z.object({
  version: z.union([z.literal(1), z.literal(2)]),
  /** The group whose limit is in force: the tightest on the way up. */
  path: z.string(),
  limitBytes: bytes.optional(),
  usageBytes: bytes,
  /** File pages that the kernel can take back before it kills. */
  reclaimableBytes: bytes,
  sharedMemoryBytes: bytes,
  kernelBytes: bytes.optional(),
  swapBytes: bytes.optional(),
  events: z.object({ oomKills: z.number().int(), limitHits: z.number().int().optional() }).optional(),
});
export type Cgroup = z.infer<typeof cgroup>;

const memoryLimit = z.object({
  /** The limit that will be met first, and the measure that runs into it. Absent: no limit. */
  limit: z.object({ bytes, scope: z.enum(['container', 'rlimit']) }).optional(),
  /** Which measure counts against the limit (rss where there is none). */
  measure: z.enum(MEASURES),
  cgroup: cgroup.optional(),
  addressSpaceLimitBytes: bytes.optional(),
  /** From smaps_rollup, in bytes. */
  rollup: z
    .object({
      rssBytes: bytes,
      pssBytes: bytes,
      privateDirtyBytes: bytes,
      anonymousBytes: bytes,
      sharedBytes: bytes,
      swapBytes: bytes,
    })
    .optional(),
  machineAvailableBytes: bytes,
});
export type MemoryLimit = z.infer<typeof memoryLimit>;

const memorySeries = z.object({
  pid: z.number().int(),
  /** What counts against the limit (see `MemoryLimit.measure`); the samples that the trend is judged by. */
  measure: z.enum(MEASURES),
  source: z.enum(['cgroup', 'process']),
  samples: z.array(point).max(MOST.samples),
  /** The process's own RSS at the same moments, where `measure` is another number. */
  rss: z.array(point).max(MOST.samples),
  /** CPU seconds that the process used while it was watched: an idle process cannot show a leak. */
  cpuSeconds: z.number().nonnegative(),
  /** Why the watching ended. */
  ended: z.enum(['decided', 'time-up', 'interrupted', 'process-exited']),
  /** RSS of the other Python processes at and under the target, when they were found and at the end; not of those that ended. */
  others: z.array(z.object({ pid: z.number().int(), firstBytes: bytes, lastBytes: bytes })).optional(),
});
export type MemorySeries = z.infer<typeof memorySeries>;

const holderSite = z.object({
  module: z.string().optional(),
  file: z.string().optional(),
  className: z.string().optional(),
  name: z.string().optional(),
  functionName: z.string().optional(),
  functionFile: z.string().optional(),
  functionLine: z.number().int().optional(),
  depth: z.number().int(),
  keys: z.array(z.string().nullable()).max(MOST.keys).optional(),
});

const heapHolder = z.object({
  address: z.string(),
  name: z.string(),
  kind: z.enum(HOLDER_KINDS),
  instances: z.number().int(),
  truncated: z.boolean().optional(),
  path: z
    .array(
      z.object({ kind: z.string(), name: z.string(), file: z.string().optional(), line: z.number().int().optional() }),
    )
    .max(MOST.path),
  type: z.string(),
  items: z.number().int().nonnegative(),
  bound: z.number().int().optional(),
  elementType: z.string().optional(),
  ownBytes: bytes,
  retainedBytes: bytes,
  sharedBytes: bytes,
  keeps: z.array(z.object({ type: z.string(), count: z.number(), bytes })).max(MOST.types),
  site: holderSite,
});

const census = z.array(z.object({ type: z.string(), count: z.number().int(), bytes })).max(MOST.types);

const heapMemory: z.ZodType<HeapMemory> = z.object({
  native: z.object({
    pymalloc: z.object({
      arenas: count,
      allocatedBytes: bytes,
      availableBytes: bytes,
      overheadBytes: bytes,
      emptyPools: count,
      presentBytes: bytes,
    }),
    cHeap: z.object({
      usedBytes: bytes,
      freeBytes: bytes,
      fastBinBytes: bytes,
      threadArenas: count,
      mmappedChunks: count,
      mmappedBytes: bytes,
      unwalkedBytes: bytes,
      pythonBytes: bytes,
    }),
    parts: z.object({
      pythonObjects: bytes,
      pythonArenasFree: bytes,
      cHeapUsed: bytes,
      cHeapFree: bytes,
      threadStacks: bytes,
    }),
  }),
  kernel: z
    .object({
      rssBytes: bytes,
      anonymousBytes: bytes,
      sharedMemoryBytes: bytes,
      fileBytes: bytes,
      virtualBytes: bytes,
      swapBytes: bytes,
      pageTableBytes: bytes,
      group: z
        .object({
          usageBytes: bytes,
          anonymousBytes: bytes,
          sharedMemoryBytes: bytes,
          reclaimableBytes: bytes,
          mappedFileBytes: bytes,
          swapBytes: bytes,
        })
        .optional(),
    })
    .optional(),
});

const heapLook: z.ZodType<HeapLook> = z.object({
  atUnixSeconds: unixSeconds,
  python: z.string(),
  pauseMs: z.number(),
  copiedBytes: bytes,
  missedBytes: bytes,
  objects: z.number().int(),
  objectBytes: bytes,
  references: z.number().int(),
  refused: z.number().int(),
  partial: z.string().optional(),
  types: census,
  holders: z.array(heapHolder).max(MOST.holders),
  containers: z
    .object({ leastBytes: bytes, leastTogetherBytes: bytes, holders: z.array(heapHolder).max(MOST.containers) })
    .optional(),
  modules: z.array(z.object({ name: z.string(), file: z.string() })).max(MOST.modules),
  memory: heapMemory.optional(),
  threads: threadsSchema.optional(),
  tasks: tasksSchema.optional(),
  collector: collectorSchema.optional(),
});

const heapGrowth: z.ZodType<HeapGrowth> = z.object({
  seconds: z.number(),
  second: heapLook.optional(),
  secondMissing: z.string().optional(),
  objectBytesGrown: z.number(),
  types: z.array(z.object({ type: z.string(), count: z.number().int(), bytes: z.number() })).max(MOST.types),
  holders: z
    .array(
      z.object({
        holder: heapHolder,
        itemsBefore: z.number().int(),
        heldBefore: bytes,
        counts: z.array(point).max(MOST.counts),
      }),
    )
    .max(MOST.grownHolders),
  watched: z.number().int(),
});

const source = z.object({
  files: z
    .array(z.object({ path: z.string(), module: z.string().optional(), sha256: z.string(), text: z.string() }))
    .max(MOST.files)
    .refine((files) => files.reduce((sum, { text }) => sum + text.length, 0) <= MOST.sourceCharacters, {
      error: `more than ${MOST.sourceCharacters} characters of source`,
    }),
  /** Files that were asked for and could not be read. */
  missing: z.array(z.object({ path: z.string(), why: z.string() })).max(MOST.missing),
});
export type Source = z.infer<typeof source>;

const measured = z.object({
  measure: z.enum(MEASURES),
  source: z.enum(['cgroup', 'process']),
  atUnixSeconds: unixSeconds,
  /** In the middle of the last samples, and the least and most of all of them. */
  bytes,
  leastBytes: bytes,
  mostBytes: bytes,
});

/** What an earlier case knows that a later look is compared with. */
const baseline = z.object({
  /** The whyoom that gathered it, when, and what it looked at. */
  tool: z.string(),
  collectedAt: z.iso.datetime(),
  name: z.string(),
  /** The process that was read. */
  identity: z.object({ pid: z.number().int(), startedAtUnixSeconds: unixSeconds, command: z.string() }).optional(),
  /** Its last look. */
  look: heapLook,
  memory: measured.optional(),
  verdict: z.enum(VERDICTS),
  /** Whether it was watched for so long, between two looks, that what leaked at once was seen. */
  watchedSeconds: z.number(),
  /** What was seen to leak while it was watched. */
  leaks: z
    .array(z.object({ name: z.string(), itemsPerSecond: z.number(), bytesPerSecond: z.number() }))
    .max(MOST.grownHolders),
  /** The items of those that changed while it was watched. */
  counted: z
    .array(z.object({ name: z.string(), least: z.number(), most: z.number(), falls: z.number().int() }))
    .max(MOST.grownHolders),
});
export type Baseline = z.infer<typeof baseline>;

export const artifactSchemas = {
  processes,
  'memory-limit': memoryLimit,
  'memory-series': memorySeries,
  heap: heapLook,
  'heap-growth': heapGrowth,
  source,
  baseline,
  'log-digest': logDigestSchema,
  /** From `--source`: the files that print the growing numbers of the logs, and those that speak of what is named there. */
  'log-source': source,
  ...kubeArtifactSchemas,
} as const;

export interface Artifacts extends KubeArtifacts {
  processes: Processes;
  'memory-limit': MemoryLimit;
  'memory-series': MemorySeries;
  heap: HeapLook;
  'heap-growth': HeapGrowth;
  source: Source;
  baseline: Baseline;
  'log-digest': LogDigests;
  'log-source': Source;
}
export type Key = keyof Artifacts;
export const KEYS = Object.keys(artifactSchemas) as readonly Key[];
export type Got<N extends Key, O extends Key = never> = Readonly<Pick<Artifacts, N> & Partial<Pick<Artifacts, O>>>;
