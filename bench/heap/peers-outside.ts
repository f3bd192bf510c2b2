import type { Environment } from './environment.ts';
import type { Work } from './peers.ts';

export async function attachMemray(_pid: number, _environment: Environment, _longestMs: number): Promise<Work> {
  throw new Error('not measured yet');
}

export async function dumpWithPyheap(_pid: number, _environment: Environment, _longestMs: number): Promise<Work> {
  throw new Error('not measured yet');
}
