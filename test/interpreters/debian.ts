import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Contents, fetchPackages, unpack } from './apt.ts';

/** All packages of such a name with a minor version behind, as a pattern of apt's. */
const every = (name: string) => `?and(?name(^${name}\\.[0-9]+$),?not(?virtual))`;
const python3 = (release: string): Contents => ({
  release,
  architecture: 'amd64',
  packages: ['python3', every('libpython3')],
});

/** The roots by name. Unstable has several Pythons at a time: those that it has are taken. */
const ROOTS = {
  bullseye: python3('bullseye'),
  bookworm: python3('bookworm'),
  trixie: python3('trixie'),
  sid: {
    release: 'sid',
    architecture: 'amd64',
    packages: [every('python3'), every('libpython3')],
  },
  /** What whyoom refuses to read. */
  refused: { release: 'bookworm', architecture: 'amd64', packages: ['python3.11-dbg', 'pypy3'] },
  'refused-i386': { release: 'bookworm', architecture: 'i386', packages: ['python3-minimal'] },
} as const satisfies Record<string, Contents>;
export type RootName = keyof typeof ROOTS;

/** The root with Debian's Python 3 of a minor version. */
export const RELEASES = { 9: 'bullseye', 11: 'bookworm', 13: 'trixie', 14: 'sid', 15: 'sid' } as const;
export type Minor = keyof typeof RELEASES;

const checkout = join(import.meta.dirname, '../..');
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'whyoom-test');
/** What is made depends on these files; an older root is left alone. */
const madeBy = createHash('sha256')
  .update(readFileSync(import.meta.filename))
  .update(readFileSync(join(import.meta.dirname, 'apt.ts')))
  .digest('hex')
  .slice(0, 12);

/** The folder with those packages and all that they need, and nothing else. It may not have been made yet. */
export const rootOf = (name: RootName): string => join(cache, `debian-${name}-${madeBy}`);

/** Why no root can be made on this machine; undefined: one can. */
export function whyNoRoots(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is not Linux on x86-64';
  if (process.getuid?.() !== 0) return 'that takes root';
  return existsSync('/usr/bin/apt-get') ? undefined : 'there is no apt-get';
}

/**
 * Makes a root, once: its packages and what they depend on, fetched by apt from the mirror that this machine uses,
 * and unpacked. None of their scripts is run, and this machine's own packages stay as they are.
 */
export function makeRoot(name: RootName): void {
  if (existsSync(rootOf(name))) return;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'making-'));
  try {
    const packages = fetchPackages(ROOTS[name], join(made, 'apt'));
    const root = join(made, 'root');
    mkdirSync(join(root, 'proc'), { recursive: true });
    unpack(packages, root);
    // Another run may have been faster.
    if (!existsSync(rootOf(name))) renameSync(root, rootOf(name));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/**
 * A program that runs another one in its root, where this checkout and the temporary folder are found under the
 * paths that they have outside; undefined where the root has not been made. It becomes that program: the pid stays.
 */
export function programIn(name: RootName, executable: string): string | undefined {
  const root = rootOf(name);
  if (!existsSync(root)) return undefined;
  const folders = [...new Set([checkout, tmpdir(), '/proc', '/dev'])];
  const script = `#!/bin/sh
exec unshare --mount --propagation private /bin/sh -ec '
  root="${root}"; at=$PWD
  for folder in ${folders.map((each) => `"${each}"`).join(' ')}; do mkdir -p "$root$folder"; mount --rbind "$folder" "$root$folder"; done
  exec unshare --root="$root" --wd="$at" "${executable}" "$@"' program "$@"
`;
  const path = join(cache, `${basename(executable)}-${createHash('sha256').update(script).digest('hex').slice(0, 12)}`);
  if (!existsSync(path)) {
    writeFileSync(`${path}-${process.pid}`, script, { mode: 0o755 });
    renameSync(`${path}-${process.pid}`, path);
  }
  return path;
}

/** Debian's Python of a minor version, as `programIn` says. */
export const pythonIn = (minor: Minor): string | undefined => programIn(RELEASES[minor], `/usr/bin/python3.${minor}`);

/** The Pythons in a root, by their names in /usr/bin: `python3.14`. None where it has not been made. */
export function pythonsIn(name: RootName): string[] {
  const folder = join(rootOf(name), 'usr/bin');
  return existsSync(folder) ? readdirSync(folder).filter((file) => /^python3\.\d+$/.test(file)) : [];
}
