import { type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { ProblemError } from '../../core/problem.ts';
import { visible } from './command-line.ts';
import { readAll, whyNot } from './proc-files.ts';
import { deniedProblem, livingProcess } from './process-state.ts';
import { MAY_READ, MAY_SEARCH, mayAccess, type Rights, rightsOf } from './target-rights.ts';

const MOST_FILE_BYTES = 16 * 1024 * 1024;
/** As the kernel's own limit (path_resolution(7)). */
const MOST_LINKS = 40;
/** Opens a place in the file system, not the file: no device is started, no FIFO waits (open(2)). Not in node:fs. */
const O_PATH = 0o10000000;

/**
 * A Python file (`.py`) of at most 16 MiB as the process sees it: through its root and, for a relative path, its working
 * directory. Links are followed by hand, one step at a time from the process's own root: the kernel would follow an absolute
 * link from ours, and a container could make us read a file of the host. The path comes from the process, and what is read
 * goes into a case: so nothing is read that the process itself could not read, whatever whyoom may.
 * Throws a ProblemError: `absent`, `denied`, `refused`.
 */
export function readTargetFile(pid: number, path: string): Uint8Array {
  livingProcess(pid);
  const rights = rightsOf(pid);
  const walk = startAt(pid, path, rights);
  try {
    walk.follow(path);
    refuseOtherThanPython(walk.here, path);
    if (!mayAccess(rights, fstatSync(walk.here), MAY_READ)) throw notTheTargets(path);
    return readRegular(walk.here, path);
  } catch (error) {
    throw problemOfPath(error, path);
  } finally {
    walk.close();
  }
}

function startAt(pid: number, path: string, rights: Rights): Walk {
  try {
    return new Walk(`/proc/${pid}/root`, path.startsWith('/') ? `/proc/${pid}/root` : `/proc/${pid}/cwd`, rights);
  } catch (error) {
    throw whyNot(error) === 'denied' ? deniedProblem(pid) : problemOfPath(error, path);
  }
}

/** Where the walk stands is kept as an open place: what is renamed or replaced meanwhile cannot lead it astray. */
class Walk {
  here: number;
  private readonly top: number;
  private readonly rights: Rights;
  private links = 0;

  constructor(rootLink: string, startLink: string, rights: Rights) {
    this.rights = rights;
    this.top = openSync(rootLink, O_PATH);
    this.here = openSync(startLink, O_PATH);
  }

  follow(path: string): void {
    if (path.startsWith('/')) this.moveTo(openSync(`/proc/self/fd/${this.top}`, O_PATH));
    for (const name of path.split('/')) {
      const atTop = name === '..' && same(this.here, this.top);
      if (name !== '' && name !== '.' && !atTop) this.step(name);
    }
  }

  private step(name: string): void {
    const folder = fstatSync(this.here);
    if (folder.isDirectory() && !mayAccess(this.rights, folder, MAY_SEARCH)) throw notTheTargets(name);
    const place = `/proc/self/fd/${this.here}/${name}`;
    const next = openSync(place, O_PATH | constants.O_NOFOLLOW);
    if (!fstatSync(next).isSymbolicLink()) {
      this.moveTo(next);
      return;
    }
    closeSync(next);
    this.links += 1;
    if (this.links > MOST_LINKS)
      throw new ProblemError('refused', `${visible(name)} is a link that leads in a circle.`);
    this.follow(readlinkSync(place));
  }

  private moveTo(next: number): void {
    closeSync(this.here);
    this.here = next;
  }

  close(): void {
    closeSync(this.here);
    closeSync(this.top);
  }
}

/**
 * By the name that the file itself has, after all links: a module may call itself what it likes. A place that is no
 * regular file is refused as such.
 */
function refuseOtherThanPython(place: number, path: string): void {
  if (!fstatSync(place).isFile()) throw new ProblemError('refused', `${visible(path)} is no regular file.`);
  const name = readlinkSync(`/proc/self/fd/${place}`).replace(/ \(deleted\)$/, '');
  if (!name.endsWith('.py')) throw new ProblemError('refused', `${visible(path)} is no Python file (.py).`);
}

const notTheTargets = (path: string): ProblemError =>
  new ProblemError(
    'denied',
    `${visible(path)} is not read: the process itself may not read it.`,
    'If it is source of the program, name its folder with --source DIR.',
  );

function same(one: number, other: number): boolean {
  const [a, b]: BigIntStats[] = [one, other].map((file) => fstatSync(file, { bigint: true }));
  return a!.dev === b!.dev && a!.ino === b!.ino;
}

/** Opens the very file that the walk found, through its place. */
function readRegular(place: number, path: string): Uint8Array {
  const file = openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = readAll(file, MOST_FILE_BYTES + 1);
    if (bytes.length <= MOST_FILE_BYTES) return bytes;
    throw new ProblemError('refused', `${visible(path)} is larger than 16 MiB.`);
  } finally {
    closeSync(file);
  }
}

function problemOfPath(error: unknown, path: string): unknown {
  const why = path.includes('\0') ? 'gone' : whyNot(error);
  if (why === 'denied') return new ProblemError('denied', `You may not read ${visible(path)}.`);
  return why === 'gone' ? new ProblemError('absent', `The process sees no file ${visible(path)}.`) : error;
}
