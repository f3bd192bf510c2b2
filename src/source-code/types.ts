/** A source file as it was gathered. `path` is as the target (or the source folder) names it. */
export interface SourceFile {
  readonly path: string;
  readonly module?: string | undefined;
  readonly text: string;
  readonly sha256?: string | undefined;
}

/** The container that grows, as the heap names it: the part of a heap holder that the search starts from. */
export interface Held {
  readonly kind:
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
  readonly type: string;
  readonly site: HeldSite;
}

export interface HeldSite {
  readonly module?: string | undefined;
  readonly file?: string | undefined;
  /** Qualified name of the class that has the attribute. */
  readonly className?: string | undefined;
  readonly name?: string | undefined;
  /** Qualified name, file and first line of the function that has the variable, the default or the cache. */
  readonly functionName?: string | undefined;
  readonly functionFile?: string | undefined;
  readonly functionLine?: number | undefined;
  /** How many subscripts lie between the name and the container: 0 for `NAME`, 1 for `NAME[key]`. */
  readonly depth: number;
  /** Those subscripts: a constant of the source as itself, data as null. */
  readonly keys?: readonly (string | null)[] | undefined;
}

/** A statement that changes the container. */
export interface Use {
  readonly role: 'feeds' | 'empties' | 'creates';
  readonly file: string;
  /** 1-based, of the statement's first line. */
  readonly line: number;
  /** Qualified name without the module; absent at module level. */
  readonly function?: string | undefined;
  /** The source line, stripped, at most 200 characters. */
  readonly code: string;
  /** `append`, `[]=`, `+=`, `del`, `=`, `heappush`, `lru_cache`, … */
  readonly operation: string;
  /** The container as written there: `self.items`, or an alias. */
  readonly container: string;
  /** The statement's offsets in the file's text. */
  readonly from: number;
  readonly to: number;
}

export interface Uses {
  readonly feeds: readonly Use[];
  readonly empties: readonly Use[];
  readonly creates: readonly Use[];
  /** Looked up by key (`k in D`, `D.get(k)`, `D[k]`, setdefault). */
  readonly readByKey: boolean;
  /** Its elements are read somewhere other than in the statement that feeds it, or in `len()`. */
  readonly readElsewhere: boolean;
  /** Something takes elements out in the function that feeds it, or in one that this calls; or it has a maxlen or maxsize. */
  readonly boundedWhereFed: boolean;
  /** Qualified names of the functions that take elements out; `<module>` for module level. */
  readonly emptiedOnlyIn: readonly string[];
}

export interface Sizing {
  readonly bytesPerItem?: number | undefined;
  readonly limitBytes?: number | undefined;
  /** Memory of the process that is not this holder. */
  readonly baselineBytes?: number | undefined;
  /** How many items the container has now. */
  readonly items: number;
}

export interface ProposedFix {
  readonly summary: string;
  readonly advice: string[];
  /** A unified diff for `patch -p1`. Absent: no change is known to be safe. */
  readonly patch?: string;
  /** Whether the program's results can change with the patch. */
  readonly changesResults?: boolean;
  readonly files?: { path: string; sha256: string }[];
}
