import { z } from 'zod';
import { PROBLEM_CODES } from './problem.ts';

/**
 * The report, version 1: the one thing that every format, page and script reads.
 * Names and meanings are a promise (docs/report.md); fields may be added, none may change.
 * The JSON Schema in `schema/` is generated from this file.
 *
 * Conventions: times are ISO 8601 in UTC, sizes are bytes. What is measured is a number,
 * what is estimated is an {@link Estimate}. Absent means unknown; `unknown` says why.
 */
const bytes = z.number().nonnegative();
const isoTime = z.iso.datetime();

const estimate = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  /** 0.9: nine in ten such intervals hold the truth. */
  level: z.number(),
});
export type Estimate = z.infer<typeof estimate>;

export const VERDICTS = ['leak', 'oom-risk', 'healthy', 'undecided'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const CAUSES = [
  'unbounded-collection',
  'unbounded-cache',
  'retained-objects',
  'global-accumulation',
  'reference-cycle',
  'large-allocation',
  'thread-growth',
  'task-growth',
  'allocator-retention',
  'reference-leak',
  'native-growth',
  'page-cache',
  'shared-memory',
  'worker-multiplication',
  'limit-too-low',
  'memory-spike',
  'warm-up',
  'node-pressure',
  'killed-not-oom',
  'other-container',
  'not-python',
] as const;
export type CauseId = (typeof CAUSES)[number];

export const HOLDER_KINDS = [
  'module-variable',
  'class-attribute',
  'instance-attribute',
  'closure',
  'default-argument',
  'local',
  'cache-decorator',
  'thread-local',
  'context-variable',
  'interpreter',
  'none',
] as const;
export type HolderKind = (typeof HOLDER_KINDS)[number];

const pathStep = z.object({
  /** module | attribute | key | index | frame | local | closure | default | slot | dict | … */
  kind: z.string(),
  name: z.string(),
  file: z.string().optional(),
  line: z.number().int().optional(),
});
export type PathStep = z.infer<typeof pathStep>;

const holder = z.object({
  /** As a developer would type it: `module.NAME`, `module.Class.attribute`, `module.function.<locals>.name`. */
  name: z.string(),
  kind: z.enum(HOLDER_KINDS),
  /** How many containers go by this name (the instances of a class, the lists in a dict). */
  instances: z.number().int().positive(),
  path: z.array(pathStep),
  type: z.string(),
  items: z.number().int().nonnegative(),
  elementType: z.string().optional(),
  ownBytes: bytes,
  /** What would be freed with the holder: own bytes and all that it alone keeps. */
  retainedBytes: bytes,
  /** What it keeps together with other holders in this report; not in `retainedBytes`. */
  sharedBytes: bytes,
  /** Retained and shared bytes an item: what one more item costs. */
  bytesPerItem: bytes.optional(),
  growth: z.object({ itemsPerSecond: z.number(), bytesPerSecond: z.number() }).optional(),
});
export type Holder = z.infer<typeof holder>;

const sourcePlace = z.object({
  /** `feeds` puts elements in; `empties` takes some out; `creates` makes the container. */
  role: z.enum(['feeds', 'empties', 'creates']),
  file: z.string(),
  line: z.number().int().positive(),
  function: z.string().optional(),
  code: z.string(),
  how: z.enum(['heap+source', 'log+source', 'tracemalloc', 'allocation-site']),
});
export type SourcePlace = z.infer<typeof sourcePlace>;

const fix = z.object({
  summary: z.string(),
  advice: z.array(z.string()),
  /** A unified diff for `patch -p1`, made for the files named in `files`. */
  patch: z.string().optional(),
  /** Whether the program's results can change with the patch: then the choice is named in `advice`. */
  changesResults: z.boolean().optional(),
  files: z.array(z.object({ path: z.string(), sha256: z.string() })).optional(),
});
export type Fix = z.infer<typeof fix>;

const confidence = z.object({
  level: z.enum(['high', 'medium', 'low']),
  /** The share of such findings that turned out right; null until that has been measured. */
  value: z.number().nullable(),
  basis: z.enum(['calibrated', 'rule']),
});
export type Confidence = z.infer<typeof confidence>;

const evidence = z.object({
  says: z.string(),
  /** The artifact that it was read from. */
  from: z.string(),
  /** A command that shows the same. */
  reproduce: z.string(),
});
export type Evidence = z.infer<typeof evidence>;

const finding = z.object({
  cause: z.enum(CAUSES),
  confidence,
  /** One sentence that a person can act on. */
  summary: z.string(),
  explainsBytesPerSecond: z.number().optional(),
  holder: holder.optional(),
  places: z.array(sourcePlace),
  evidence: z.array(evidence).min(1),
  fix,
});
export type Finding = z.infer<typeof finding>;

const problem = z.object({ code: z.enum(PROBLEM_CODES), message: z.string(), hint: z.string().optional() });

/** `virtual` (address space) is the number that counts where the limit in force is RLIMIT_AS. */
export const MEASURES = ['unreclaimable', 'working-set', 'rss', 'virtual'] as const;
export type Measure = (typeof MEASURES)[number];

const usage = z.object({ bytes, measure: z.enum(MEASURES), source: z.string(), at: isoTime });
export type Usage = z.infer<typeof usage>;

/**
 * What memory is used for. To the parts of docs/report.md come `other-processes` (in the same control group) and `reserved`
 * (address space without memory behind it, where that is the measure).
 */
export const BREAKDOWN_PARTS = [
  'python-objects',
  'python-arenas-free',
  'c-heap-used',
  'c-heap-free',
  'thread-stacks',
  'anonymous-other',
  'other-processes',
  'shared-memory',
  'file-mapped',
  'page-cache',
  'kernel',
  'reserved',
  'swap',
] as const;
export type BreakdownPart = (typeof BREAKDOWN_PARTS)[number];

const limit = z.object({ bytes, scope: z.enum(['container', 'pod', 'node', 'rlimit']) });
export type Limit = z.infer<typeof limit>;

const eta = z.object({
  status: z.enum(['estimated', 'no-growth', 'no-limit', 'unknown']),
  seconds: estimate.optional(),
  /** The moment from which they count, by the clock of the cluster; absent: that of the last sample. */
  at: isoTime.optional(),
});
export type Eta = z.infer<typeof eta>;

/** What goes by one name, and differs between the two looks. */
const difference = z.object({
  /** Of the holder, or of the type. */
  name: z.string(),
  /** Of the container; absent for a type. */
  type: z.string().optional(),
  /** Items of a container, objects of a type. Absent: not listed in that look, where only what is large is. */
  itemsBefore: z.number().int().nonnegative().optional(),
  itemsNow: z.number().int().nonnegative().optional(),
  /** Retained and shared bytes of a container, own bytes of the objects of a type. */
  bytesBefore: bytes.optional(),
  bytesNow: bytes.optional(),
  /** Of one process: gained a second in the time between, at least. */
  itemsPerSecond: z.number().optional(),
  bytesPerSecond: z.number().optional(),
});
export type Difference = z.infer<typeof difference>;

const compared = z.object({
  /** The case that this one is compared with. */
  with: z.object({ name: z.string(), collectedAt: isoTime, tool: z.string() }),
  /** Between the two looks. */
  seconds: z.number().nonnegative(),
  /** One process, looked at twice; else two runs of a program, of which only what leaks is compared, and sizes at one age. */
  sameProcess: z.boolean(),
  /** How old the process was at each look, in seconds. */
  ageBefore: z.number().nonnegative().optional(),
  ageNow: z.number().nonnegative().optional(),
  /** Most bytes gained first; each list is cut at twenty. */
  grew: z.array(difference),
  shrank: z.array(difference),
  /** In the later look alone; of two runs also what leaks in the later alone. */
  new: z.array(difference),
  /** What leaked in the earlier case, and was watched for long enough in the later to see that it does not any more. */
  fixed: z.array(z.object({ name: z.string(), itemsPerSecond: z.number(), bytesPerSecond: z.number() })),
  types: z.array(difference),
});
export type Compared = z.infer<typeof compared>;

export const reportSchema = z.object({
  version: z.literal(1),
  /** The version of whyoom that judged. */
  tool: z.string(),
  collectedAt: isoTime,
  target: z.object({
    kind: z.enum(['pod', 'process', 'logs']),
    name: z.string(),
    container: z.string().optional(),
    workload: z.string().optional(),
  }),
  verdict: z.enum(VERDICTS),
  headline: z.string(),
  limit: limit.optional(),
  usage: usage.optional(),
  growth: z.object({ bytesPerSecond: estimate, with: z.enum(['work', 'time', 'undecided']) }).optional(),
  eta: eta.optional(),
  compared: compared.optional(),
  work: z.object({ unit: z.string(), perSecond: estimate, bytesPerItem: estimate }).optional(),
  kills: z
    .array(
      z.object({
        at: isoTime.optional(),
        /** Of a pod: which of its containers, where it is not the one that is diagnosed. */
        container: z.string().optional(),
        reason: z.string(),
        exitCode: z.number().int().optional(),
        livedSeconds: z.number().optional(),
        seen: z.string(),
      }),
    )
    .optional(),
  restarts: z.number().int().nonnegative().optional(),
  /** The other pods of the workload. */
  pods: z
    .array(
      z.object({
        name: z.string(),
        verdict: z.enum(VERDICTS),
        usage: usage.optional(),
        restarts: z.number().int().nonnegative(),
        /** Why it is not running: `Evicted`, `ImagePullBackOff`, … */
        status: z.string().optional(),
      }),
    )
    .optional(),
  series: z.array(
    z.object({
      pod: z.string().optional(),
      container: z.string().optional(),
      pid: z.number().int().optional(),
      measure: z.string(),
      source: z.string(),
      /** One list a life of the process; points are [Unix seconds, bytes]. */
      lives: z.array(z.array(z.tuple([z.number(), z.number()]))),
    }),
  ),
  /** Where the memory was at the last look. Parts with `counted: false` are not in the sum: they lie beside `breakdownOf`. */
  breakdown: z.array(z.object({ part: z.string(), bytes, counted: z.literal(false).optional() })).optional(),
  /** The kernel's number that the breakdown sums to: as `usage`, but of the moment of that look. */
  breakdownOf: usage.optional(),
  /** Python's garbage collector at the last look, where it is not as usual: off, with frozen objects, or with a list of garbage. */
  collector: z
    .object({
      enabled: z.boolean(),
      frozen: z.number().int().nonnegative(),
      garbage: z.number().int().nonnegative(),
    })
    .optional(),
  processes: z
    .array(
      z.object({
        pid: z.number().int(),
        command: z.string(),
        python: z.string().optional(),
        rssBytes: bytes,
        read: z.boolean(),
      }),
    )
    .optional(),
  findings: z.array(finding),
  /** What the verdict rests on besides the findings' own evidence. */
  evidence: z.array(evidence).optional(),
  unknown: z.array(z.object({ needed: z.string(), by: z.array(z.string()), problem })),
  steps: z.array(
    z.object({
      key: z.string(),
      ok: z.boolean(),
      ms: z.number().nonnegative(),
      rung: z.string(),
      /** What the step did, in a few words: "paused 41 ms", "20 samples". */
      note: z.string().optional(),
    }),
  ),
});
export type Report = z.infer<typeof reportSchema>;
