import { Buffer } from 'node:buffer';

/** A copy: a piece of a long text keeps all of it in memory (V8 makes slices of 13 characters and more so). */
export const flat = (text: string): string => Buffer.from(text).toString();
