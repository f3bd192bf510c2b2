import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Case } from '../src/core/case.ts';
import { readCase } from '../src/sources/case/read.ts';
import { writeCase } from '../src/sources/case/write.ts';
import { limited } from '../src/sources/launch/memory-limit.ts';

/**
 * Saves the golden cases of test/cases anew, each from a real run: `node scripts/save-cases.ts [NAME…]`, as root.
 * Afterwards: `UPDATE_CASES=1 npx vitest run test/cases.test.ts`, and read the difference.
 *
 * The programs run from /srv/whyoom-cases, so that no path of the machine gets into a case; of the source only what lies
 * there is kept. WHYOOM_CASES_PYTHON39 and …313 name further interpreters; without them all run on PYTHON.
 */
const ROOT = new URL('..', import.meta.url).pathname;
const HOME = '/srv/whyoom-cases';
const PYTHON = '/usr/bin/python3.11';
const PYTHON39 = process.env.WHYOOM_CASES_PYTHON39 ?? PYTHON;
const PYTHON313 = process.env.WHYOOM_CASES_PYTHON313 ?? PYTHON;
const MIB = 2 ** 20;

/** Attaches as a debugger does, and lets it run (PTRACE_SEIZE). */
const TRACER = `
import ctypes, sys, time
ctypes.CDLL(None).ptrace(0x4206, int(sys.argv[1]), None, None)
time.sleep(120)
`;

interface Recipe {
  /** The program: a file of this project, or its text. */
  readonly program: string;
  readonly python?: string;
  /** Under a memory cgroup of its own. */
  readonly limitBytes?: number;
  readonly watch?: string;
  /** Before whyoom is started. */
  readonly warmUpMs?: number;
  /** Ctrl-C after so long. */
  readonly interruptMs?: number;
  /** Something else traces the process already. */
  readonly traced?: boolean;
}

const IDLE = 'import time\nWAREHOUSE = {number: str(number) for number in range(10_000)}\ntime.sleep(120)\n';
const BURST = `"""Collects, and then asks for far more than it may have."""
import time

COLLECTED = []
started = time.monotonic()
while time.monotonic() < started + 7.5:
    COLLECTED.append(b"x" * 100_000 + str(len(COLLECTED)).encode())
    time.sleep(0.1)
b"x" * (1 << 30)
`;
const SLOW = `"""Grows too slowly for a look of a few seconds."""
import time

NOTES = []
number = 0
while True:
    number += 1
    sum(range(5000))
    if number % 100 == 0:
        NOTES.append(f"note {number}")
    time.sleep(0.02)
`;

const RECIPES: Readonly<Record<string, Recipe>> = {
  'image-service-limited': { program: 'demo/image_service.py', limitBytes: 128 * MIB },
  'list-no-limit-3.9': { program: 'test/python/leaks/module_list.py', python: PYTHON39 },
  'lookup-cache': { program: 'test/python/leaks/lookup_cache.py', limitBytes: 256 * MIB },
  'lru-cache-3.13': { program: 'test/python/leaks/lru_cache_none.py', python: PYTHON313 },
  'frame-local-3.9': { program: 'test/python/leaks/frame_local.py', python: PYTHON39 },
  'retained-exceptions': { program: 'test/python/leaks/retained_exceptions.py' },
  'lists-in-a-dict-3.13': { program: 'test/python/leaks/dict_of_lists.py', python: PYTHON313 },
  'two-holders': { program: 'test/python/leaks/two_holders.py', limitBytes: 200 * MIB },
  'healthy-lru-cache': { program: 'test/python/healthy/bounded_lru_cache.py', watch: '14s' },
  'warm-up': { program: 'test/python/healthy/warm_up.py', warmUpMs: 500, watch: '20s' },
  idle: { program: IDLE, watch: '12s' },
  slow: { program: SLOW, watch: '12s' },
  interrupted: { program: 'test/python/leaks/new_keys.py', interruptMs: 6000 },
  'heap-denied': { program: 'test/python/leaks/module_list.py', traced: true, watch: '11s' },
  'killed-while-watched': { program: BURST, limitBytes: 96 * MIB, warmUpMs: 1500, watch: '30s' },
  'not-python': { program: '#!/bin/sh\nsleep 100\nexit 0\n', python: '/bin/sh', watch: '2s' },
};

const names = process.argv.slice(2).length > 0 ? process.argv.slice(2) : Object.keys(RECIPES);
const isLimited = (name: string) => RECIPES[name]?.limitBytes !== undefined;
const free = names.filter((name) => !isLimited(name));
for (let at = 0; at < free.length; at += 4) await Promise.all(free.slice(at, at + 4).map(make));
// The cgroup goes by the number of this process: one at a time.
for (const name of names.filter(isLimited)) await make(name);
rmSync(HOME, { recursive: true, force: true });

async function make(name: string): Promise<void> {
  const recipe = RECIPES[name];
  if (recipe === undefined) throw new Error(`There is no case ${name}: ${Object.keys(RECIPES).join(' ')}`);
  const entry = placeProgram(name, recipe.program);
  const command = [recipe.python ?? PYTHON, entry];
  const under = recipe.limitBytes === undefined ? undefined : await limited(command, recipe.limitBytes);
  const [file, ...argv] = under?.command ?? command;
  const target = spawn(file!, argv, { stdio: 'ignore', cwd: join(HOME, name) });
  await sleep(recipe.warmUpMs ?? 2500);
  const saved = await look(target, recipe);
  target.kill('SIGKILL');
  await under?.remove();
  const folder = join(ROOT, 'test/cases', name, 'case');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, '..'), { recursive: true });
  await writeCase(folder, withoutMachine(await readCase(saved)));
  rmSync(saved, { recursive: true, force: true });
  console.log(`${name}: saved`);
}

function placeProgram(name: string, program: string): string {
  mkdirSync(join(HOME, name), { recursive: true });
  const isText = program.includes('\n');
  const entry = join(HOME, name, isText ? 'app.py' : basename(program));
  if (isText) writeFileSync(entry, program);
  else cpSync(join(ROOT, program), entry);
  return entry;
}

async function look(target: ChildProcess, recipe: Recipe): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'whyoom-case-'));
  const folder = join(scratch, 'case');
  const whyoom = [join(ROOT, 'src/cli.ts'), '--pid', String(target.pid), '--save', folder];
  const argv = [process.execPath, ...whyoom, '--for', recipe.watch ?? '10s'];
  const tracer = recipe.traced ? spawn(PYTHON, ['-c', TRACER, String(target.pid)], { stdio: 'ignore' }) : undefined;
  if (tracer) await sleep(1000);
  const [file, ...rest] = argv;
  const child = spawn(file!, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (recipe.interruptMs !== undefined) setTimeout(() => child.kill('SIGINT'), recipe.interruptMs);
  const [[code], said] = await Promise.all([once(child, 'close'), text(child.stderr)]);
  tracer?.kill();
  if (code !== 0) throw new Error(`whyoom ended with ${code}: ${said}`);
  return folder;
}

/** No source but that of the programs, and no name of the machine's own cgroups. */
function withoutMachine(whole: Case): Case {
  const text = JSON.stringify(whole).replaceAll(/\/sys\/fs\/cgroup\/memory[^"\\]*/g, '/sys/fs/cgroup/memory/app');
  const clean: Case = JSON.parse(text);
  const source = clean.outcomes.source;
  if (source?.ok) source.value.files = source.value.files.filter(({ path }) => path.startsWith(`${HOME}/`));
  return clean;
}
