import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readElf } from '../../src/heap/elf/elf.ts';
import { interpreters } from '../python/programs.ts';
import { makeRoot, programIn, pythonsIn, type RootName, rootOf, whyNoRoots } from './debian.ts';

/** A Python of any kind, as a program that becomes it. */
export interface Build {
  /** Where it is from: `pyenv 3.11.7`, `Debian sid python3.14`. */
  readonly name: string;
  readonly path: string;
}

const READ: readonly RootName[] = ['bullseye', 'bookworm', 'trixie', 'sid'];

/**
 * Every build that whyoom reads and that can be had here: the interpreters of this machine, Debian's four roots, and in
 * each of those programs of our own that embed libpython, one that is position independent and one that is not.
 * `missing` says what could not be had, and why.
 */
export function buildsToRead(): { builds: Build[]; missing: string[] } {
  const { made, missing } = roots(READ);
  const debian = made.flatMap((root) => pythonsIn(root).map((python) => inRoot(root, `/usr/bin/${python}`)));
  const embedding = made.flatMap((root) => librariesIn(root).flatMap((library) => embeddingPrograms(root, library)));
  const local = interpreters()
    .filter(({ path }) => !debian.some((build) => build.path === path))
    .map(({ path, version }) => ({ name: path.includes('pyenv') ? `pyenv ${version}` : path, path }));
  const [programs, failures] = [
    embedding.filter((each) => typeof each !== 'string'),
    embedding.filter((each) => typeof each === 'string'),
  ];
  return { builds: [...local, ...debian, ...programs], missing: [...missing, ...failures] };
}

/** Builds that whyoom refuses by name. */
export function buildsToRefuse(): { builds: Build[]; missing: string[] } {
  const { made, missing } = roots(['refused', 'refused-i386']);
  const builds = made.flatMap((root) =>
    root === 'refused'
      ? [inRoot(root, '/usr/bin/pypy3'), inRoot(root, '/usr/bin/python3.11-dbg')]
      : [inRoot(root, '/usr/bin/python3.11')],
  );
  return { builds, missing };
}

/** Makes the roots that are not there yet, where that can be done. */
function roots(names: readonly RootName[]): { made: RootName[]; missing: string[] } {
  const why = whyNoRoots();
  const missing: string[] = [];
  for (const name of names) {
    if (existsSync(rootOf(name))) continue;
    try {
      if (why === undefined) makeRoot(name);
      else missing.push(`Debian's ${name}: ${why}`);
    } catch (thrown) {
      missing.push(`Debian's ${name}: ${String(thrown).split('\n', 1)[0]}`);
    }
  }
  return { made: names.filter((name) => existsSync(rootOf(name))), missing };
}

function inRoot(root: RootName, executable: string): Build {
  return { name: `Debian ${root} ${executable}`, path: programIn(root, executable)! };
}

/** The last part of the folder in which Debian has its libraries. */
const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

const librariesIn = (root: RootName): string[] =>
  readdirSync(join(rootOf(root), LIBRARIES)).filter((file) => /^libpython3\.\d+\.so\.1\.0$/.test(file));

/** A server of one's own that runs Python inside: nothing but its libraries tells. */
const SOURCE = `int Py_BytesMain(int argc, char **argv);
int main(int argc, char **argv) { return Py_BytesMain(argc, argv); }
`;

/**
 * Programs linked to a root's libpython, position independent and not; why not, where the compiler is missing. They are
 * linked against the root's own C library, as that of this machine may be newer.
 */
function embeddingPrograms(root: RootName, library: string): (Build | string)[] {
  return ['-pie', '-no-pie'].map((kind) => {
    const key = createHash('sha256').update(SOURCE).digest('hex').slice(0, 8);
    const name = `server${kind}-${/3\.\d+/.exec(library)![0]}-${key}`;
    const program = join(rootOf(root), 'usr/bin', name);
    if (!existsSync(program)) {
      const made = `${program}-${process.pid}`;
      writeFileSync(`${made}.c`, SOURCE);
      const folder = join(rootOf(root), LIBRARIES);
      const libc = [folder, join(rootOf(root), 'lib/x86_64-linux-gnu')].map((each) => join(each, 'libc.so.6'));
      const linked = [join(folder, library), libc.find((file) => existsSync(file))!];
      try {
        const flags = [kind, '-nodefaultlibs', '-Wl,--allow-shlib-undefined'];
        execFileSync('cc', [...flags, `${made}.c`, ...linked, '-o', made], { stdio: 'pipe' });
      } catch (thrown) {
        return `${root} ${library} embedded: ${String(thrown).split('\n', 1)[0]}`;
      }
      renameSync(made, program);
    }
    return inRoot(root, `/usr/bin/${name}`);
  });
}

/** What a running build is, by its files: `libpython, PIE, stripped`. */
export function kindOf(pid: number): string {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  const library = /^([0-9a-f]+-[0-9a-f]+) .* \/\S*libpython3\.\d+\S*$/m.exec(maps)?.[1];
  const executable = readFileSync(`/proc/${pid}/exe`);
  const runtime = library === undefined ? executable : readFileSync(`/proc/${pid}/map_files/${library}`);
  const isStripped = !readElf(runtime, new Set())?.sections.has('.symtab');
  // e_type of the ELF header: 2 is loaded where it says, 3 anywhere.
  const isPie = executable.readUInt16LE(16) === 3;
  return [
    library === undefined ? 'static' : 'libpython',
    isPie ? 'PIE' : 'not PIE',
    isStripped ? 'stripped' : 'symbols',
  ].join(', ');
}
