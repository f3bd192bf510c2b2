import { openHeap } from '../../src/sources/process/heap-session.ts';

/** Stands for the CLI: opens the heap of argv[2] and looks, until it is killed. */
const session = await openHeap(new URL('stub-worker.ts', import.meta.url), Number(process.argv[2]), {
  maxPauseMs: 60_000,
});
await session.first();
