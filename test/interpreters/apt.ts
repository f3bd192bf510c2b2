import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is fetched: packages of a release, by name or by a pattern of apt's, with all that they depend on. */
export interface Contents {
  readonly release: string;
  readonly architecture: 'amd64' | 'i386';
  readonly packages: readonly string[];
  /** What they depend on is left out where this machine has it: the programs are to run here, not in a root of their own. */
  readonly besideInstalled?: boolean;
}

/** This machine's release of Debian: `bookworm`. */
export const codename = (): string | undefined =>
  /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];

/** Unpacks packages into a folder. None of their scripts is run. */
export function unpack(packages: readonly string[], root: string): void {
  for (const file of packages) execFileSync('dpkg-deb', ['--extract', file, root]);
  // Newer releases ship nothing outside /usr and leave it to the base system to link there.
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) {
    if (!existsSync(join(root, folder))) symlinkSync(`usr/${folder}`, join(root, folder));
  }
}

/**
 * Downloads packages and what they depend on, with lists and settings of apt's own under `folder`; this machine's packages
 * stay as they are. Returns the files. Throws what apt said.
 */
export function fetchPackages(contents: Contents, folder: string): string[] {
  const { release, architecture, packages: wanted, besideInstalled = false } = contents;
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
    `Dir::State::status=${besideInstalled ? '/var/lib/dpkg/status' : status}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
    'APT::Install-Recommends=false',
    // The folder is root's own, and apt's unprivileged user could not enter it.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((setting) => ['-o', setting]);
  aptGet([...settings, 'update']);
  aptGet([...settings, '--yes', '--download-only', '--reinstall', 'install', ...wanted]);
  const packages = readdirSync(archives).filter((file) => file.endsWith('.deb'));
  if (packages.length === 0) throw new Error(`apt-get downloaded nothing for ${release}`);
  return packages.map((file) => join(archives, file));
}

/** Where this machine gets its own release of Debian from: the same place has the others. */
function mirror(): string {
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const targets = aptGet(['--no-release-info', 'indextargets', '--format', format, 'Created-By: Packages']).split('\n');
  const found = targets
    .map((line) => line.split(' '))
    .filter(([, release, part]) => release === codename() && part === 'main');
  const [uri] = found.find(([each]) => each?.endsWith('/debian/')) ?? found[0] ?? [];
  if (uri === undefined) throw new Error(`apt has no source for ${codename()}: ${targets.join(', ')}`);
  return uri;
}

const aptGet = (arguments_: readonly string[]): string =>
  execFileSync('apt-get', ['--quiet', ...arguments_], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
