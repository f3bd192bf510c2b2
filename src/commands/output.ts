import { checkCaseFolder, judged, writeCase } from '../app.ts';
import type { Case } from '../core/case.ts';
import { formats } from '../formats/index.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { formatNamed } from './format-named.ts';
import { screenOf, type Terminal } from './terminal.ts';

/** The options that every command with a report takes. */
export interface OutputOptions {
  readonly output: string;
  readonly exitCode?: boolean;
  readonly color: boolean;
  readonly save?: string;
}

/** Throws, before anything is looked at, where the answer could not be given as asked. */
export async function checkOutput({ output, save }: OutputOptions): Promise<void> {
  formatOf(output);
  if (save !== undefined) await checkCaseFolder(save);
}

/**
 * Judges the case, prints the report, saves the case where asked to; the answer is the exit code. The report comes first:
 * a full disk must not take it along.
 */
export async function present(whole: Case, options: OutputOptions, terminal: Terminal): Promise<number> {
  const report = judged(whole);
  const text = formatOf(options.output).render(report, screenOf(terminal, options.color));
  // As kubectl does: nothing on stdout for what is not there, so that a script that reads it gets no words.
  if (text === '') terminal.say(report.headline);
  else await terminal.write(text.endsWith('\n') ? text : `${text}\n`);
  if (options.save !== undefined) {
    await writeCase(options.save, whole);
    terminal.say(`Case saved; open it with: whyoom open ${options.save}`);
  }
  return options.exitCode ? exitCodeOf(report.verdict) : EXIT.done;
}

const formatOf = (id: string) => formatNamed(formats, id, 'There is');
