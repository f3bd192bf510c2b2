import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { HELP } from '../../src/commands/help.ts';
import { durationOf, durationOrNoneOf } from '../../src/commands/parse-duration.ts';
import { createProgram } from '../../src/commands/program.ts';
import { screenOf } from '../../src/commands/terminal.ts';
import { CLI, whyoom } from './whyoom.ts';

/** Two lines: what is wrong, and the next thing to do. */
const twoLines = /^whyoom: [^\n]+\n[^\n]+\n$/;

test('the help is short and names every command and option', async () => {
  const { code, out, err } = await whyoom('--help');
  expect([code, err]).toEqual([0, '']);
  expect(out.split('\n').length).toBeLessThanOrEqual(47);
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(85);
  const program = createProgram([], undefined as never, () => {});
  for (const command of program.commands) {
    if (command.name() !== 'diagnose') expect(HELP).toContain(`whyoom ${command.name()}`);
    for (const { long } of command.options) expect(HELP).toContain(long!);
  }
});

test('the help of a command is the same screen', async () => {
  expect((await whyoom('open', '--help')).out).toBe(HELP);
});

test.each(['--help', '--version', 'demo --list', 'open --help'])(
  'where %s cannot be written, two lines say so, and the exit code is not that of a verdict',
  async (argv) => {
    const command = `'${process.execPath}' '${CLI}' ${argv} 2>&1 >/dev/full; echo "exit $?"`;
    const said = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
    expect(said).toMatch(/^whyoom: The report cannot be written: ENOSPC[^\n]*\n[^\n]+\nexit 3\n$/);
  },
);

test('the version is the one of the package', async () => {
  const { code, out } = await whyoom('--version');
  expect([code, out]).toEqual([0, '0.1.0\n']);
});

test.each([
  [['--pdi', '5'], /unknown option '--pdi'\n.*Did you mean --pid\?/],
  [['--pid', 'five'], /--pid five: not a process number\.\n.*pgrep/],
  [['--pid', '1', '--for', '20'], /--for 20: not a time .*\n.*--for 500ms, 30s, 2m or 1h/],
  [['--pid', '1', '-o', 'yaml'], /no format "yaml"\.\n.*terminal, json, markdown, html/],
  [['deploy/a', 'deploy/b'], /More than one target/],
  [['deploy/'], /"deploy\/" is no target\.\n/],
  [['deploy/a', '-l', 'app=a'], /-l is for pods/],
  [['preflight'], /Nothing to ask for\.\n/],
  [['preflight', 'deploy/a', '-o', 'html'], /preflight has no format "html"/],
  [['a', '--allow', 'all'], /--allow all: there is no such step\.\n.*node-stats/],
  [['a', '--log-bytes', 'much'], /--log-bytes much: not a size/],
  [['--pid', '1', '--for', '0'], /--for 0: a process is watched/],
  [['4242'], /"4242" alone is no target\.\n.*whyoom --pid 4242/],
  [[], /Nothing to look at\.\n/],
  [['--'], /no command after --/],
  [['--pid', '1', '--', 'true'], /More than one target/],
  [['open', 'case', '--', 'true'], /whyoom open takes no command after --/],
  [['open'], /missing required argument/],
  [['heap', '4242'], /"4242" alone is no target\.\n.*whyoom heap --pid 4242/],
  [['heap'], /Nothing to look at\.\n/],
  [['heap', '--pid', '1', '--', 'true'], /More than one target/],
  [['heap', '--pid', '1', '-o', 'html'], /whyoom heap has no format "html"\.\n.*terminal, json/],
  [['heap', 'deploy/a', 'deploy/b'], /More than one target/],
  [['heap', 'deploy/a', '--pid', '1'], /More than one target/],
  [['heap', '-l', 'app=a', '--', 'true'], /More than one target/],
  [['heap', 'deploy/a', '-l', 'app=a'], /-l is for pods/],
  [['heap', 'deploy/a', '--for', '30s'], /--for is for a command after --\.\n/],
  [['heap', '--pid', '1', '--dry-run'], /--dry-run is for a target in Kubernetes\.\n/],
  [['heap', 'a.whyoom', '--dry-run'], /--dry-run is for a target in Kubernetes\.\n/],
  [['heap', '--pid', '1', '--for', '30s'], /--for is for a command after --\.\n/],
  [['heap', '--pid', '1', '--pid', '2'], /--pid 1 and --pid 2: one at a time\.\n/],
  [['--pid', '1', '--pid', '2'], /--pid 1 and --pid 2: one at a time\.\n/],
  [['heap', '--pid', '1', '--types', 'many'], /--types many: not a number of rows/],
  [['heap', '--pid', '1', '--path'], /unknown option '--path'\n.*--path-to/],
  [['demo', 'no-such'], /no demo "no-such"\.\n.*image-service/],
])('%j is wrong usage: exit 4, what and what instead', async (argv, says) => {
  const { code, out, err } = await whyoom(...argv);
  expect({ code, out }).toEqual({ code: 4, out: '' });
  expect(err).toMatch(twoLines);
  expect(err).toMatch(says);
});

