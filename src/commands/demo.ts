import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DEMOS, findPython, limited, traceable } from '../app.ts';
import type { LookOptions } from './look.ts';
import { checkOutput, type OutputOptions, present } from './output.ts';
import { lookAtCommand } from './run-command.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const demosSchema = z.array(
  z.object({
    name: z.string(),
    title: z.string(),
    file: z.string(),
    limitBytes: z.number().positive().optional(),
    /** Flags of the interpreter. */
    flags: z.array(z.string()).default([]),
  }),
);
type Demo = z.infer<typeof demosSchema>[number];

export interface DemoOptions extends LookOptions, OutputOptions {
  readonly list?: boolean;
}

/** `whyoom demo [NAME]`: runs a leaking program under a real limit and diagnoses it. */
export async function demo(name: string | undefined, options: DemoOptions, terminal: Terminal): Promise<number> {
  const demos = demosSchema.parse(JSON.parse(await readFile(new URL('index.json', DEMOS), 'utf8')));
  if (options.list) {
    const width = Math.max(...demos.map((each) => each.name.length));
    await terminal.write(demos.map((each) => `${each.name.padEnd(width)}  ${each.title}\n`).join(''));
    return 0;
  }
  const chosen = name === undefined ? demos[0] : demos.find((each) => each.name === name);
  if (!chosen)
    throw new UsageError(`There is no demo "${name}".`, `Demos: ${demos.map((each) => each.name).join(', ')}`);
  await checkOutput(options);
  return await run(chosen, options, terminal);
}

async function run(chosen: Demo, options: DemoOptions, terminal: Terminal): Promise<number> {
  const python = await findPython(terminal.env);
  const command = traceable([python, ...chosen.flags, fileURLToPath(new URL(chosen.file, DEMOS))]);
  const { limitBytes } = chosen;
  const under = limitBytes === undefined ? undefined : await limited(command, limitBytes);
  terminal.say(`whyoom: ${chosen.title}; ${under?.says ?? 'no limit'}`);
  const release = terminal.beforeExit(() => under?.removeNow());
  try {
    const whole = await lookAtCommand(under?.command ?? command, options, terminal);
    return await present(whole, options, terminal);
  } finally {
    await under?.remove();
    release();
  }
}
