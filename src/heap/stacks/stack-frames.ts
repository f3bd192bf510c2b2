import { codeFacts, frameCode } from '../cpython/frames.ts';
import type { Interpreter } from '../cpython/interpreter.ts';
import { COMMON, type Layout } from '../cpython/layout.ts';
import type { TypeTable } from '../cpython/types.ts';
import type { Snapshot } from '../memory/snapshot.ts';
import type { StackFrame } from './answer.ts';
import { lineAt } from './line-table.ts';

/** What stacks are read from, with what was read of code objects: many frames run the same. */
export interface StackView {
  readonly snapshot: Snapshot;
  readonly interpreter: Interpreter;
  readonly layout: Layout;
  readonly types: TypeTable;
  readonly codes: Map<number, Code | undefined>;
}

interface Code {
  readonly function: string;
  readonly file: string;
  readonly firstLine: number;
  readonly lines: Uint8Array;
}

/** No function has a longer table. */
const MOST_TABLE_BYTES = 1 << 22;

/** An entry of the interpreter loop, and no function (see `enum _frameowner`, 3 and above). */
const OWNED_BY_INTERPRETER = 3;

/** The function, file and line of a frame; undefined for what is no function, or makes no sense. */
export function stackFrame(view: StackView, frame: number): StackFrame | undefined {
  const { snapshot, layout } = view;
  if (layout.frame.how === 'struct' && snapshot.uint8(frame, layout.frame.owner) >= OWNED_BY_INTERPRETER)
    return undefined;
  const word = frameCode(snapshot, layout, frame);
  const code = word < 0 ? undefined : codeAt(view, word);
  if (code === undefined) return undefined;
  const line = lineAt(layout.stacks.lines.how, code.lines, code.firstLine, lastInstruction(view, frame, word));
  return { function: code.function, file: code.file, ...(line === undefined ? {} : { line }) };
}

/** Where in its bytecode a frame is, in bytes; less than 0: it has not begun. */
export function lastInstruction({ snapshot, layout }: StackView, frame: number, code: number): number {
  const { instruction } = layout.stacks;
  if (instruction.how === 'index') {
    const index = snapshot.int32(frame, instruction.at);
    return index < 0 ? -1 : index * instruction.unitBytes;
  }
  return snapshot.unsigned(frame + instruction.at / 8) - (snapshot.address(code) + layout.stacks.code);
}

function codeAt(view: StackView, word: number): Code | undefined {
  const known = view.codes.get(word);
  if (known !== undefined || view.codes.has(word)) return known;
  const code = view.types.typeOf(word)?.name === 'code' ? readCode(view, word) : undefined;
  view.codes.set(word, code);
  return code;
}

function readCode({ snapshot, layout }: StackView, word: number): Code {
  const { name, qualname, file, firstLine } = codeFacts(snapshot, layout, word);
  const table = snapshot.follow(word + layout.stacks.lines.at / 8);
  return {
    function: qualname ?? name,
    file,
    firstLine,
    lines: table < 0 ? new Uint8Array() : bytesOf(snapshot, table),
  };
}

/** The content of a bytes object. */
function bytesOf(snapshot: Snapshot, word: number): Uint8Array {
  const length = snapshot.signed(word + 2);
  if (length < 0 || length > MOST_TABLE_BYTES) return new Uint8Array();
  return snapshot.slice(snapshot.address(word) + COMMON.bytes.data, length);
}
