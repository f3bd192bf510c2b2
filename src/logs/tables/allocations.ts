import type { AllocationRow, CreationRow, LogRow, Recogniser, RowAt } from './row.ts';
import { NO_ROWS } from './row.ts';
import { bytesOf, SIZE } from './size.ts';

type By = AllocationRow['by'];
/** Group `size` and `unit`, or `bytes`; absent where the words say no size. */
const FAILURES: readonly (readonly [pattern: RegExp, by: By, more?: Partial<AllocationRow>])[] = [
  // numpy.core._exceptions._ArrayMemoryError (1.17 and later; numpy._core since 2.0), and MemoryError before.
  [sized('Unable to allocate #'), 'numpy'],
  [/Unable to allocate array with shape/, 'numpy'],
  // torch.cuda.OutOfMemoryError, and c10's CPU allocator.
  [sized('CUDA out of memory\\. Tried to allocate #'), 'torch', { device: 'gpu' }],
  [/CUDA out of memory|CUDA error: out of memory/, 'torch', { device: 'gpu' }],
  [/DefaultCPUAllocator: .{1,60}you tried to allocate (?<bytes>\d{1,18}) bytes/, 'torch'],
  [/\b(?:m|re)alloc of size (?<bytes>\d{1,18}) failed/, 'arrow'],
  [/Failed to allocate (?<bytes>\d{1,18}) bytes in function/, 'opencv'],
  [/OOM when allocating tensor with shape/, 'tensorflow'],
  [/Out of memory (?:while trying to allocate|allocating) (?<bytes>\d{1,18}) bytes/, 'tensorflow'],
  [/memory allocation of (?<bytes>\d{1,18}) bytes failed/, 'native'],
  [sized('(?:[Cc]annot|[Cc]ould not|[Ff]ailed to|[Uu]nable to) allocate (?:memory block of (?:size )?)?#'), 'native'],
  [/std::bad_alloc|\b[Cc]annot allocate memory\b/, 'native'],
  [/(?:^|[\s.'"(])MemoryError\b/, 'python'],
];
const WARNINGS: typeof FAILURES = [
  [/Allocation of (?<bytes>\d{1,18}) exceeds \d{1,3}% of (?:free )?system memory/, 'tensorflow'],
  [/tcmalloc: large alloc (?<bytes>\d{1,18}) bytes/, 'tcmalloc'],
];
/** What each of the above has. */
const MAY_FAIL = /alloc|MemoryError|out of memory|memory block/i;
const SHAPE = /\bshape ?[([]((?:\d{1,15}(?:, ?)?){1,32})[)\]]/;
const TYPE = /\b(?:data type|dtype|and type) ([\w<>[\]|]{1,60})/;

function sized(words: string): RegExp {
  return new RegExp(words.replace('#', SIZE.replace('(', '(?<size>').replace(/\(\[kK/, '(?<unit>[kK')));
}

/** Allocations that failed or were warned of, and things that are said to have been made. */
export class AllocationLines implements Recogniser {
  readonly isWithin = 'no';

  take(text: string, at: RowAt): readonly LogRow[] {
    const allocation = MAY_FAIL.test(text) ? allocationIn(text) : undefined;
    const row = allocation ?? creationIn(text);
    return row ? [{ ...at, ...row }] : NO_ROWS;
  }

  end(): readonly LogRow[] {
    return NO_ROWS;
  }
}

function allocationIn(text: string): AllocationRow | undefined {
  for (const [list, failed] of [
    [WARNINGS, false],
    [FAILURES, true],
  ] as const) {
    for (const [pattern, by, more] of list) {
      const found = pattern.exec(text);
      if (found) return { kind: 'allocation', failed, by, ...sizeOf(found), ...arrayIn(text), ...more };
    }
  }
  return undefined;
}

function sizeOf({ groups = {} }: RegExpExecArray): { bytes?: number } {
  const bytes = groups.bytes === undefined ? bytesOf(groups.size ?? '', groups.unit ?? 'B') : Number(groups.bytes);
  return bytes === undefined || (groups.bytes ?? groups.size) === undefined ? {} : { bytes };
}

function arrayIn(text: string): Pick<AllocationRow, 'shape' | 'type'> {
  const shape = SHAPE.exec(text)?.[1]
    ?.split(',')
    .filter((part) => part.trim() !== '');
  const type = TYPE.exec(text)?.[1];
  return { ...(shape ? { shape: shape.map(Number) } : {}), ...(type === undefined ? {} : { type }) };
}

const MAY_MAKE = /\b(?:creat|alloc|instantiat|spawn|new\b)/i;
const WORDS = String.raw`([A-Za-z_][\w.-]{0,60}(?: [A-Za-z_][\w.-]{0,60}){0,2})`;
const NUMBER = String.raw`(\d{1,3}(?:,\d{3}){1,5}|\d{1,15})(?![\w.,]*\d)`;
/** `Created 120 new sessions`, `Allocating buffer`. */
const ACTIVE = new RegExp(
  `^(?:[\\w ]{0,40} )??(created|creating|allocated|allocating|instantiated|spawned) (?:(?:a|an|the|another|one|new) ){0,3}(?:${SIZE} (?:for |of )?(?:(?:a|an|the|new) ){0,2}|${NUMBER} (?:new )?)?${WORDS}?`,
  'i',
);
/** `New connection from …`, `New object: Session`. */
const NEW = new RegExp(`^new ${WORDS}(?=$|[\\s:(#=,.])`, 'i');
/** `Session 12 created`, `3 workers were created`. */
const PASSIVE = new RegExp(
  `^(?:${NUMBER} )?(?:new )?${WORDS}(?: [#'"<]?\\S{1,60})? (?:(?:has|have|was|were|been) ){0,2}(created|allocated)\\b`,
  'i',
);
const ANY_SIZE = new RegExp(SIZE);
/** Words that end what was made. */
const END_OF_WORDS =
  /\s(?:from|for|with|in|on|at|by|to|of|and|as|is|was|so|using|via|after|id|has|have|were|been|created|allocated)(?:\s.*)?$/i;

function creationIn(text: string): CreationRow | undefined {
  if (!MAY_MAKE.test(text)) return undefined;
  const head = text.slice(0, 400);
  const said = activeIn(head) ?? passiveIn(head) ?? newIn(head);
  if (!said) return undefined;
  const size = ANY_SIZE.exec(head);
  const bytes = size && Number.isFinite(Number(size[1]![0])) ? bytesOf(size[1]!, size[2]!) : undefined;
  const isTotal = /\b(?:so far|in total|total|altogether)\b/i.test(head);
  return { kind: 'creation', ...said, ...(isTotal ? { isTotal } : {}), ...(bytes === undefined ? {} : { bytes }) };
}

type Said = Pick<CreationRow, 'verb' | 'what' | 'count'>;

function activeIn(text: string): Said | undefined {
  const found = ACTIVE.exec(text);
  if (!found) return undefined;
  const [, verb, , , count, what] = found;
  const words = wordsOf(what);
  return words === '' && count === undefined ? undefined : { verb: verbOf(verb!), what: words, count: countOf(count) };
}

function passiveIn(text: string): Said | undefined {
  const [, count, what, verb] = PASSIVE.exec(text) ?? [];
  return what === undefined ? undefined : { verb: verbOf(verb!), what: wordsOf(what), count: countOf(count) };
}

function newIn(text: string): Said | undefined {
  const what = wordsOf(NEW.exec(text)?.[1]);
  return what === '' ? undefined : { verb: 'new', what, count: 1 };
}

const verbOf = (verb: string): CreationRow['verb'] => (/^alloc/i.test(verb) ? 'allocated' : 'created');
const wordsOf = (words = ''): string => ` ${words}`.replace(END_OF_WORDS, '').trim();
const countOf = (count: string | undefined): number => (count === undefined ? 1 : Number(count.replaceAll(',', '')));
