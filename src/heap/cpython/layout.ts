/**
 * Where the fields of CPython's structures lie, in bytes, on x86-64. One table a minor version in layouts/.
 * Made by compiling `offsetof` against each version's own internal headers; what is the same in all of
 * 3.8–3.15 (see `COMMON`) is written once.
 */
export interface Layout {
  readonly minor: number;
  readonly runtime: { readonly interpretersHead: number; readonly size: number };
  readonly interpreter: {
    readonly next: number;
    readonly modules: number;
    readonly sysdict: number;
    readonly builtins: number;
    readonly threadsHead: number;
    readonly size: number;
  };
  readonly collector: CollectorLayout;
  readonly thread: {
    readonly next: number;
    readonly dict: number;
    readonly context: number;
    readonly nativeThreadId?: number;
    readonly size: number;
    readonly frame: FrameAnchor;
  };
  readonly stacks: StacksLayout;
  readonly frame: FrameLayout;
  readonly generator: GeneratorLayout;
  readonly code: CodeLayout;
  readonly func: FunctionLayout;
  readonly keys: KeysLayout;
  readonly values: ValuesLayout;
  readonly instance: InstanceLayout;
  readonly str: {
    readonly asciiSize: number;
    readonly compactSize: number;
    readonly utf8: number;
    readonly utf8Length: number;
  };
  readonly heapType: { readonly cachedKeys: number; readonly qualname: number; readonly size: number };
  /** Where the items begin: from 3.14 on the hash lies before them. */
  readonly tuple: { readonly items: number };
  readonly module: { readonly size: number };
  readonly bytearray: { readonly size: number };
  readonly typeSize: number;
  readonly weakrefSize: number;
}

/** `struct _gc_runtime_state`: in `_PyRuntime` up to 3.8, in the interpreter's state from 3.9 on. */
export interface CollectorLayout {
  readonly of: 'runtime' | 'interpreter';
  readonly at: number;
  readonly generations: number;
  readonly collecting: number;
  readonly enabled: number;
  /** The list of `gc.freeze()`. */
  readonly permanent: number;
  /**
   * Numbers of collections, of what was collected and of what could not be, three words a generation; from 3.15 on a
   * pointer to rings of the last ones (Include/internal/pycore_interp_structs.h, gc_stats).
   */
  readonly statistics: { readonly how: 'inline' | 'rings'; readonly at: number };
  readonly garbage: number;
}

/** What tells where threads and tasks are. */
export interface StacksLayout {
  /** PyThreadState.thread_id: what `threading.get_ident()` gives. */
  readonly threadIdentifier: number;
  /** `struct _gil_runtime_state`, or the pointer to it in the interpreter's state. */
  readonly gil: { readonly of: 'runtime' | 'interpreter'; readonly at: number };
  /** In a frame: the last instruction, as an index (f_lasti) or as a pointer (prev_instr, from 3.13 on instr_ptr). */
  readonly instruction:
    | {
        readonly how: 'index';
        readonly at: number;
        readonly unitBytes: number;
        /** The byte that tells whether the frame runs (f_executing, in 3.10 f_state), and what it says then. */
        readonly executing: { readonly at: number; readonly value: number };
      }
    | { readonly how: 'pointer'; readonly at: number };
  /** In a code object: the pointer to its bytecode (a bytes object), from 3.11 on the bytecode itself. */
  readonly code: number;
  /** The pointer to the bytes of the line table. */
  readonly lines: { readonly how: 'lnotab' | 'linetable' | 'locations'; readonly at: number };
  /**
   * How a suspended coroutine or generator tells that it waits for another: its next instruction is YIELD_FROM, or a RESUME
   * with an argument of 2 or 3 (_PyGen_yf, Objects/genobject.c); from 3.13 on its state. `depth`: what it waits for is so far from the
   * top of its stack: 1 is the topmost.
   */
  readonly delegates:
    | { readonly how: 'opcode' | 'resume'; readonly depth: number; readonly opcodes: readonly number[] }
    | { readonly how: 'state'; readonly depth: number; readonly least: number; readonly most: number };
  /**
   * How tasks of asyncio are found: in sets of asyncio.tasks; from 3.14 on those that are written in C in a list of the thread
   * that made them, or of the interpreter once that thread has ended. Measured on the section .AsyncioDebug of _asyncio.
   */
  readonly tasks:
    | { readonly how: 'sets' }
    | {
        readonly how: 'lists';
        readonly ofThread: number;
        readonly ofInterpreter: number;
        readonly node: number;
        readonly coroutine: number;
        readonly name: number;
      };
}

