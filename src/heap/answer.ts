import type { AsyncTasks, CollectorState, PythonThreads } from './stacks/answer.ts';

/**
 * What the heap reader answers: plain data that crosses a process boundary and is kept in a case.
 * It holds names, types, counts and sizes, never the contents of the target's strings.
 */

/** A container, or several that go by one name, as a developer would type it. */
export interface HeapHolder {
  /** Of the container (the largest where there are several), in hexadecimal with 0x. */
  address: string;
  name: string;
  kind:
    | 'module-variable'
    | 'class-attribute'
    | 'instance-attribute'
    | 'closure'
    | 'default-argument'
    | 'local'
    | 'cache-decorator'
    | 'thread-local'
    | 'context-variable'
    | 'interpreter'
    | 'none';
  instances: number;
  /** More containers than could be examined: smaller ones may go by the name, too. */
  truncated?: boolean | undefined;
  /** From a root (a module or a frame) down to the container. */
  path: HeapPathStep[];
  type: string;
  items: number;
  /** The most items that it can ever hold (deque maxlen, lru_cache maxsize). Absent: none known. */
  bound?: number | undefined;
  elementType?: string | undefined;
  ownBytes: number;
  /** Freed with the container: its own bytes and what it alone keeps (dominated). */
  retainedBytes: number;
  /** Kept together with other holders of the same answer. */
  sharedBytes: number;
  /** What the retained and shared bytes are made of, most bytes first. */
  keeps: { type: string; count: number; bytes: number }[];
  site: HolderSite;
}

export interface HeapPathStep {
  /** module | frame | local | attribute | key | index | closure | default | slot | element | … */
  kind: string;
  name: string;
  file?: string | undefined;
  line?: number | undefined;
}

/** Where in the source the holder's name is at home: what the search for the feeding line starts from. */
export interface HolderSite {
  /** The module that defines the variable, class or function, and its file. */
  module?: string | undefined;
  file?: string | undefined;
  /** Qualified name of the class that has the attribute (class and instance attributes). */
  className?: string | undefined;
  /** The variable, attribute or parameter. Absent for `cache-decorator`: the function is the holder. */
  name?: string | undefined;
  /** Qualified name, file and first line of the function (closure, default argument, local, cache decorator). */
  functionName?: string | undefined;
  functionFile?: string | undefined;
  functionLine?: number | undefined;
  /** How many subscripts lie between the name and the container: 0 for `NAME`, 1 for `NAME[key]`. */
  depth: number;
  /** The subscripts from the name down to the container, a constant of the source as itself, data as null. */
  keys?: (string | null)[] | undefined;
}

/** One look at the heap. */
export interface HeapLook {
  atUnixSeconds: number;
  /** As the interpreter itself says: "3.11.7". */
  python: string;
  /** How long the target stood still. */
  pauseMs: number;
  copiedBytes: number;
  /** Memory that should have been copied and was not (budget, unreadable). */
  missedBytes: number;
  objects: number;
  objectBytes: number;
  references: number;
  /** References that led to nothing that could be an object; counted, not followed. */
  refused: number;
  /** Why the look is not the whole truth. Absent: it is. */
  partial?: string | undefined;
  /** Most bytes first. */
  types: { type: string; count: number; bytes: number }[];
  /** What is big already, most retained bytes first. */
  holders: HeapHolder[];
  /** The containers by name, whatever holds them: what a later look is compared with. Absent in older cases. */
  containers?: LargeContainers | undefined;
  /** Modules that came from files. */
  modules: { name: string; file: string }[];
  /** What all of its memory is used for, not only that of objects. Absent: not asked for, or made by an older version. */
  memory?: HeapMemory | undefined;
  /** What its threads were doing at that moment, and the tasks of asyncio where there is that. Absent in older cases. */
  threads?: PythonThreads | undefined;
  tasks?: AsyncTasks | undefined;
  /** What its `gc` module says. Absent in older cases, and where the collector was in the middle of a run. */
  collector?: CollectorState | undefined;
}

/** Where the memory was at the moment of the look, in bytes. */
export interface HeapMemory {
  native: NativeMemory;
  /** What the kernel said of the process; absent where it said nothing (it had ended by then). */
  kernel?: KernelMemory | undefined;
}

/** What the anonymous memory of a process is used for, read from its copy. */
export interface NativeMemory {
  /** Python's allocator for small objects, as `sys._debugmallocstats()` counts. */
  pymalloc: {
    arenas: number;
    allocatedBytes: number;
    availableBytes: number;
    /** Headers, and the ends of pools that hold no whole block. */
    overheadBytes: number;
    emptyPools: number;
    /** Of the arenas, what is in memory. */
    presentBytes: number;
  };
  /** glibc's allocator, as `mallinfo2` counts: whether it is in memory or not. */
  cHeap: {
    usedBytes: number;
    freeBytes: number;
    fastBinBytes: number;
    threadArenas: number;
    mmappedChunks: number;
    mmappedBytes: number;
    /** Of heaps in which the chain of chunks could not be followed to its end. */
    unwalkedBytes: number;
    /** Of what is used, blocks known to be Python's: large objects, tables and buffers. In memory. */
    pythonBytes: number;
  };
  /** What is in memory, each byte in one part. The rest of the anonymous memory is none of them. */
  parts: {
    pythonObjects: number;
    pythonArenasFree: number;
    cHeapUsed: number;
    cHeapFree: number;
    threadStacks: number;
  };
}

/** The kernel's numbers right after the copy. */
export interface KernelMemory {
  rssBytes: number;
  anonymousBytes: number;
  sharedMemoryBytes: number;
  fileBytes: number;
  virtualBytes: number;
  swapBytes: number;
  pageTableBytes: number;
  /** The control group whose limit counts, with all processes in it. */
  group?:
    | {
        usageBytes: number;
        anonymousBytes: number;
        sharedMemoryBytes: number;
        /** File pages that the kernel takes back before it kills. */
        reclaimableBytes: number;
        mappedFileBytes: number;
        swapBytes: number;
      }
    | undefined;
}

/** Containers by name, most retained bytes first, and how far down the list is complete. */
export interface LargeContainers {
  /** A single container that keeps less was not looked at. */
  leastBytes: number;
  /** A name of which all containers together keep less may have been left out; 0: none was. */
  leastTogetherBytes: number;
  /** Without `keeps` and `sharedBytes`. */
  holders: HeapHolder[];
}

/** What grew between the first look and the last. */
export interface HeapGrowth {
  /** Between the two looks. */
  seconds: number;
  /** Absent: the target was gone or could not be stopped again; then `counts` are what is known. */
  second?: HeapLook | undefined;
  /** Why there was no second look, where that is known. */
  secondMissing?: string | undefined;
  objectBytesGrown: number;
  /** Differences by type, most bytes first. */
  types: { type: string; count: number; bytes: number }[];
  /** Holders that grew, most bytes first. */
  holders: GrownHolder[];
  /** How many containers were watched between the looks. */
  watched: number;
}

export interface GrownHolder {
  /** As in the last look (in the first where there was no second). */
  holder: HeapHolder;
  itemsBefore: number;
  /** Retained and shared bytes at the first look. */
  heldBefore: number;
  /** Items by time, [Unix seconds, items], read without stopping the target between the looks. */
  counts: [number, number][];
}
