import { readFileSync, writeSync } from 'node:fs';
import { trackedBy } from '../../../src/heap/cpython/collector.ts';
import { itemsOf } from '../../../src/heap/cpython/containers.ts';
import type { Stopper } from '../../../src/heap/live-target.ts';
import { takeLook } from '../../../src/heap/look.ts';
import { liveTarget } from '../../../src/sources/process/live-target.ts';
import { whileStopped } from '../../../src/sources/process/tracer/while-stopped.ts';

/**
 * A process of its own, as the tracer may be killed: looks at the heap of argv[2] once and prints, as JSON, how many
 * objects the collector tracks by type, and what it has found at the addresses in the file argv[3].
 */
const MAX_PAUSE_MS = 10_000;
const [pid, file] = [Number(process.argv[2]), process.argv[3]!];
const stop: Stopper = (body) => whileStopped(pid, { maxPauseMs: MAX_PAUSE_MS }, body);
const { view, partial } = takeLook(liveTarget(pid), stop, MAX_PAUSE_MS);
const { snapshot, walked } = view;

const tracked = new Map<number, { name: string; count: number }>();
trackedBy(snapshot, view.interpreter, (word) => {
  const type = walked.typeAt(word)!;
  const address = snapshot.address(type.word);
  tracked.set(address, { name: type.name, count: (tracked.get(address)?.count ?? 0) + 1 });
});

const found = [...readFileSync(file, 'utf8').matchAll(/^known \S+ (\d+)/gm)].map(([, address]) => {
  const word = snapshot.word(Number(address));
  const type = word >= 0 && walked.has(word) ? walked.typeAt(word) : undefined;
  if (type === undefined) return { address: Number(address) };
  return {
    address: Number(address),
    type: type.name,
    bytes: walked.sizeAt(word),
    items: itemsOf(snapshot, word, type),
  };
});

writeSync(
  1,
  JSON.stringify({
    version: view.interpreter.version,
    partial,
    lost: walked.lost,
    objects: walked.objects,
    tracked: [...tracked].map(([address, row]) => ({ address, ...row })),
    found,
  }),
);
