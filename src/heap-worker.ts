/** The helper program that stops a process, copies its memory and reads the heap in the copy. Started by heap-session. */
import { createHeapReading } from './heap/session.ts';
import { serveHeap } from './sources/process/heap-server.ts';

serveHeap(createHeapReading);
