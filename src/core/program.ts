import type { Artifacts, Baseline, ProcessInfo } from './artifacts.ts';

type Look = Artifacts['heap'];
interface Seen {
  readonly look: Look;
  readonly identity?: Pick<ProcessInfo, 'command'> | undefined;
}

const INSTALLED = /(^|\/)(site-packages|dist-packages|lib\/python\d+(\.\d+)?|lib-dynload)\//;
/** Whether a file was installed rather than written by the people who run the program. */
export const isInstalled = (file: string): boolean => INSTALLED.test(file);

const MAIN = '__main__.';
const isOfMain = (name: string): boolean => name.startsWith(MAIN);
/** A script's own names need no module. */
export const withoutMain = (name: string): string => (isOfMain(name) ? name.slice(MAIN.length) : name);

/** Programs of which this part of the modules, or of the names of a script without a file, are the same are one. */
const SHARED = 0.5;

/**
 * Whether two looks may be of one program: the same main script, whatever the folder (each deploy may have its own), or
 * for the most part the same modules of its own; the same command line or names where there is no file at all.
 */
export function isSameProgram(before: Pick<Baseline, 'look' | 'identity'>, now: Seen): boolean {
  const [main, mainNow] = [mainFile(before.look), mainFile(now.look)];
  if (main !== undefined && main === mainNow) return true;
  const [modules, modulesNow] = [ownModules(before.look), ownModules(now.look)];
  if (modules.size > 0 && modulesNow.size > 0) return share(modules, modulesNow) >= SHARED;
  if (main !== undefined || mainNow !== undefined) return false;
  if (before.identity !== undefined && before.identity.command === now.identity?.command) return true;
  return share(mainNames(before.look), mainNames(now.look)) >= SHARED;
}

const mainFile = ({ modules }: Look): string | undefined =>
  modules.find(({ name, file }) => name === '__main__' && !isInstalled(file))?.file.replace(/^.*\//, '');

const ownModules = ({ modules }: Look): Set<string> =>
  new Set(modules.filter(({ name, file }) => name !== '__main__' && !isInstalled(file)).map(({ name }) => name));

const mainNames = ({ holders, containers }: Look): Set<string> =>
  new Set([...holders, ...(containers?.holders ?? [])].map(({ name }) => name).filter(isOfMain));

/** The part of the smaller set that is in the other. */
function share(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((each) => b.has(each)).length;
  return common / Math.max(1, Math.min(a.size, b.size));
}