/** How a thread leads to its running frame. */
export type FrameAnchor =
  | { readonly how: 'object'; readonly offset: number }
  /** Through a _PyCFrame on the C stack. */
  | { readonly how: 'cframe'; readonly offset: number; readonly currentFrame: number }
  | { readonly how: 'direct'; readonly offset: number };

/** Up to 3.10 frames are objects; from 3.11 they are plain structures on a stack of their own. */
export type FrameLayout =
  | {
      readonly how: 'object';
      readonly back: number;
      readonly code: number;
      readonly globals: number;
      readonly locals: number;
      readonly valueStack: number;
      readonly stackTop: StackTop;
      readonly localsplus: number;
    }
  | {
      readonly how: 'struct';
      readonly func: number;
      readonly code: number;
      readonly globals: number;
      readonly builtins: number;
      readonly locals: number;
      readonly frameObject: number;
      readonly previous: number;
      readonly stackTop: StackTop;
      readonly owner: number;
      readonly localsplus: number;
      /** In a frame object: the pointer to its frame. */
      readonly objectFrame: number;
      /** In a frame object: where a frame that outlived its call is kept. */
      readonly objectData: number;
    };

/**
 * How a frame tells the top of its value stack while it does not run: a pointer (3.8, 3.9 and from 3.14 on; null while it runs,
 * up to 3.9), a depth (3.10), or slots from the first local (3.11–3.13), both -1 while it runs.
 */
export interface StackTop {
  readonly how: 'pointer' | 'depth' | 'slots';
  readonly offset: number;
}

export type GeneratorLayout =
  | { readonly how: 'frame-object'; readonly frame: number }
  /** `ended`: the least state (`enum _framestate`, a signed byte) in which there is no frame any more. */
  | { readonly how: 'inline'; readonly state: number; readonly ended: number; readonly frame: number };

export interface CodeLayout {
  readonly stackSize: number;
  readonly firstLine: number;
  readonly filename: number;
  readonly name: number;
  readonly argCount: number;
  readonly keywordOnlyCount: number;
  readonly names:
    | {
        readonly how: 'three-tuples';
        readonly nlocals: number;
        readonly varnames: number;
        readonly freevars: number;
        readonly cellvars: number;
      }
    | {
        readonly how: 'localsplus';
        readonly count: number;
        readonly names: number;
        readonly nfreevars: number;
        readonly qualname: number;
      };
}

export interface FunctionLayout {
  readonly code: number;
  readonly globals: number;
  readonly qualname: number;
  readonly defaults: number;
  readonly keywordDefaults: number;
  readonly closure: number;
  readonly dict: number;
  readonly module: number;
  readonly weakreflist: number;
}

export type KeysLayout =
  /** dict-keys with a full header: size, usable and entry count as words; all entries {hash, key, value}. */
  | {
      readonly how: 'sized';
      readonly size: number;
      readonly usable: number;
      readonly entries: number;
      readonly indices: number;
    }
  /** 3.11+: log2 sizes and a kind (0 general, 1 unicode, 2 split) as bytes. */
  | {
      readonly how: 'log2';
      readonly log2Size: number;
      readonly log2IndexBytes: number;
      readonly kind: number;
      readonly usable: number;
      readonly entries: number;
      readonly indices: number;
    };

