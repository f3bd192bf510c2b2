import { classOfMethod } from './program.ts';
import type { Scope } from './scopes.ts';
import type { Node } from './syntax.ts';

/** A value that holds no elements. */
export const isScalar = (value: Node | undefined): boolean =>
  value !== undefined && /^(Boolean|Number|String|FormatString)$/.test(value.type);

/** Methods that run while an object is made. */
const MAKERS = new Set(['__init__', '__new__', '__post_init__', '__setstate__', '__set_name__', 'setUp']);

/** Module level, class bodies and constructors: where containers are made for the first time. */
export const isMaking = (scope: Scope): boolean =>
  scope.kind === 'module' || scope.kind === 'class' || (classOfMethod(scope) !== undefined && MAKERS.has(scope.name));