test.each([
  [['--pid', '2147483646'], /no process 2147483646/],
  [['heap', '/nowhere'], /There is no \/nowhere\.\n/],
  [['heap', CLI], /This is no saved heap\.\n/],
  [['heap', '/'], /\/ is no file\.\n/],
  [['heap', './orca'], /There is no \.\/orca\.\n/],
  [['heap', 'orca.whyoom'], /There is no orca\.whyoom\.\n/],
  [['heap', 'package.json'], /This is no saved heap\.\n/],
  [
    ['heap', 'orca', '--kubeconfig', '/nowhere'],
    /There is no kubeconfig at \/nowhere; there is no file "orca" either\.\n/,
  ],
  [['heap', 'src/commands', '--kubeconfig', '/nowhere'], /There is no kubeconfig at \/nowhere\n/],
  [['stacks', 'deploy/orca', '--kubeconfig', '/nowhere'], /There is no kubeconfig at \/nowhere\n/],
  [['heap', '--pid', '1', '--save', '/nowhere/heap'], /The heap cannot be saved: ENOENT/],
  [['open', '/nowhere'], /There is no \/nowhere\.\n/],
  [['open', '/'], /not a saved case/],
  [['--', 'no-such-command-anywhere'], /no command "no-such-command-anywhere"/],
  [['--pid', String(process.pid), '--save', '/etc'], /The folder \/etc is not empty/],
  [['--pid', String(process.pid), '--source', '/nowhere'], /There is no folder \/nowhere/],
])('%j cannot be done: exit 3, what and what next', async (argv, says) => {
  const { code, out, err } = await whyoom(...argv);
  expect({ code, out }).toEqual({ code: 3, out: '' });
  expect(err).toMatch(twoLines);
  expect(err).toMatch(says);
});

test('the demos are listed', async () => {
  const { code, out } = await whyoom('demo', '--list');
  expect(code).toBe(0);
  expect(out).toMatch(/^image-service +\S/);
});

test('times are understood in four units', () => {
  const read = durationOf('--for');
  expect(['500ms', '1.5s', '2m', '1h'].map(read)).toEqual([500, 1500, 120_000, 3_600_000]);
  for (const wrong of ['', '0s', '-1s', '1d', 's', '1e3s', '999h']) expect(() => read(wrong)).toThrow(/--for/);
  const pause = durationOrNoneOf('--max-pause');
  expect(['0', '0s', '0ms', '300ms'].map(pause)).toEqual([0, 0, 0, 300]);
  for (const wrong of ['', '-0', '0d', '00', '5']) expect(() => pause(wrong)).toThrow(/--max-pause/);
});

test('colour: --no-color beats NO_COLOR, which beats FORCE_COLOR, which beats the terminal', () => {
  const color = (isTTY: boolean, env: Record<string, string>, wanted = true) =>
    screenOf({ env, stdout: { isTTY, columns: 100 } }, wanted).color;
  expect(color(true, {})).toBe(true);
  expect(color(false, {})).toBe(false);
  expect(color(true, { TERM: 'dumb' })).toBe(false);
  expect(color(false, { FORCE_COLOR: '1' })).toBe(true);
  expect(color(true, { FORCE_COLOR: '0' })).toBe(false);
  expect(color(true, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false);
  expect(color(true, { FORCE_COLOR: '1' }, false)).toBe(false);
});

test('a terminal has its width, a pipe has eighty columns', () => {
  const width = (isTTY: boolean) => screenOf({ env: {}, stdout: { isTTY, columns: 132 } }, true).width;
  expect([width(true), width(false)]).toEqual([132, 80]);
});