/** Where in split-table values the first pointer lies, and whether a header says how many there can be. */
export interface ValuesLayout {
  readonly first: number;
}

/** How an instance holds its attributes. */
export type InstanceLayout =
  /** A dict pointer at tp_dictoffset. */
  | { readonly how: 'dict-offset' }
  /** 3.11: values and dict are two words before the object. */
  | { readonly how: 'two-words'; readonly values: number; readonly dict: number }
  /** 3.12: one word before the object; its low bit tells values from a dict. */
  | { readonly how: 'tagged-word'; readonly word: number }
  /** 3.13: the dict before the object, the values inline behind it while they are valid. */
  | { readonly how: 'inline'; readonly dict: number; readonly valid: number };

/** The same in every version from 3.8 to 3.15. */
export const COMMON = {
  object: { refcount: 0, type: 8, size: 16 },
  gc: { headBytes: 16, generationBytes: 24 },
  type: {
    name: 24,
    basicSize: 32,
    itemSize: 40,
    flags: 168,
    doc: 176,
    traverse: 184,
    weaklistOffset: 208,
    base: 256,
    dict: 264,
    dictOffset: 288,
    bases: 336,
    mro: 344,
    cache: 352,
    subclasses: 360,
    weaklist: 368,
  },
  dict: { used: 16, keys: 32, values: 40, size: 48 },
  list: { items: 24, allocated: 32, size: 40 },
  set: { used: 24, mask: 32, table: 40, smallTable: 64, size: 200, weakreflist: 192 },
  str: { length: 16, state: 32, kindShift: 2, compactBit: 5, asciiBit: 6 },
  bytes: { data: 32 },
  bytearray: { allocated: 24, buffer: 32 },
  /** Modules/arraymodule.c, arrayobject: `allocated` counts items; their size is at `itemSize` of the descriptor. */
  array: { items: 24, allocated: 32, descriptor: 40, itemSize: 4 },
  /** numpy's PyArrayObject_fields; OWNDATA is a flag. */
  ndarray: {
    data: 16,
    axes: 24,
    dimensions: 32,
    strides: 40,
    base: 48,
    descriptor: 56,
    flags: 64,
    memory: 88,
    ownsData: 4,
    mostAxes: 64,
  },
  cell: { contents: 16 },
  method: { func: 16, self: 24 },
  weakref: { target: 16, callback: 24 },
  module: { dict: 16 },
  /** struct _gil_runtime_state (Include/internal/pycore_gil.h). */
  gil: { lastHolder: 8, locked: 16 },
  traceback: { next: 16, frame: 24, line: 36 },
  /** Modules/_collectionsmodule.c: dequeobject and BLOCK {left, data[64], right}. */
  deque: {
    leftBlock: 24,
    rightBlock: 32,
    leftIndex: 40,
    rightIndex: 48,
    maxLength: 64,
    blockItems: 64,
    blockBytes: 528,
  },
  /** Modules/_functoolsmodule.c: lru_cache_object, after the root link of 56 bytes. */
  lruCache: { cache: 72, func: 88, maxSize: 96, entry: { next: 24, key: 40, result: 48 } },
} as const;

/** Bits of tp_flags (Include/object.h). */
export const TYPE_FLAGS = {
  /** 3.13: values inline behind the object. */
  inlineValues: 1 << 2,
  /** 3.12+: the list of weak references is kept before the object. */
  managedWeakrefs: 1 << 3,
  /** 3.11+: attributes are kept before the object. */
  managedDict: 1 << 4,
  heapType: 1 << 9,
  ready: 1 << 12,
  gc: 1 << 14,
  longSubclass: 1 << 24,
  listSubclass: 1 << 25,
  tupleSubclass: 1 << 26,
  bytesSubclass: 1 << 27,
  strSubclass: 1 << 28,
  dictSubclass: 1 << 29,
  exceptionSubclass: 1 << 30,
  typeSubclass: 1 << 31,
} as const;
