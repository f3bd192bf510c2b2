import { checkHeapFile, isCaseFolder, openHeapFile, VERSION } from '../app.ts';
import type { Artifacts } from '../core/artifacts.ts';
import type { HeapReport } from '../core/heap-report.ts';
import type { AskedHeap, LiveHeap } from '../core/ports.ts';
import { heapFormats } from '../formats/heap.ts';
import { bytesText } from '../util/bytes.ts';
import { EXIT } from './exit-code.ts';
import { type HeapLookOptions, withCommandHeap, withProcessHeap } from './heap-target.ts';
import { screenOf, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** What is asked of a heap, and how it is shown. */
export interface HeapQuestion {
  readonly types: number;
  readonly holders: number;
  readonly pathTo?: string;
  readonly output: string;
  readonly color: boolean;
}

export interface HeapOptions extends HeapLookOptions, HeapQuestion {
  readonly pid?: number;
  readonly save?: string;
}

export const HEAP_ROWS = { types: 15, holders: 12 };

/** `whyoom heap (--pid N | FILE | -- command …)`: what is in a heap, and who holds it. */
export async function heap(
  targets: readonly string[],
  command: readonly string[],
  options: HeapOptions,
  terminal: Terminal,
): Promise<number> {
  const kinds = [options.pid !== undefined, command.length > 0, targets.length > 0].filter(Boolean).length;
  if (kinds === 0) throw new UsageError('Nothing to look at.', 'Give --pid PID, a command after --, or a saved heap.');
  if (kinds > 1 || targets.length > 1)
    throw new UsageError('More than one target.', 'Give one of: --pid PID, -- command …, FILE.');
  if (options.for !== undefined && command.length === 0)
    throw new UsageError('--for is for a command after --.', 'A process or a saved heap is looked at at once.');
  formatOf(options.output);
  if (targets.length > 0) return await openTarget(targets[0]!, options, terminal);
  if (options.save !== undefined) await checkHeapFile(options.save);
  const tell = async (name: string, live: LiveHeap) => {
    await present({ kind: 'process', name }, live, options, terminal);
    if (options.save !== undefined) await save(options.save, name, live, terminal);
  };
  if (command.length > 0) await withCommandHeap(command, options, terminal, tell);
  else if (options.pid !== undefined) await withProcessHeap(options.pid, options, terminal, tell);
  return EXIT.done;
}

async function openTarget(file: string, options: HeapOptions, terminal: Terminal): Promise<number> {
  if (options.save !== undefined)
    throw new UsageError(`${file} is saved already.`, `Copy it: cp ${file} ${options.save}`);
  if (/^\d+$/.test(file))
    throw new UsageError(`"${file}" alone is no target.`, `A process is given as: whyoom heap --pid ${file}`);
  if (await isCaseFolder(file))
    throw new UsageError(`${file} is a case, no heap.`, `Open it with: whyoom open ${file}`);
  return await openHeap(file, options, terminal);
}

/** Answers from a heap that was saved. */
export async function openHeap(file: string, question: HeapQuestion, terminal: Terminal): Promise<number> {
  formatOf(question.output);
  const saved = openHeapFile(file);
  await present({ kind: 'file', name: saved.target }, saved, question, terminal);
  return EXIT.done;
}

async function save(file: string, target: string, live: LiveHeap, terminal: Terminal): Promise<void> {
  terminal.progress(`Saving the heap to ${file} …`);
  const bytes = await live.save(file, { tool: VERSION, target });
  terminal.say(`Heap saved (${bytesText(bytes)}); open it with: whyoom heap ${file}`);
}

function formatOf(id: string) {
  const format = heapFormats.find((each) => each.id === id);
  if (format) return format;
  throw new UsageError(
    `whyoom heap has no format "${id}".`,
    `Formats: ${heapFormats.map((each) => each.id).join(', ')}`,
  );
}

async function present(
  target: HeapReport['target'],
  asked: AskedHeap,
  question: HeapQuestion,
  terminal: Terminal,
): Promise<void> {
  const report = await reportOn(target, asked, question);
  await terminal.write(formatOf(question.output).render(report, screenOf(terminal, question.color)));
}

async function reportOn(target: HeapReport['target'], asked: AskedHeap, question: HeapQuestion): Promise<HeapReport> {
  const { pathTo, types, holders } = question;
  const look = await asked.overview(pathTo === undefined ? { types, holders } : { types: 0, holders: 0 });
  const paths = pathTo === undefined ? undefined : await asked.pathsTo(pathTo, holders);
  return {
    version: 1,
    tool: VERSION,
    target,
    takenAt: new Date(Math.round(look.atUnixSeconds * 1000)).toISOString(),
    python: look.python,
    pauseMs: Math.round(look.pauseMs),
    ...(look.memory?.kernel === undefined ? {} : { rssBytes: look.memory.kernel.rssBytes }),
    objects: look.objects,
    objectBytes: look.objectBytes,
    references: look.references,
    refused: look.refused,
    ...(look.partial === undefined ? {} : { partial: look.partial }),
    // An empty table would say that there is nothing.
    ...(paths === undefined && types > 0 ? { types: look.types } : {}),
    ...(paths === undefined && holders > 0 ? { holders: look.holders.map(shownHolder) } : {}),
    ...(paths === undefined ? {} : { paths }),
  };
}

const shownHolder = ({ path: _, site: __, bound: ___, ...holder }: Artifacts['heap']['holders'][number]) => holder;
