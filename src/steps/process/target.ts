import { posix } from 'node:path';
import type { Processes } from '../../core/artifacts.ts';
import type { Outcome } from '../../core/problem.ts';
import type { Report } from '../../core/report.ts';

const MOST_CHARACTERS = 60;

/** What a process is called in the report: its program and script, without the paths to them: `python app.py (pid 42)`. */
export function targetOf(pid: number, processes: Outcome<Processes> | undefined): Report['target'] {
  const tree = processes?.ok ? processes.value.tree : [];
  const chosen = processes?.ok ? (processes.value.chosenPid ?? pid) : pid;
  const command = tree.find((each) => each.pid === chosen)?.command ?? '';
  const [program = '', ...argv] = argumentsIn(command);
  const words = [posix.basename(program), ...scriptOf(program, argv)].filter((word) => word !== '');
  const name = `${words.join(' ').slice(0, MOST_CHARACTERS)} (pid ${chosen})`;
  return { kind: 'process', name: name.trim() };
}

/** The arguments of a command line as the process tree shows it: those with spaces or quotes stand in single quotes. */
const argumentsIn = (command: string): string[] =>
  (command.match(/(?:'[^']*'|\\'|\S)+/g) ?? []).map((word) =>
    word.replace(/'([^']*)'|\\'/g, (_, inner) => inner ?? "'"),
  );

const PYTHON = /^(python|pypy)[\d.]*\w*$/i;
/** `-W ignore`, `-uX dev`: the next argument is the option's value (CPython, Python/initconfig.c). */
const TAKES_NEXT = /^(-[^-cmWX]*[WX]|--check-hash-based-pycs)$/;

/** The script, `-m` with its module, or `-c`: which program it is. What follows may hold what nobody wants in a title. */
function scriptOf(program: string, argv: readonly string[]): string[] {
  const isPython = PYTHON.test(posix.basename(program));
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at]!;
    const [, run, attached] = (isPython ? /^-[^-cmWX]*([cm])(.*)$/s : /^-(c)()$/).exec(argument) ?? [];
    if (run === 'c' && (isPython || at === 0)) return ['-c'];
    if (run === 'm') return ['-m', attached || (argv[at + 1] ?? '')];
    if (isPython && TAKES_NEXT.test(argument)) at++;
    else if (!argument.startsWith('-')) return [posix.basename(argument)];
  }
  return [];
}
