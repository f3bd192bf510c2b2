import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's releases by the minor version of their Python 3. */
export const RELEASES = { 9: 'bullseye', 11: 'bookworm', 13: 'trixie' } as const;
export type Minor = keyof typeof RELEASES;

const checkout = join(import.meta.dirname, '../..');
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'whyoom-test');
/** What is made depends on this file; an older root is left alone. */
const madeBy = createHash('sha256')
  .update(readFileSync(import.meta.filename))
  .digest('hex')
  .slice(0, 12);

/** The folder with that release's Python and all that it needs, and nothing else. It may not have been made yet. */
export const rootOf = (minor: Minor): string => join(cache, `debian-${RELEASES[minor]}-${madeBy}`);

/** Why no root can be made on this machine; undefined: one can. */
export function whyNoRoots(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'this is not Linux on x86-64';
  if (process.getuid?.() !== 0) return 'that takes root';
  return existsSync('/usr/bin/apt-get') ? undefined : 'there is no apt-get';
}

/**
 * Makes the root of a release, once: the packages that its python3 depends on, fetched by apt from the mirror that this
 * machine uses, and unpacked. None of their scripts is run, and this machine's own packages stay as they are.
 */
export function makeRoot(minor: Minor): void {
  if (existsSync(rootOf(minor))) return;
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'making-'));
  try {
    const packages = fetchPython(RELEASES[minor], join(made, 'apt'));
    const root = join(made, 'root');
    mkdirSync(join(root, 'proc'), { recursive: true });
    for (const file of packages) execFileSync('dpkg-deb', ['--extract', file, root]);
    // Newer releases ship nothing outside /usr and leave it to the base system to link there.
    for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
      if (!existsSync(join(root, folder))) symlinkSync(`usr/${folder}`, join(root, folder));
    }
    // Another run may have been faster.
    if (!existsSync(rootOf(minor))) renameSync(root, rootOf(minor));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The packages of a release's Python, downloaded with lists and settings of their own under `folder`. */
function fetchPython(release: string, folder: string): string[] {
  const [archives, lists] = [join(folder, 'cache/archives'), join(folder, 'state/lists')];
  for (const each of [archives, lists]) mkdirSync(join(each, 'partial'), { recursive: true });
  const [sources, status] = [join(folder, 'sources.list'), join(folder, 'status')];
  writeFileSync(
    sources,
    `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror()} ${release} main\n`,
  );
  writeFileSync(status, '');
  const settings = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    `Dir::State=${join(folder, 'state')}`,
    `Dir::State::status=${status}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'APT::Architecture=amd64',
    'APT::Architectures=amd64',
    'APT::Install-Recommends=false',
    // The folder is root's own, and apt's unprivileged user could not enter it.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((setting) => ['-o', setting]);
  aptGet([...settings, 'update']);
  aptGet([...settings, '--yes', '--download-only', 'install', 'python3']);
  const packages = readdirSync(archives).filter((file) => file.endsWith('.deb'));
  if (packages.length === 0) throw new Error(`apt-get downloaded nothing for ${release}`);
  return packages.map((file) => join(archives, file));
}

/** Where this machine gets its own release of Debian from: the same place has the others. */
function mirror(): string {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const targets = aptGet(['--no-release-info', 'indextargets', '--format', format, 'Created-By: Packages']).split('\n');
  const found = targets
    .map((line) => line.split(' '))
    .filter(([, release, part]) => release === codename && part === 'main');
  const [uri] = found.find(([each]) => each?.endsWith('/debian/')) ?? found[0] ?? [];
  if (uri === undefined) throw new Error(`apt has no source for ${codename}: ${targets.join(', ')}`);
  return uri;
}

const aptGet = (arguments_: readonly string[]): string =>
  execFileSync('apt-get', ['--quiet', ...arguments_], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/**
 * A program that runs the release's Python in its root, where this checkout and the temporary folder are found under the
 * paths that they have outside; undefined where the root has not been made. It becomes that Python: the pid stays.
 */
export function pythonIn(minor: Minor): string | undefined {
  const root = rootOf(minor);
  if (!existsSync(root)) return undefined;
  const folders = [...new Set([checkout, tmpdir(), '/proc', '/dev'])];
  const script = `#!/bin/sh
exec unshare --mount --propagation private /bin/sh -ec '
  root="${root}"; at=$PWD
  for folder in ${folders.map((each) => `"${each}"`).join(' ')}; do mkdir -p "$root$folder"; mount --rbind "$folder" "$root$folder"; done
  exec unshare --root="$root" --wd="$at" /usr/bin/python3.${minor} "$@"' python "$@"
`;
  const path = join(cache, `python3.${minor}-${createHash('sha256').update(script).digest('hex').slice(0, 12)}`);
  if (!existsSync(path)) {
    writeFileSync(`${path}-${process.pid}`, script, { mode: 0o755 });
    renameSync(`${path}-${process.pid}`, path);
  }
  return path;
}
