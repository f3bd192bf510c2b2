import type { Processes, ProcessInfo } from '../../core/artifacts.ts';
import { commandLine, visible } from './command-line.ts';
import { executableBits, hasRuntime } from './executable.ts';
import { type ProcFiles, type ProcText, THIS_MACHINE, textOf } from './proc-files.ts';
import { deniedProblem, livingProcess, type ProcessState, processState, processStatus } from './process-state.ts';
import { detectPython, pythonByName } from './python-detection.ts';

/** A tree with more processes is cut, those furthest from the root first. */
const MOST_PROCESSES = 2000;

interface Seen {
  readonly info: ProcessInfo;
  readonly denied: boolean;
}

/**
 * The processes at and under `pid`, parents first, and the CPython among them that holds most memory (the root where
 * several hold the same). The id of a thread stands for its process. Processes that end while they are read are left
 * out, as are zombies. Throws a ProblemError: `absent`, or `denied` where no Python was found and not all could be read.
 */
export function processTree(pid: number, files: ProcFiles = THIS_MACHINE): Processes {
  const { processes, deniedPid } = treeAsSeen(pid, files, false);
  if (processes.chosenPid === undefined && deniedPid !== undefined) throw deniedProblem(deniedPid, files);
  return processes;
}

/**
 * The same, but a process whose mappings may not be read is taken for what it calls itself: its memory can be watched all the
 * same. Throws a ProblemError `absent`.
 */
export const processTreeByName = (pid: number, files: ProcFiles): Processes => treeAsSeen(pid, files, true).processes;

function treeAsSeen(
  pid: number,
  files: ProcFiles,
  byName: boolean,
): { processes: Processes; deniedPid: number | undefined } {
  livingProcess(pid, files);
  const rootPid = processStatus(pid, files)?.threadGroup ?? pid;
  const started = bootUnixSeconds(files);
  const states = atAndUnder(livingProcess(rootPid, files), files);
  const seen = states.flatMap((state) => inspect(state, started, files, byName) ?? []);
  const tree = seen.map(({ info }) => info);
  const chosen = largestReadable(tree);
  livingProcess(rootPid, files);
  return {
    processes: { rootPid, tree, ...(chosen === undefined ? {} : { chosenPid: chosen.pid }) },
    deniedPid: seen.find(({ denied }) => denied)?.info.pid,
  };
}

/** Parents before children, so the root wins a tie. */
function largestReadable(tree: readonly ProcessInfo[]): ProcessInfo | undefined {
  const readable = tree.filter(
    ({ python }) => python?.implementation === 'cpython' && python.unsupported === undefined,
  );
  return readable.reduce<ProcessInfo | undefined>(
    (largest, one) => (largest === undefined || one.rssBytes > largest.rssBytes ? one : largest),
    undefined,
  );
}

/** Breadth first. */
function atAndUnder(top: ProcessState, files: ProcFiles): ProcessState[] {
  const children = Map.groupBy(allProcesses(files), (state) => state.parentPid);
  const found = [top];
  const known = new Set([top.pid]);
  for (let at = 0; at < found.length && found.length < MOST_PROCESSES; at++) {
    for (const child of children.get(found[at]!.pid) ?? []) {
      // Process ids are used again: a tree that is read while it changes could bite its own tail.
      if (known.has(child.pid) || found.length >= MOST_PROCESSES) continue;
      known.add(child.pid);
      found.push(child);
    }
  }
  return found;
}

const allProcesses = (files: ProcFiles): ProcessState[] =>
  files
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processState(Number(name), files) ?? []);

function inspect(state: ProcessState, boot: number, files: ProcFiles, byName: boolean): Seen | undefined {
  const { pid, parentPid, comm } = state;
  const status = processStatus(pid, files);
  const cmdline = files.read(`/proc/${pid}/cmdline`, 65_536).text;
  if (status === undefined || cmdline === undefined || state.state === 'Z' || state.state === 'X') return undefined;
  const executable = files.link(`/proc/${pid}/exe`);
  const maps = files.read(`/proc/${pid}/maps`);
  const python =
    maps.text === undefined
      ? nameOf(maps, cmdline, byName)
      : detectPython({
          executable: executable.text,
          maps: maps.text,
          bits: executableBits(pid, files),
          hasRuntime: () => hasRuntime(pid, files),
        });
  const info: ProcessInfo = {
    pid,
    parentPid,
    command: commandLine(cmdline, comm),
    executable: visible(executable.text ?? ''),
    threads: status.threads,
    rssBytes: status.rssBytes,
    startedAtUnixSeconds: boot + state.startedAfterBootSeconds,
    ...(python === undefined ? {} : { python }),
  };
  return { info, denied: maps.why === 'denied' };
}

const nameOf = ({ why }: ProcText, cmdline: string, byName: boolean) =>
  why === 'denied' && byName ? pythonByName(cmdline.split('\0')[0]!) : undefined;

/** When the machine started, from the line `btime` of /proc/stat. */
function bootUnixSeconds(files: ProcFiles): number {
  return Number(/^btime (\d+)$/m.exec(textOf('/proc/stat', files) ?? '')?.[1] ?? 0);
}
