export { proposeFix } from './propose-fix.ts';
export type { Held, HeldSite, ProposedFix, Sizing, SourceFile, Use, Uses } from './types.ts';
export { findUses } from './uses.ts';
export { writtenName } from './written-name.ts';
