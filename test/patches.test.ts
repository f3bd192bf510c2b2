import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { counted } from './counted.ts';
import { checkProgram, interpreters, leakingPrograms, measureProgram, type Program } from './python/programs.ts';
import { diagnosed, findingOn } from './whyoom.ts';

/**
 * The patches of real reports, applied as the advice says and run under the same load. The programs are copied first:
 * the report is on the copy, and so is its patch.
 */
vi.setConfig({ maxConcurrency: 6, testTimeout: 180_000 });

const interpreter = interpreters().findLast(({ version }) => version.startsWith('3.11.'))!;
/** Enough for every bound to be reached in the first half. */
const OPERATIONS = 6000;
/** The gentlest leak grows by more than 24 MB in the second half; the noise of malloc stays under this. */
const NOISE_KB = 3000;
/** Whyoom is asked about these again, patched and running: one of each kind of change. */
const ASKED_AGAIN = ['module_list', 'lookup_cache', 'lru_cache_none', 'frame_local'];

const folder = mkdtempSync(join(tmpdir(), 'whyoom-patches-'));
afterAll(() => rmSync(folder, { recursive: true }));

function copyOf(program: Program): Program {
  const home = join(folder, program.name);
  mkdirSync(home);
  const isFolder = statSync(program.path).isDirectory();
  cpSync(program.path, isFolder ? home : join(home, basename(program.path)), { recursive: true });
  const entry = join(home, isFolder ? relative(program.path, program.entry) : basename(program.entry));
  return { ...program, path: home, entry };
}

/** Where a forgotten element could be missed, whyoom says why it offers no patch, and gives advice instead. */
const REFUSED: Readonly<Record<string, { holder: string; why: RegExp }>> = {
  deque_unbounded: { holder: 'RECENT', why: /No patch is offered: elements are found by their position at .*:19/ },
  new_keys: { holder: 'SESSIONS', why: /No patch is offered: a missing key would be an error at .*:23/ },
  two_holders: { holder: 'TICKETS', why: /No patch is offered: a missing key would be an error at .*:27/ },
};

/** Applies it where the advice says; a hunk that needs fuzz is a fault. */
function apply(fix: { patch?: string | undefined; advice: string[] }): void {
  expect(fix.patch).toBeTruthy();
  const where = fix.advice
    .map((line) => /^The patch is for the folder (.*): `patch -p1 </.exec(line)?.[1])
    .find(Boolean);
  execFileSync('patch', ['-p1', '--fuzz=0', '--no-backup-if-mismatch'], { cwd: where!, input: fix.patch });
}

describe.concurrent(`patches, on ${interpreter.version}`, () => {
  const patchable = leakingPrograms().filter(({ name, expect: { patchable } }) => patchable && !(name in REFUSED));
  const refused = leakingPrograms().filter(({ name }) => name in REFUSED);

  test.each(patchable)(
    'the patch for $name applies, and with it the program works and grows no more',
    async (given) => {
      const program = copyOf(given);
      const report = await diagnosed(interpreter, program, '--for', '10s');
      for (const holder of program.expect.holders) apply(findingOn(report, holder)!.fix);
      await checkProgram(interpreter, program.entry);
      const { grown_kb } = await measureProgram(interpreter, program.entry, OPERATIONS);
      expect(grown_kb).toBeLessThan(NOISE_KB);
      counted('patches', given.name);
      if (!ASKED_AGAIN.includes(given.name)) return;
      const again = await diagnosed(interpreter, program, '--for', '12s');
      expect(again.verdict, again.headline).not.toBe('leak');
      counted('patches', `${given.name} asked again`);
    },
  );

  test.each(refused)('no patch is offered for $name, and it is said which line forbids it', async (given) => {
    const report = await diagnosed(interpreter, given, '--for', '10s');
    const { fix } = findingOn(report, { name: `__main__.${REFUSED[given.name]!.holder}` })!;
    expect(fix.patch).toBeUndefined();
    expect(fix.advice.join('\n')).toMatch(REFUSED[given.name]!.why);
  });
});
