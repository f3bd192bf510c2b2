import type { Layout } from '../layout.ts';
import { layout38 } from './3.8.ts';
import { layout39 } from './3.9.ts';
import { layout310 } from './3.10.ts';
import { layout311 } from './3.11.ts';
import { layout312 } from './3.12.ts';
import { layout313 } from './3.13.ts';
import { layout314 } from './3.14.ts';
import { layout315 } from './3.15.ts';

/** Every CPython 3 minor version that can be read, oldest first. */
export const layouts: readonly Layout[] = [
  layout38,
  layout39,
  layout310,
  layout311,
  layout312,
  layout313,
  layout314,
  layout315,
];
