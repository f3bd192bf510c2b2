/** Why the heap cannot be read. The caller outside this folder makes a Problem of it. */
export class HeapError extends Error {
  readonly code: 'denied' | 'absent' | 'unsupported' | 'refused' | 'timeout' | 'broken';
  readonly hint: string | undefined;
  constructor(code: HeapError['code'], message: string, hint?: string) {
    super(message);
    this.name = 'HeapError';
    this.code = code;
    this.hint = hint;
  }
}
