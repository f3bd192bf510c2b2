import type { HeapPathStep } from '../answer.ts';
import { dictEntries } from '../cpython/dicts.ts';
import type { Shape, TypeInfo } from '../cpython/types.ts';
import { attributeOf, isDictOf, keyLabel, variableName } from '../holders/attributes.ts';
import { frameFacts } from '../holders/frame-names.ts';
import { type HeapView, typeOfId, wordOfId } from '../holders/heap-view.ts';
import { linkOf } from '../holders/links.ts';

const ITEM: HeapPathStep = { kind: 'key', name: '[int]' };
const MEMBER: HeapPathStep = { kind: 'key', name: '[]' };
const DICT_KEY: HeapPathStep = { kind: 'field', name: '<key>' };
/** Entries of the dicts that are kept turned round, values to keys. */
const MOST_KEPT = 500_000;

/** A dict from its values' places to what the keys are called; `kind` is what each of its entries is to the program. */
interface TurnedDict {
  readonly template: HeapPathStep;
  readonly keys: ReadonlyMap<number, number>;
}

const FRAMES: readonly Shape[] = ['frame', 'generator', 'interpreter-frame'];

/** The step that the dict of a loaded module is by itself, however it was reached. */
export function moduleStep(view: HeapView, id: number): HeapPathStep | undefined {
  const module = view.modules.get(id);
  if (module === undefined) return undefined;
  return { kind: 'module', name: module.name, ...(module.file === undefined ? {} : { file: module.file }) };
}

/** The function that runs in a frame, or will go on in a generator. */
export function frameStep(view: HeapView, id: number): HeapPathStep | undefined {
  const frame = frameFacts(view, id);
  if (frame === undefined) return undefined;
  const name = frame.module === undefined ? frame.function : `${frame.module}.${frame.function}`;
  return { kind: 'frame', name, file: frame.file, line: frame.firstLine };
}

/** Says of references what they are to a developer: attribute, variable, key, or nothing that one types (undefined). */
export class StepReader {
  private readonly view: HeapView;
  private readonly turned = new Map<number, TurnedDict>();
  private kept = 0;

  constructor(view: HeapView) {
    this.view = view;
  }

  stepOf(from: number, to: number): HeapPathStep | undefined {
    const module = moduleStep(this.view, to);
    if (module !== undefined) return module;
    const type = typeOfId(this.view, to);
    const frame = FRAMES.includes(type.shape) ? frameStep(this.view, to) : undefined;
    if (frame !== undefined) return this.stepToFrame(from, to, frame);
    if (type.shape === 'module' || (type.shape === 'dict' && this.isOwnDict(from, to))) return undefined;
    return this.plainStep(from, to, type);
  }

  /** A generator goes by its name like any object; what is left are frames that refer to each other, and those of generators. */
  private stepToFrame(from: number, to: number, frame: HeapPathStep): HeapPathStep | undefined {
    const holder = typeOfId(this.view, from);
    if (holder.shape === 'generator' && typeOfId(this.view, to).shape !== 'generator') return undefined;
    if (FRAMES.includes(holder.shape)) return frame;
    const step = this.plainStep(from, to, typeOfId(this.view, to));
    return step === undefined || step.kind === 'field' ? frame : step;
  }

  private plainStep(from: number, to: number, type: TypeInfo): HeapPathStep | undefined {
    const holder = typeOfId(this.view, from);
    const isBuiltIn = !holder.isHeapType;
    if (isBuiltIn && (holder.shape === 'list' || holder.shape === 'deque')) return ITEM;
    if (isBuiltIn && holder.shape === 'set') return MEMBER;
    if (holder.shape === 'dict') return this.entryStep(from, to) ?? this.besideEntries(from, holder, to);
    return this.linkStep(from, holder, to, type);
  }

  /** The dict of an instance, a class or a function: its entries are the attributes. */
  private isOwnDict(from: number, dict: number): boolean {
    return this.view.classes.get(dict) === from || isDictOf(this.view, from, dict);
  }

  /** What a dict refers to and is none of its values: a key, or an attribute where the dict's class is the program's own. */
  private besideEntries(dict: number, holder: TypeInfo, to: number): HeapPathStep {
    const name = holder.isHeapType ? attributeOf(this.view, dict, to) : undefined;
    return name === undefined ? DICT_KEY : { kind: 'attribute', name };
  }

  private linkStep(from: number, holder: TypeInfo, to: number, type: TypeInfo): HeapPathStep | undefined {
    // Between a function and the variables of its closure or its defaults.
    if (holder.shape === 'tuple' && type.name === 'cell') return undefined;
    const link = linkOf(this.view, from, to);
    if (link?.how === 'name') return link.step;
    if (link?.how === 'element') return { kind: 'key', name: link.label };
    if (holder.name === 'function') return undefined;
    return { kind: 'field', name: `<${holder.name}>` };
  }

  private entryStep(dict: number, to: number): HeapPathStep | undefined {
    const { template, keys } = this.turnedRound(dict);
    const key = keys.get(wordOfId(this.view, to));
    if (key === undefined) return undefined;
    const name = template.kind === 'key' ? keyLabel(this.view, key) : variableName(this.view, key);
    return { ...template, name };
  }

  private turnedRound(dict: number): TurnedDict {
    const known = this.turned.get(dict);
    if (known !== undefined) return known;
    const turned = this.turnRound(dict);
    if (this.kept > MOST_KEPT) {
      this.turned.clear();
      this.kept = 0;
    }
    this.turned.set(dict, turned);
    this.kept += turned.keys.size + 1;
    return turned;
  }

  /** What its first entry is to the program, all are: variables of a module, attributes, or keys. */
  private turnRound(dict: number): TurnedDict {
    const { snapshot, interpreter, walked } = this.view;
    const keys = new Map<number, number>();
    for (const { key, value } of dictEntries(snapshot, interpreter.layout, wordOfId(this.view, dict))) {
      if (!keys.has(value)) keys.set(value, key);
    }
    for (const value of keys.keys()) {
      const id = walked.idOf(value);
      const link = id < 0 ? undefined : linkOf(this.view, dict, id);
      if (link !== undefined) return { template: link.how === 'name' ? link.step : ITEM, keys };
    }
    return { template: ITEM, keys };
  }
}
