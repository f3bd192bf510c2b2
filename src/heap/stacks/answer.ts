/** What the threads and tasks of a process were doing at one moment: plain data that leaves the helper process. */
export interface Stacks {
  atUnixSeconds: number;
  /** As the interpreter itself says: "3.11.7". */
  python: string;
  /** How long the target stood still. */
  pauseMs: number;
  copiedBytes: number;
  /** Why this is not the whole truth. Absent: it is. */
  partial?: string | undefined;
  threads: PythonThreads;
  /** Absent: asyncio was not imported. */
  tasks?: AsyncTasks | undefined;
  /** Absent where the collector could not be found, or was in the middle of a run. */
  collector?: CollectorState | undefined;
}

export interface PythonThreads {
  /** All that have a Python stack, those that were left out of `listed` too. */
  count: number;
  listed: PythonThread[];
}

export interface PythonThread {
  /** The kernel's number of the thread, as whyoom sees it; absent where it could not be told. */
  id?: number | undefined;
  /** What `threading.Thread.name` says. */
  name?: string | undefined;
  /** As the kernel said right before the process was stopped: on a processor or waiting for one, or waiting for something else. */
  state: 'running' | 'idle' | 'unknown';
  holdsGil: boolean;
  /** The innermost first. */
  frames: StackFrame[];
  /** Outer frames that were left out. */
  moreFrames?: number | undefined;
}

export interface StackFrame {
  /** The qualified name from 3.11 on; before that a code object knows the plain one alone. */
  function: string;
  file: string;
  /** Absent: the instruction belongs to no line. */
  line?: number | undefined;
}

export interface AsyncTasks {
  /** All that have not ended. */
  count: number;
  listed: AsyncTask[];
  /** Tasks by where they wait, most first. */
  groups: TaskGroup[];
}

export interface AsyncTask {
  name: string;
  /** Of the coroutines that await one another, the innermost first: the task's own coroutine is the last. */
  frames: StackFrame[];
  moreFrames?: number | undefined;
  /** `running`: on the stack of a thread. `ready`: it has not begun, or gave way to others. */
  state: 'running' | 'waiting' | 'ready';
  /** What the innermost of them waits for: the type of a future, or another task by its name. */
  waitsFor?: string | undefined;
}

export interface TaskGroup {
  count: number;
  state: AsyncTask['state'];
  at?: StackFrame | undefined;
  waitsFor?: string | undefined;
}

/** What the `gc` module says of itself. */
export interface CollectorState {
  enabled: boolean;
  /** `gc.get_threshold()` */
  thresholds: number[];
  /** `gc.get_count()` */
  counts: number[];
  /** `gc.get_freeze_count()`; absent where that many were not counted. */
  frozen?: number | undefined;
  /** `len(gc.garbage)` */
  garbage: number;
  /** `gc.get_stats()`, the youngest generation first. */
  generations: { collections: number; collected: number; uncollectable: number }[];
}
