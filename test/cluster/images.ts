import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fetchPackages, unpack } from '../interpreters/apt.ts';
import { interpreters } from '../python/programs.ts';
import { kept } from './kept.ts';
import { type ImageConfig, writeArchive } from './oci-archive.ts';
import { runProgram } from './run-program.ts';
import { say } from './say.ts';
import { PAUSE_IMAGE } from './settings.ts';

/** An image of Python as the official ones are: `python3` and `python` in /usr/local/bin, a shell, and what is usual in Debian. */
interface PythonImage {
  readonly name: string;
  readonly release: 'bullseye' | 'bookworm' | 'sid';
  readonly minor: number;
  /** Debian's own package; else an interpreter of this machine is copied to /usr/local. */
  readonly debians: boolean;
}

const ENVIRONMENT = ['PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8'];

const PYTHONS: readonly PythonImage[] = [
  { name: 'docker.io/library/python:3.9-slim', release: 'bullseye', minor: 9, debians: true },
  { name: 'docker.io/library/python:3.12-slim', release: 'bookworm', minor: 12, debians: false },
  { name: 'docker.io/library/python:3.14-slim', release: 'sid', minor: 14, debians: true },
];

/** The archives of all images that can be made here. What cannot is said; in CI that is an error. */
export function images(): string[] {
  return [pauseImage(), nodeImage(), ...PYTHONS.flatMap((image) => pythonImage(image) ?? [])];
}

/** The program that does nothing, linked statically: first process of every pod, and of the node. */
export function pauseProgram(): string {
  const source = join(import.meta.dirname, 'pause.c');
  const folder = kept('pause', [readFileSync(source, 'utf8')], (draft) => {
    runProgram('cc', ['-Os', '-static', '-s', '-o', join(draft, 'pause'), source]);
  });
  return join(folder, 'pause');
}

function pauseImage(): string {
  const program = pauseProgram();
  return archive('image-pause', PAUSE_IMAGE, [program], { Entrypoint: ['/pause'] }, (root) => {
    copyFileSync(program, join(root, 'pause'));
    chmodSync(join(root, 'pause'), 0o755);
  });
}

function pythonImage(image: PythonImage): string | undefined {
  const { name, release, minor, debians } = image;
  const prefix = debians ? undefined : installedPrefix(minor);
  if (!debians && prefix === undefined) {
    const lacks = `no image ${name}: this machine has no CPython 3.${minor} of its own, and Debian has none`;
    if (process.env.CI) throw new Error(lacks);
    say(`!!! ${lacks} !!!`);
    return undefined;
  }
  const config = { Env: ENVIRONMENT, Cmd: ['python3'] };
  const packages = ['?essential', ...(prefix ? LIBRARIES : [`python3.${minor}`])];
  return archive(`image-python3.${minor}`, name, [release, ...packages, prefix ?? ''], config, (root, draft) => {
    fillWithDebian(release, packages, root, draft);
    if (prefix) copyPython(prefix, minor, root);
    const local = join(root, 'usr/local/bin');
    mkdirSync(local, { recursive: true });
    if (!prefix) symlinkSync(`/usr/bin/python3.${minor}`, join(local, `python3.${minor}`));
    for (const link of ['python3', 'python']) symlinkSync(`python3.${minor}`, join(local, link));
    runProgram('chroot', [root, '/sbin/ldconfig']);
    runProgram('chroot', [root, '/usr/local/bin/python', '-c', 'import ssl, json, sqlite3, ctypes']);
  });
}

/** The Node that runs this, as the official images have it: what runs in the cluster as a Job needs one. */
function nodeImage(): string {
  const name = `docker.io/library/node:${process.versions.node.split('.')[0]}-slim`;
  const packages = ['?essential', 'libstdc++6'];
  const config = { Env: ENVIRONMENT, Cmd: ['node'] };
  return archive('image-node', name, [...packages, process.version], config, (root, draft) => {
    fillWithDebian('bookworm', packages, root, draft);
    mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
    copyFileSync(process.execPath, join(root, 'usr/local/bin/node'));
    chmodSync(join(root, 'usr/local/bin/node'), 0o755);
    runProgram('chroot', [root, '/usr/local/bin/node', '--version']);
  });
}

/** What an interpreter that was built here is linked with (the modules of its standard library). */
const LIBRARIES = [
  ...['libssl3', 'libffi8', 'libsqlite3-0', 'zlib1g', 'libbz2-1.0', 'liblzma5', 'libreadline8', 'libncursesw6'],
  ...['libuuid1', 'libgdbm6', 'libexpat1', 'libnsl2', 'libtirpc3'],
];

/** Where a CPython of that minor version is installed that can be copied: /root/.pyenv/versions/3.12.1. */
function installedPrefix(minor: number): string | undefined {
  const found = interpreters().find(({ version }) => version.startsWith(`3.${minor}.`));
  if (!found) return undefined;
  const prefix = runProgram(found.path, ['-c', 'import sys; print(sys.base_prefix)']).trim();
  return existsSync(join(prefix, `lib/python3.${minor}/os.py`)) && prefix !== '/usr' ? prefix : undefined;
}

function copyPython(prefix: string, minor: number, root: string): void {
  const to = join(root, 'usr/local');
  mkdirSync(join(to, 'bin'), { recursive: true });
  copyFileSync(join(prefix, `bin/python3.${minor}`), join(to, `bin/python3.${minor}`));
  chmodSync(join(to, `bin/python3.${minor}`), 0o755);
  const left = new Set([
    'test',
    '__pycache__',
    'site-packages',
    'idlelib',
    'tkinter',
    'ensurepip',
    `config-3.${minor}-x86_64-linux-gnu`,
  ]);
  cpSync(join(prefix, `lib/python3.${minor}`), join(to, `lib/python3.${minor}`), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !left.has(basename(path)),
  });
  const library = join(prefix, `lib/libpython3.${minor}.so.1.0`);
  if (existsSync(library)) copyFileSync(library, join(to, `lib/libpython3.${minor}.so.1.0`));
}

function fillWithDebian(release: string, packages: readonly string[], root: string, draft: string): void {
  unpack(fetchPackages({ release, architecture: 'amd64', packages }, join(draft, 'apt')), root);
  rmSync(join(draft, 'apt'), { recursive: true });
  furnish(root);
}

/** What the scripts of Debian's packages would have made; and less documentation, as slim images have it. */
function furnish(root: string): void {
  for (const part of ['doc', 'man', 'info', 'locale', 'lintian']) {
    rmSync(join(root, 'usr/share', part), { recursive: true, force: true });
  }
  for (const folder of ['proc', 'sys', 'dev', 'run', 'etc', 'root', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  const users = ['root:x:0:0:root:/root:/bin/sh', 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin'];
  writeFileSync(join(root, 'etc/passwd'), `${users.join('\n')}\n`);
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  if (!existsSync(join(root, 'bin/sh'))) symlinkSync('dash', join(root, 'bin/sh'));
}

/** An image's archive, made once. `fill` puts its files into the root; its second argument is a folder for what it needs on the way. */
function archive(
  what: string,
  name: string,
  inputs: readonly string[],
  config: ImageConfig,
  fill: (root: string, draft: string) => void,
): string {
  const made = kept(what, [name, ...inputs, readFileSync(import.meta.filename, 'utf8')], (draft) => {
    const root = join(draft, 'root');
    mkdirSync(root);
    fill(root, draft);
    writeArchive(name, root, config, join(draft, 'image.tar'), draft);
    rmSync(root, { recursive: true });
  });
  return join(made, 'image.tar');
}
