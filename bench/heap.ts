import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findPython } from './heap/environment.ts';
import { type Measured, measure } from './heap/measure.ts';
import { type Options, parseOptions, USAGE } from './heap/options.ts';
import { endAll } from './heap/started.ts';
import { report } from './heap/tables.ts';

/** `npm run bench:heap`: measures the heap reader beside what people would use instead; see docs/performance.md. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    endAll();
    process.exit(130);
  });
}
const startedAt = new Date().toISOString();
const options = readOptions();
if (options !== undefined) await run(options);

function readOptions(): Options | undefined {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return undefined;
  }
  try {
    return parseOptions(process.argv.slice(2), startedAt.slice(0, 10));
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n\n${USAGE}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

async function run({ targets, out, ...rest }: Options): Promise<void> {
  const python = findPython(rest.python);
  const measured: Measured[] = [];
  for (const target of targets) {
    try {
      measured.push(await measure(target, { targets, out, ...rest }, python, tell));
    } catch (thrown) {
      // One program that does not run must not cost the figures of the others.
      tell(`${target.name}: ${thrown instanceof Error ? thrown.message : thrown}`);
      process.exitCode = 1;
    }
  }
  const text = report(measured, startedAt, performance.now() / 1000);
  process.stdout.write(text);
  if (out === undefined) return;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, text);
}

/** Progress, apart from the result. */
function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
