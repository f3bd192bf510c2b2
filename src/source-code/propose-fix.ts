import { createHash } from 'node:crypto';
import type { FileEdit } from './bounding-line.ts';
import { familyOf } from './container-types.ts';
import { fixSequence, fixSet, nameOf } from './fix-collection.ts';
import { fixMapping } from './fix-mapping.ts';
import {
  exceptionAdvice,
  exceptionEdits,
  fixCachedFunction,
  fixClassAttribute,
  fixDefaultArgument,
} from './fix-special.ts';
import { adviceOnly, type Plan } from './plan.ts';
import type { PythonFile } from './program.ts';
import { parse } from './syntax.ts';
import type { Held, ProposedFix, Sizing, SourceFile, Uses } from './types.ts';
import { applyEdits, unifiedDiff } from './unified-diff.ts';
import { type Analysis, analyse } from './uses.ts';

/**
 * The change that stops the holder from growing. A patch is only offered where the source shows that the program still
 * works with it: it goes after the statements that feed, it must parse, and its bound fits the limit. Otherwise advice.
 */
export function proposeFix(files: readonly SourceFile[], held: Held, uses: Uses, sizing: Sizing): ProposedFix {
  const analysis = analyse(files, held);
  // What the caller found counts: with another set of files there is nothing to change.
  const isSame = analysis.uses.feeds.length > 0 && uses.feeds.length > 0;
  return written(isSame ? plan(analysis, sizing) : withoutFeeds(analysis));
}

function withoutFeeds(analysis: Analysis): Plan {
  return adviceOnly(
    `Find what puts elements into ${nameOf(analysis)} and bound it, or take elements out when they are no longer needed.`,
    'The files that were read do not show what feeds it: the place may lie in a library, or in a file that could not be read.',
  );
}

function plan(analysis: Analysis, sizing: Sizing): Plan {
  if (analysis.home?.kind === 'function') return fixCachedFunction(analysis, analysis.home.scope, sizing);
  const isCache = familyOf(analysis.held.type) === 'dict' && analysis.uses.readByKey;
  const special = isCache || analysis.uses.boundedWhereFed ? undefined : specialPlan(analysis);
  return special ?? withExceptions(analysis, withPlace(analysis, general(analysis, sizing)));
}

function specialPlan(analysis: Analysis): Plan | undefined {
  if (analysis.held.kind === 'default-argument') return fixDefaultArgument(analysis);
  return analysis.held.kind === 'class-attribute' ? fixClassAttribute(analysis) : undefined;
}

function general(analysis: Analysis, sizing: Sizing): Plan {
  switch (familyOf(analysis.held.type)) {
    case 'list':
    case 'deque':
      return fixSequence(analysis, sizing);
    case 'dict':
      return fixMapping(analysis, sizing);
    case 'set':
      return fixSet(analysis, sizing);
    default:
      return adviceOnly(`Bound ${nameOf(analysis)}, or take elements out when they are no longer needed.`);
  }
}

function withPlace(analysis: Analysis, made: Plan): Plan {
  const { held, uses } = analysis;
  const more: string[] = [];
  if (held.kind === 'class-attribute')
    more.push(
      `${nameOf(analysis)} is an attribute of the class: all instances share it. If each should have its own, make it in __init__.`,
    );
  if (!uses.boundedWhereFed && uses.emptiedOnlyIn.length > 0)
    more.push(
      uses.emptiedOnlyIn.length === 1
        ? `Only ${uses.emptiedOnlyIn[0]} takes elements out: see whether it runs, and often enough.`
        : `Only ${uses.emptiedOnlyIn.slice(0, 3).join(', ')} take elements out: see whether they run, and often enough.`,
    );
  return { ...made, advice: [...made.advice, ...more] };
}

/** Exceptions are kept as text, if the container is bounded as well: text that grows is a leak too. */
function withExceptions(analysis: Analysis, made: Plan): Plan {
  const advice = exceptionAdvice(analysis);
  if (advice.length === 0) return made;
  const kept = made.edits.length > 0 ? exceptionEdits(analysis) : [];
  return {
    ...made,
    advice: [...advice, ...made.advice],
    edits: [...made.edits, ...kept],
    changesResults: made.changesResults || kept.length > 0,
  };
}

function written(made: Plan): ProposedFix {
  const said = { summary: made.summary, advice: [...made.advice] };
  const patches = byFile(made.edits).map(([file, edits]) => ({ file, diff: patchOf(file, edits) }));
  if (patches.length === 0 || patches.some(({ diff }) => diff === undefined)) return said;
  return {
    ...said,
    patch: patches.map(({ diff }) => diff).join(''),
    changesResults: made.changesResults,
    files: patches.map(({ file }) => ({
      path: file.source.path.replace(/^(\.?\/)+/, ''),
      sha256: file.source.sha256 ?? createHash('sha256').update(file.text).digest('hex'),
    })),
  };
}

function byFile(edits: readonly FileEdit[]): [PythonFile, FileEdit[]][] {
  const files = new Map<PythonFile, FileEdit[]>();
  for (const edit of edits) files.set(edit.file, [...(files.get(edit.file) ?? []), edit]);
  return [...files];
}

/** No patch where the tree gets a new error, or had one in the definition that is changed: then it was not understood. */
function patchOf(file: PythonFile, edits: readonly FileEdit[]): string | undefined {
  if (edits.some((edit) => isMisread(file, edit))) return undefined;
  if (parse(applyEdits(file.text, edits)).errors.length > file.errors.length) return undefined;
  return unifiedDiff(file.source.path, file.text, edits);
}

function isMisread(file: PythonFile, edit: FileEdit): boolean {
  const around = file.module.node.children.find((each) => each.from <= edit.from && each.to >= edit.from);
  return file.errors.some((error) => !around || (error.from >= around.from && error.to <= around.to));
}
