import type { HeapPathStep } from '../answer.ts';

/** A path as one expression, as near as can be to what a developer would type: `app.worker().<locals>.kept[int]`. */
export function pathText(steps: readonly HeapPathStep[]): string {
  return steps.reduce((text, step) => text + stepText(step, text === ''), '');
}

function stepText({ kind, name }: HeapPathStep, isFirst: boolean): string {
  switch (kind) {
    case 'module':
      return isFirst ? name : ` → ${name}`;
    case 'frame':
      return isFirst ? `${name}()` : ` → ${name}()`;
    case 'root':
    case 'key':
    case 'field':
      return name;
    case 'local':
    case 'closure':
    case 'default':
      return isFirst ? name : `.<${kind}>.${name}`;
    case 'cache':
      return '<cache>';
    case 'more':
      return ` ${name} `;
    default:
      return isFirst ? name : `.${name}`;
  }
}
