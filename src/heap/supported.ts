import { layouts } from './cpython/layouts/index.ts';

/** The minor versions of CPython 3 that can be read: those that there is a table of offsets for. */
export const OLDEST_MINOR = layouts[0]!.minor;
export const NEWEST_MINOR = layouts.at(-1)!.minor;
/** `3.8 to 3.15` */
export const SUPPORTED_VERSIONS = `3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}`;
