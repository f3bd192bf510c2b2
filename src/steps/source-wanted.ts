import type { Artifacts } from '../core/artifacts.ts';

type Look = Artifacts['heap'];
type Growth = Artifacts['heap-growth'];
type Holder = Look['holders'][number];

export interface WantedFile {
  readonly path: string;
  readonly module?: string;
  /** Where a holder is at home: kept whatever it says. Others are kept if they speak of a holder. */
  readonly home: boolean;
}

/** Holders whose files are read: those that grew, and as many of the biggest. */
const MOST_HOLDERS = 20;
/** Modules that were installed rather than written by the people who run the program. */
const INSTALLED = /(^|\/)(site-packages|dist-packages|lib\/python\d+(\.\d+)?|lib-dynload)\//;

/** The files worth reading, the holders' own first: those that grew, then the biggest, then the application's others. */
export function wantedFiles(look: Look, growth: Growth | undefined): WantedFile[] {
  const moduleOf = new Map(look.modules.map(({ name, file }) => [file, name]));
  const homes = holdersOf(look, growth).flatMap(({ site }) => [site.file, site.functionFile]);
  const own = look.modules.map(({ file }) => file).filter((file) => !INSTALLED.test(file));
  const wanted = new Map<string, WantedFile>();
  for (const [paths, home] of [
    [homes, true],
    [own, false],
  ] as const) {
    for (const path of paths) {
      if (path === undefined || !path.endsWith('.py') || wanted.has(path)) continue;
      const module = moduleOf.get(path);
      wanted.set(path, module === undefined ? { path, home } : { path, module, home });
    }
  }
  return [...wanted.values()];
}

/** The names by which the holders are spoken of in source: variables, attributes, and cached functions. */
export function holderNames(look: Look, growth: Growth | undefined): Set<string> {
  const names = holdersOf(look, growth).map(({ site }) => site.name ?? site.functionName?.split('.').at(-1));
  return new Set(names.filter((name) => name !== undefined));
}

/** Whether the text has one of the names as a word. */
export function mentions(text: string, names: ReadonlySet<string>): boolean {
  return (text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []).some((word) => names.has(word));
}

function holdersOf(look: Look, growth: Growth | undefined): Holder[] {
  const grown = growth?.holders.slice(0, MOST_HOLDERS).map(({ holder }) => holder) ?? [];
  return [...grown, ...look.holders.slice(0, MOST_HOLDERS)];
}
