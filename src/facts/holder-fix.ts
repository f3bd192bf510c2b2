import type { Fix } from '../core/report.ts';
import { proposeFix, type SourceFile, type Uses } from '../source-code/index.ts';
import { plainName } from './amounts.ts';
import { growingHolders, type HeapHolder } from './growing-holders.ts';
import type { HolderGot } from './holder-artifacts.ts';
import { libraryFix } from './library-fix.ts';
import { sinceBaseline } from './since-baseline.ts';
import { relativeToRoot } from './source-root.ts';

/** What is known of a holder's size now. */
export interface HolderSize {
  readonly items: number;
  readonly bytes: number;
  readonly bytesPerItem: number | undefined;
}

/** The change that stops the holder from growing, with a bound that fits the limit; advice where no source was read. */
export function fixOf(got: HolderGot, holder: HeapHolder, uses: Uses | undefined, size: HolderSize): Fix {
  if (holder.kind === 'none') return releasing(holder);
  const files = got.source?.files ?? [];
  return uses === undefined ? withoutSource(holder) : withSource(got, holder, uses, size, files);
}

/** No line of Python keeps them: it is an extension that does. */
function releasing({ elementType }: HeapHolder): Fix {
  return {
    summary:
      'Look for the extension that makes or takes these objects, and update it: it keeps references that it must release.',
    advice: [
      `Most of them are of type ${elementType ?? 'object'}: find the calls into compiled modules that make such objects or are given them.`,
      'Leave one such module out at a time, and look again; what it counts too high is a missing Py_DECREF in its C code.',
    ],
  };
}

function withoutSource(holder: HeapHolder): Fix {
  return {
    summary: `Find what puts items into ${plainName(holder)}, and bound it or take out what is no longer needed.`,
    advice: ['The source could not be read; name its folder with --source DIR to see the line and a patch.'],
  };
}

function withSource(
  got: HolderGot,
  holder: HeapHolder,
  uses: Uses,
  { items, bytes, bytesPerItem }: HolderSize,
  files: readonly SourceFile[],
): Fix {
  const limit = got['memory-limit']?.limit;
  const last = got['memory-series']?.samples.at(-1)?.[1];
  // The bound is one container's: there may be several of that name, and other holders that grow.
  const sharing = Math.max(1, holder.instances) * Math.max(1, leakingHolders(got));
  const fix = proposeFix(files, holder, uses, {
    items,
    ...(bytesPerItem === undefined ? {} : { bytesPerItem: bytesPerItem * sharing }),
    ...(limit === undefined ? {} : { limitBytes: limit.bytes }),
    ...(last === undefined ? {} : { baselineBytes: Math.max(0, last - bytes) }),
  });
  const { modules } = got.heap;
  return libraryFix(fix, holder, uses, modules) ?? relativeToRoot(fix, modules, files);
}

function leakingHolders(got: HolderGot): number {
  const all = growingHolders(got['heap-growth'], got.source, got['memory-series'], sinceBaseline(got));
  return all.filter(({ judgement }) => judgement === 'leaks').length;
}
