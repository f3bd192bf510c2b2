import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { machineFacts } from './heap/machine.ts';
import { generate } from './logs/generate.ts';
import { type Grouped, groupingAccuracy, labelled } from './logs/grouping.ts';

/**
 * `npm run bench:logs`: what reading a log costs, beside the `grep -E` pipes of the manual procedure over the same file, and beside drain3
 * from PyPI on the same messages. `--bytes 1e9` and `--messages 1e6` (defaults), `--no-drain3`, `--keep FILE`, `--out FILE`.
 */
const { values } = parseArgs({
  options: {
    bytes: { type: 'string', default: '1e9' },
    messages: { type: 'string', default: '1e6' },
    seed: { type: 'string', default: '7' },
    keep: { type: 'string' },
    out: { type: 'string' },
    drain3: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const GREPS = [
  '(memory|Memory|ERROR|WARNING|GC|Cache|processed)',
  'size:|count:|total:|cache',
  'Processing|processed|Batch',
  'tracemalloc|Top.*memory blocks',
  'Created|Allocated|New.*object',
];
const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'whyoom-bench-logs-'));
interface Cost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

function measured(): string {
  const file = values.keep ?? join(folder, 'mixed.log');
  if (!existsSync(file)) generate(file, Number(values.bytes), Number(values.seed));
  const bytes = statSync(file).size;
  // Once through, so that all of them find it in the page cache, as far as that goes.
  execFileSync('sh', ['-c', 'cat "$1" > /dev/null', 'sh', file]);
  const greps = GREPS.map((pattern) => timed('sh', ['-c', 'cat "$2" | grep -E "$1" | wc -l', 'sh', pattern, file]));
  const together = {
    seconds: sum(greps.map(({ seconds }) => seconds)),
    cpuSeconds: sum(greps.map(({ cpuSeconds }) => cpuSeconds)),
  };
  const digest = run<Cost & { maxRssBytes: number; lines: number; templates: number; series: number }>(
    'digest-file.ts',
    [file],
  );
  return [
    '# Logs: reading, templates, numbers\n',
    ...machineFacts().map((fact) => `- ${fact}`),
    `\n## ${(bytes / 1e6).toFixed(0)} MB of mixed logs, ${digest.lines} entries\n`,
    '| | seconds | CPU seconds | MB/s of CPU | peak memory |',
    '|---|---|---|---|---|',
    row('five `grep -E`, one after the other', together, bytes, ''),
    row('`whyoom --logs`: lines, templates, series', digest, bytes, `${(digest.maxRssBytes / 1e6).toFixed(0)} MB`),
    `\n${(digest.cpuSeconds / together.cpuSeconds).toFixed(1)} times the processor time of the five together; ${digest.templates} templates, ${digest.series} series of numbers.`,
    ...quality(),
    '',
  ].join('\n');
}

function quality(): string[] {
  const messages = labelled(Number(values.messages), Number(values.seed));
  const file = join(folder, 'messages.txt');
  writeFileSync(file, messages.map(({ message }) => message).join('\n'));
  const own = run<Grouped>('group-messages.ts', [file]);
  const rows = [grouped('whyoom', own, messages)];
  if (values.drain3) {
    const python = drain3Python();
    for (const mode of ['plain', 'masked']) {
      const out = JSON.parse(
        execFileSync(python, [join(root, 'bench/logs/drain3_groups.py'), file, mode], {
          maxBuffer: 2 ** 28,
        }).toString(),
      );
      rows.push(grouped(`drain3, ${mode}`, out, messages));
    }
  }
  return [
    `\n## Templates of ${messages.length} labelled messages\n`,
    'Grouping accuracy: the share of messages whose group holds exactly the messages of their label (Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019).\n',
    '| | grouping accuracy | groups | labels | messages a CPU second |',
    '|---|---|---|---|---|',
    ...rows,
  ];
}

const grouped = (name: string, { groups, cpuSeconds }: Grouped, messages: ReturnType<typeof labelled>): string =>
  `| ${name} | ${groupingAccuracy(groups, messages).toFixed(3)} | ${new Set(groups).size} | ${new Set(messages.map(({ label }) => label)).size} | ${Math.round(messages.length / cpuSeconds)} |`;

const row = (name: string, { seconds, cpuSeconds }: Cost, bytes: number, memory: string): string =>
  `| ${name} | ${seconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} | ${(bytes / 1e6 / cpuSeconds).toFixed(0)} | ${memory} |`;

/** Runs a script bundled, as the command line is: nobody but us strips types while it reads a log. */
function run<T>(script: string, args: readonly string[]): T {
  const outfile = join(folder, script.replace('.ts', '.mjs'));
  const entryPoints = [join(root, 'bench/logs', script)];
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
  return JSON.parse(execFileSync(process.execPath, [outfile, ...args], { maxBuffer: 2 ** 28 }).toString());
}

function timed(command: string, args: readonly string[]): Cost {
  const children = cpuOfChildren();
  const started = performance.now();
  spawnSync(command, args);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: cpuOfChildren() - children };
}

/** Of all children that have ended: fields 16 and 17 of /proc/self/stat (proc(5)), in hundredths of a second. */
function cpuOfChildren(): number {
  const stat = execFileSync('cat', [`/proc/${process.pid}/stat`]).toString();
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** A Python with drain3 in it, made once. */
function drain3Python(): string {
  const venv = join(homedir(), '.cache/whyoom-bench/drain3');
  const python = join(venv, 'bin/python');
  if (!existsSync(python)) {
    execFileSync('python3', ['-m', 'venv', venv]);
    execFileSync(python, ['-m', 'pip', 'install', '-q', 'drain3==0.9.11']);
  }
  return python;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

try {
  const text = measured();
  process.stdout.write(text);
  const out = values.out ?? `bench/results/logs-${new Date().toISOString().slice(0, 10)}.md`;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, text);
} finally {
  rmSync(folder, { recursive: true });
}
