import type { EventKind } from './event-kind.ts';

/** What a program said of its life, of failures and of memory: messages that differ in numbers, addresses and quoted values only are one. */
export interface LogEvent {
  readonly kind: EventKind;
  /** Digits and quoted values masked. */
  readonly shape: string;
  readonly count: number;
  /** As it was said last. */
  readonly example: string;
  /** Numbers of lines in the stream, from 0 on. */
  readonly firstLine: number;
  readonly lastLine: number;
  readonly firstAtUnixSeconds?: number | undefined;
  readonly lastAtUnixSeconds?: number | undefined;
  /** Lives in which it was said, the first hundred of them. */
  readonly lives: readonly number[];
}

export interface LogEvents {
  /** By kind, the gravest first; the most frequent first in each. */
  readonly groups: readonly LogEvent[];
  /** Of all, also those that are in no group. */
  readonly counts: Readonly<Partial<Record<EventKind, number>>>;
}
