import type { Artifacts } from '../../core/artifacts.ts';
import { isInstalled } from '../../core/program.ts';

type Look = Artifacts['heap'];
type Growth = Artifacts['heap-growth'];
type Holder = Look['holders'][number];

export interface WantedFile {
  readonly path: string;
  readonly module?: string;
  /**
   * `home`: a holder is at home in it, and it is kept whatever it says. `application`: kept if it speaks of a holder.
   * `installed`: kept if it speaks of a holder and of the module or class that has it.
   */
  readonly role: 'home' | 'application' | 'installed';
}

/** Holders whose files are read: those that grew, as many of the biggest, and the program's own among those listed. */
const MOST_HOLDERS = 20;
const MOST_OWN = 60;
const PACKAGES = /(^|\/)(site-packages|dist-packages)\//;

/**
 * The files worth reading, the holders' own first: those that grew, then the biggest, then the application's others. A
 * registry of a library that grew is often fed by another library: then those are worth reading too.
 */
export function wantedFiles(look: Look, growth: Growth | undefined): WantedFile[] {
  const moduleOf = new Map(look.modules.map(({ name, file }) => [file, name]));
  const all = look.modules.map(({ file }) => file);
  const homes = holdersOf(look, growth).flatMap(({ site }) => [site.file, site.functionFile]);
  const fedByLibraries = growth?.holders.some(({ holder }) => isInstalled(holder.site.file ?? '')) ?? false;
  const wanted = new Map<string, WantedFile>();
  for (const [paths, role] of [
    [homes, 'home'],
    [all.filter((file) => !isInstalled(file)), 'application'],
    [fedByLibraries ? all.filter((file) => PACKAGES.test(file)) : [], 'installed'],
  ] as const) {
    for (const path of paths) {
      if (path === undefined || !path.endsWith('.py') || wanted.has(path)) continue;
      const module = moduleOf.get(path);
      wanted.set(path, module === undefined ? { path, role } : { path, module, role });
    }
  }
  return [...wanted.values()];
}

/** Whether a file is to be kept, by what its text speaks of. */
export function isWanted(file: WantedFile, text: string, spoken: SpokenOf): boolean {
  switch (file.role) {
    case 'home':
      return true;
    case 'application':
      return mentions(text, spoken.names);
    case 'installed':
      return mentions(text, spoken.names) && mentions(text, spoken.homes);
    default:
      return file.role satisfies never;
  }
}

/** What source says when it speaks of the holders. */
export interface SpokenOf {
  readonly names: ReadonlySet<string>;
  /** The modules and classes that have them, by their last name. */
  readonly homes: ReadonlySet<string>;
}

export function spokenOf(look: Look, growth: Growth | undefined): SpokenOf {
  const last = (name: string | undefined) => name?.split('.').at(-1);
  const homes = holdersOf(look, growth).flatMap(({ site }) => [last(site.module), last(site.className)]);
  return { names: holderNames(look, growth), homes: new Set(homes.filter((name) => name !== undefined)) };
}

/** The names by which the holders are spoken of in source: variables, attributes, and cached functions. */
function holderNames(look: Look, growth: Growth | undefined): Set<string> {
  const names = holdersOf(look, growth).map(({ site }) => site.name ?? site.functionName?.split('.').at(-1));
  return new Set(names.filter((name) => name !== undefined));
}

/** Whether the text has one of the names as a word. */
function mentions(text: string, names: ReadonlySet<string>): boolean {
  return (text.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []).some((word) => names.has(word));
}

function holdersOf(look: Look, growth: Growth | undefined): Holder[] {
  const grown = growth?.holders.slice(0, MOST_HOLDERS).map(({ holder }) => holder) ?? [];
  // What grows too slowly to be seen, a comparison may name: of the program's own containers, many are worth their source.
  const own = (look.containers?.holders ?? []).filter(({ site }) => site.file !== undefined && !isInstalled(site.file));
  return [...grown, ...look.holders.slice(0, MOST_HOLDERS), ...own.slice(0, MOST_OWN)];
}
