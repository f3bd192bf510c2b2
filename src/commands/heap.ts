import { VERSION } from '../app.ts';
import type { Artifacts } from '../core/artifacts.ts';
import type { HeapReport } from '../core/heap-report.ts';
import type { AskedHeap } from '../core/ports.ts';
import { heapFormats } from '../formats/heap.ts';
import { EXIT } from './exit-code.ts';
import { type HeapLookOptions, withCommandHeap, withProcessHeap } from './heap-target.ts';
import { screenOf, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

export interface HeapOptions extends HeapLookOptions {
  readonly pid?: number;
  readonly types: number;
  readonly holders: number;
  readonly pathTo?: string;
  readonly output: string;
  readonly color: boolean;
}

/** `whyoom heap (--pid N | -- command …)`: what is in the heap, and who holds it. */
export async function heap(
  targets: readonly string[],
  command: readonly string[],
  options: HeapOptions,
  terminal: Terminal,
): Promise<number> {
  const kinds = [options.pid !== undefined, command.length > 0, targets.length > 0].filter(Boolean).length;
  if (kinds === 0) throw new UsageError('Nothing to look at.', 'Give --pid PID, or a command after --.');
  if (kinds > 1 || targets.length > 1)
    throw new UsageError('More than one target.', 'Give one of: --pid PID, -- command ….');
  const format = formatOf(options.output);
  const tell = async (target: HeapReport['target'], asked: AskedHeap) => {
    const report = await reportOn(target, asked, options);
    await terminal.write(format.render(report, screenOf(terminal, options.color)));
  };
  if (command.length > 0) await withCommandHeap(command, options, terminal, tell);
  else if (options.pid !== undefined) await withProcessHeap(options.pid, options, terminal, tell);
  return EXIT.done;
}

function formatOf(id: string) {
  const format = heapFormats.find((each) => each.id === id);
  if (format) return format;
  throw new UsageError(
    `whyoom heap has no format "${id}".`,
    `Formats: ${heapFormats.map((each) => each.id).join(', ')}`,
  );
}

async function reportOn(target: HeapReport['target'], asked: AskedHeap, options: HeapOptions): Promise<HeapReport> {
  const { pathTo, types, holders } = options;
  const look = await asked.overview(pathTo === undefined ? { types, holders } : { types: 0, holders: 0 });
  const paths = pathTo === undefined ? undefined : await asked.pathsTo(pathTo, holders);
  return {
    version: 1,
    tool: VERSION,
    target,
    takenAt: new Date(Math.round(look.atUnixSeconds * 1000)).toISOString(),
    python: look.python,
    pauseMs: Math.round(look.pauseMs),
    objects: look.objects,
    objectBytes: look.objectBytes,
    references: look.references,
    refused: look.refused,
    ...(look.partial === undefined ? {} : { partial: look.partial }),
    ...(paths === undefined ? { types: look.types, holders: look.holders.map(shownHolder) } : { paths }),
  };
}

const shownHolder = ({ path: _, site: __, bound: ___, ...holder }: Artifacts['heap']['holders'][number]) => holder;
