/** What the heap reader can read, for messages: steps know core, not the heap. */
export { SUPPORTED_VERSIONS } from '../heap/supported.ts';
