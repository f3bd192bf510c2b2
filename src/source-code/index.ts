export type { Kept } from './logged/kept-behind.ts';
export { findLogCalls, type LogCall, type LogCalls } from './logged/log-calls.ts';
export { type NumberInSource, type PrintedNumber, printedNumber, type SaidNumber } from './logged/printed-number.ts';
export { proposeFix } from './propose-fix.ts';
export type { Held, HeldSite, ProposedFix, Sizing, SourceFile, Use, Uses } from './types.ts';
export { findUses } from './uses.ts';
export { writtenName } from './written-name.ts';
