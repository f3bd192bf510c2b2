import { checkHeapFile, isCaseFolder, isHeapFile, isPlainFile, openHeapFile, VERSION } from '../app.ts';
import type { Artifacts } from '../core/artifacts.ts';
import type { HeapReport } from '../core/heap-report.ts';
import type { AskedHeap, LiveHeap } from '../core/ports.ts';
import { ProblemError, problemOf } from '../core/problem.ts';
import { heapFormats } from '../formats/heap.ts';
import { bytesText } from '../util/bytes.ts';
import { EXIT } from './exit-code.ts';
import { formatNamed } from './format-named.ts';
import { type HeapLookOptions, withCommandHeap, withPodHeap, withProcessHeap } from './heap-target.ts';
import { workloadOf } from './kube-target.ts';
import { noDryRun, type PodLookOptions } from './pod-target.ts';
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

export interface HeapOptions extends HeapLookOptions, HeapQuestion, PodLookOptions {
  readonly pid?: number;
  readonly save?: string;
}

export const HEAP_ROWS = { types: 15, holders: 12 };

/** `whyoom heap (TYPE/NAME | POD | -l SELECTOR | --pid N | FILE | -- command …)`: what is in a heap, and who holds it. */
export async function heap(
  targets: readonly string[],
  command: readonly string[],
  options: HeapOptions,
  terminal: Terminal,
): Promise<number> {
  checkKinds(targets, command, options);
  formatOf(options.output);
  const file = await fileIn(targets, options.selector);
  if (file !== undefined) return await openTarget(file, options, terminal);
  const pod = podTargetIn(targets, command, options);
  if (pod === undefined) noDryRun(options);
  if (options.save !== undefined) await checkHeapFile(options.save);
  const tell = async (target: HeapReport['target'], live: LiveHeap) => {
    await present(target, live, options, terminal);
    if (options.save !== undefined) await save(options.save, savedName(target), live, terminal);
  };
  if (pod !== undefined)
    return await withPodHeap(pod, options, terminal, tell).catch((thrown) => throwOfName(thrown, targets));
  if (command.length > 0) await withCommandHeap(command, options, terminal, tell);
  else if (options.pid !== undefined) await withProcessHeap(options.pid, options, terminal, tell);
  return EXIT.done;
}

function checkKinds(targets: readonly string[], command: readonly string[], options: HeapOptions): void {
  const isNamed = targets.length > 0 || options.selector !== undefined;
  const kinds = [options.pid !== undefined, command.length > 0, isNamed].filter(Boolean).length;
  if (kinds === 0)
    throw new UsageError(
      'Nothing to look at.',
      'Give TYPE/NAME, a pod, --pid PID, a command after --, or a saved heap.',
    );
  if (kinds > 1)
    throw new UsageError('More than one target.', 'Give one of: TYPE/NAME, --pid PID, -- command …, FILE.');
  if (options.for !== undefined && command.length === 0)
    throw new UsageError('--for is for a command after --.', 'What runs already, or was saved, is looked at at once.');
}

const podTargetIn = (targets: readonly string[], command: readonly string[], { pid, selector }: HeapOptions) =>
  command.length > 0 || pid !== undefined ? undefined : workloadOf(targets, selector, 'whyoom heap');

/**
 * The file that a lone word means. What begins as a path or ends in `.whyoom` is one whether it is there or not; so is a saved
 * heap or case, by whatever name, and any other plain file but one that reads TYPE/NAME: folders of a project do as well.
 */
async function fileIn(targets: readonly string[], selector: string | undefined): Promise<string | undefined> {
  const [word] = targets;
  if (word === undefined || targets.length > 1 || selector !== undefined) return undefined;
  const looksLikePath = /^(\.{0,2}|~)\/|\.whyoom$/.test(word);
  if (looksLikePath || isHeapFile(word) || (await isCaseFolder(word))) return word;
  return !word.includes('/') && isPlainFile(word) ? word : undefined;
}

/** What is no file was taken for a pod: whoever meant the file is told. */
function throwOfName(thrown: unknown, [word = '']: readonly string[]): never {
  const { code, message, hint } = problemOf(thrown);
  const isOfName = message.includes(`"${word}" not found`) || /kubeconfig/i.test(message);
  if (!isOfName || word.includes('/') || code !== 'absent') throw thrown;
  throw new ProblemError(code, `${message.replace(/\.$/, '')}; there is no file "${word}" either.`, hint);
}

/** As it is called in the file. */
const savedName = ({ name, container, process }: HeapReport['target']): string =>
  [name, container, process].filter((each) => each !== undefined).join(' · ');

async function openTarget(file: string, options: HeapOptions, terminal: Terminal): Promise<number> {
  noDryRun(options);
  if (options.save !== undefined)
    throw new UsageError(`${file} is saved already.`, `Copy it: cp ${file} ${options.save}`);
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

const formatOf = (id: string) => formatNamed(heapFormats, id, 'whyoom heap has');

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
