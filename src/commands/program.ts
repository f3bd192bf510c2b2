import { Command, CommanderError } from 'commander';
import { VERSION } from '../app.ts';
import { ProblemError } from '../core/problem.ts';
import { compare } from './compare.ts';
import { demo } from './demo.ts';
import { diagnose } from './diagnose.ts';
import { EXIT } from './exit-code.ts';
import { HEAP_ROWS, heap } from './heap.ts';
import { HELP } from './help.ts';
import { withPod, withWorkload } from './kube-options.ts';
import { open } from './open.ts';
import { durationOf, durationOrNoneOf } from './parse-duration.ts';
import { preflight } from './preflight.ts';
import { stacks } from './stacks.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const REPORT = 'Please report this, with the line above and how it came about.';

/** Runs one command line (without `node` and the script) and says how whyoom should exit. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const at = argv.indexOf('--');
  const [own, command] = at < 0 ? [argv, []] : [argv.slice(0, at), argv.slice(at + 1)];
  let code: number = EXIT.done;
  const done = (exit: number) => {
    code = exit;
  };
  try {
    if (at >= 0 && command.length === 0) throw new UsageError('There is no command after --.');
    await createProgram(command, terminal, done).parseAsync(own, { from: 'user' });
    return code;
  } catch (thrown) {
    // Telling may fail too (`--help > /dev/full`), and Node's own exit code for that, 1, would mean "a leak".
    return await failed(thrown, terminal).catch((again) => failed(again, terminal));
  }
}

/** The whole command line. The targets of commands come as arguments; what follows `--` is `command`. */
export function createProgram(command: readonly string[], terminal: Terminal, done: (code: number) => void): Command {
  const program = new Command('whyoom')
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} })
    .version(VERSION, '-V, --version')
    .helpOption('-h, --help')
    .helpCommand(false);
  const add = (name: string, isDefault = false) => {
    const added = program.command(name, { isDefault }).option('-o, --output <format>', '', 'terminal');
    return added.option('--exit-code').option('--no-color');
  };
  withWorkload(withLook(add('diagnose', true)))
    .argument('[target...]')
    .option('--pid <pid>', '', onePid)
    .option('--logs <file...>')
    .option('--source <dir>')
    .option('--baseline <case>')
    .action(async (targets, options) => done(await diagnose(targets, command, options, terminal)));
  withWorkload(program.command('preflight').option('-o, --output <format>', '', 'terminal').option('--no-color'))
    .argument('[target...]')
    .action(async (targets, options) => done(await preflight(targets, options, terminal)));
  add('open')
    .argument('<case>')
    .action(async (folder, options) => done(await open(folder, options, terminal)));
  add('compare')
    .argument('<old>')
    .argument('<new>')
    .action(async (old, newer, options) => done(await compare([old, newer], options, terminal)));
  withLook(add('demo'))
    .argument('[name]')
    .option('--list')
    .action(async (name, options) => done(await demo(name, options, terminal)));
  withPod(program.command('heap'))
    .argument('[target...]')
    .option('--pid <pid>', '', onePid)
    .option('--for <time>', '', durationOf('--for'))
    .option('--max-pause <time>', '', durationOf('--max-pause'), 1000)
    .option('--path-to <object>')
    .option('--types <number>', '', rowsOf('--types'), HEAP_ROWS.types)
    .option('--holders <number>', '', rowsOf('--holders'), HEAP_ROWS.holders)
    .option('--save <file>')
    .option('-o, --output <format>', '', 'terminal')
    .option('--no-color')
    .action(async (targets, options) => done(await heap(targets, command, options, terminal)));
  withPod(program.command('stacks'))
    .argument('[target...]')
    .option('--pid <pid>', '', onePid)
    .option('--max-pause <time>', '', durationOf('--max-pause'), 1000)
    .option('-o, --output <format>', '', 'terminal')
    .option('--no-color')
    .action(async (targets, options) => done(await stacks(targets, options, terminal)));
  for (const each of program.commands)
    if (!TAKE_COMMANDS.includes(each.name()) && command.length > 0) each.hook('preAction', noCommand);
  return program;
}

const TAKE_COMMANDS = ['diagnose', 'heap'];

const noCommand = (_program: Command, command: Command) => {
  throw new UsageError(`whyoom ${command.name()} takes no command after --.`);
};

const withLook = (command: Command): Command =>
  command
    .option('--for <time>', '', durationOrNoneOf('--for'), 20_000)
    .option('--max-pause <time>', '', durationOrNoneOf('--max-pause'), 1000)
    .option('--save <dir>');

function onePid(text: string, before: number | undefined): number {
  if (before !== undefined)
    throw new UsageError(
      `--pid ${before} and --pid ${text}: one at a time.`,
      'Processes under a pid are looked at with it.',
    );
  const pid = Number(text);
  if (/^\d+$/.test(text) && pid > 0 && pid < 2 ** 31) return pid;
  throw new UsageError(`--pid ${text}: not a process number.`, 'Find it with: pgrep -af python');
}

const rowsOf = (flag: string) => (text: string) => {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} ${text}: not a number of rows.`, `For example: ${flag} 30`);
};

/** What and the next thing to do, in two lines; a stack only where whyoom itself is at fault. */
async function failed(thrown: unknown, terminal: Terminal): Promise<number> {
  if (thrown instanceof CommanderError) return await commanderSaid(thrown, terminal);
  if (thrown instanceof UsageError) {
    tell(terminal, thrown.message, thrown.hint);
    return EXIT.usage;
  }
  if (thrown instanceof ProblemError) {
    tell(terminal, thrown.problem.message, thrown.problem.hint);
    return EXIT.failed;
  }
  tell(terminal, thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown), REPORT);
  return EXIT.failed;
}

async function commanderSaid({ code, message }: CommanderError, terminal: Terminal): Promise<number> {
  if (code === 'commander.version') await terminal.write(`${VERSION}\n`);
  else if (code === 'commander.helpDisplayed' || code === 'commander.help') await terminal.write(HELP);
  else {
    const [what = '', suggestion] = message.replace(/^error: /, '').split('\n');
    tell(terminal, what, suggestion?.replace(/^\((.*)\)$/, '$1') ?? 'See: whyoom --help');
    return EXIT.usage;
  }
  return EXIT.done;
}

function tell(terminal: Terminal, what: string, next: string | undefined): void {
  terminal.say(`whyoom: ${what}`);
  if (next !== undefined) terminal.say(next);
}
