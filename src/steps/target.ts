import { posix } from 'node:path';
import type { Processes } from '../core/artifacts.ts';
import type { Outcome } from '../core/problem.ts';
import type { Report } from '../core/report.ts';

const MOST_CHARACTERS = 60;

/** What a process is called in the report: its program and script, without the paths to them: `python app.py (pid 42)`. */
export function targetOf(pid: number, processes: Outcome<Processes> | undefined): Report['target'] {
  const tree = processes?.ok ? processes.value.tree : [];
  const chosen = processes?.ok ? (processes.value.chosenPid ?? pid) : pid;
  const command = tree.find((each) => each.pid === chosen)?.command ?? '';
  const [program = '', ...argv] = command.split(/\s+/).filter(Boolean);
  // Options come first and say little; what follows the script may hold what nobody wants in a title.
  const script = argv[0] === '-c' ? '-c' : argv.find((argument) => !argument.startsWith('-'));
  const words = [program, script].filter((word) => word !== undefined).map((word) => posix.basename(word));
  const name = `${words.join(' ').slice(0, MOST_CHARACTERS)} (pid ${chosen})`;
  return { kind: 'process', name: name.trim() };
}
