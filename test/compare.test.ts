import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../src/core/report.ts';
import { readCase } from '../src/sources/case/read.ts';
import { writeCase } from '../src/sources/case/write.ts';
import { running, whyoom } from './cli/whyoom.ts';
import { counted } from './counted.ts';
import { interpreters } from './python/programs.ts';
import { type Stepped, startStepped } from './stepped.ts';
import { temporaryFolder } from './temporary.ts';
import { reportOf } from './whyoom.ts';

/**
 * Real programs, compared with themselves. What takes hours at work is done here in a moment, between two looks: to the
 * looks it is the same. While it is looked at the program waits for its next steps, so that no count gives it away.
 */
const caseFolder = (): string => join(temporaryFolder(), 'case');

async function takeCase({ pid }: Stepped, ...argv: string[]): Promise<string> {
  const folder = caseFolder();
  await reportOf('--pid', String(pid), '--for', '1s', '--save', folder, ...argv);
  return folder;
}

const lookAgain = ({ pid }: Stepped, baseline: string, ...argv: string[]): Promise<Report> =>
  reportOf('--pid', String(pid), '--for', '1s', '--baseline', baseline, ...argv);

const named = (report: Report) => report.findings.flatMap(({ holder }) => (holder?.growth ? [holder.name] : []));
const ownNames = (list: readonly { name: string }[] | undefined) =>
  list?.map(({ name }) => name).filter((name) => name.startsWith('__main__.'));

/** One before the collector's heads changed, one with inline values, one of the newest. */
const chosen = ['3.9', '3.11', '3.13'].flatMap(
  (minor) => interpreters().findLast(({ version }) => version.startsWith(`${minor}.`)) ?? [],
);

const MODULE_LIST = `
KEPT = []


def step(n):
    KEPT.append({'order': n, 'note': 'x' * 200 + str(n)})
`;

test('what a process gained between two looks is found, named and rated, though it stood still at both', async () => {
  const program = await startStepped(MODULE_LIST);
  await program.steps(1000);
  const old = await takeCase(program);
  await program.steps(30_000);
  const folder = caseFolder();
  const report = await lookAgain(program, old, '--save', folder);
  expect(report.verdict, report.headline).toBe('leak');
  expect(named(report)).toEqual(['__main__.KEPT']);
  const [finding] = report.findings;
  const { compared } = report;
  expect(compared!.sameProcess).toBe(true);
  expect(compared!.grew[0]).toMatchObject({ name: '__main__.KEPT', itemsBefore: 1000, itemsNow: 31_000 });
  expect(finding!.holder!.growth!.itemsPerSecond).toBeCloseTo(30_000 / compared!.seconds, -1);
  expect(finding!.places.map(({ role, line }) => [role, line])).toContainEqual(['feeds', 7]);
  // It may have been loading: the first look came within its first minute.
  expect(finding!.confidence.level).toBe('low');
  expect(finding!.evidence[0]!.says).toMatch(/^1,000 items .* before, .*; 31,000 now\.$/);
  // Memory grew along, and gives the rate that the watch could not see.
  expect(report.growth!.bytesPerSecond.low).toBeGreaterThan(0);
  const plain = await whyoom('open', folder, '-o', 'json');
  expect(JSON.parse(plain.out)).toEqual(report);
  counted('programs', 'a slow leak, against its baseline');
});

test('two cases of a process tell what its baseline told', async () => {
  const program = await startStepped(MODULE_LIST);
  await program.steps(500);
  const old = await takeCase(program);
  await program.steps(20_000);
  const newer = await takeCase(program);
  await program.stop();
  const without = await reportOf('open', newer);
  const report = await reportOf('compare', old, newer);
  expect(named(without)).toEqual([]);
  expect(named(report)).toEqual(['__main__.KEPT']);
  expect(report.compared!.types.map(({ name }) => name)).toContain('dict');
  const { code } = await whyoom('compare', old, newer, '--exit-code');
  expect(code).toBe(1);
  const { out } = await whyoom('compare', old, newer);
  expect(out).toMatch(/Compared +with .* before, the same process\n +grew KEPT: list, 500 to 20,500 items/);
});

describe.each(chosen)('on $version', ({ path, version }) => {
  test('in a process that does its work and keeps none of it, nothing grew', async () => {
    const program = await startStepped(
      `
from collections import OrderedDict, deque
LATEST = deque(maxlen=200)
CACHE = OrderedDict()


def step(n):
    work = [{'order': n + at} for at in range(20)]
    LATEST.append(work)
    CACHE[n] = f'{n:0200}'
    if len(CACHE) > 300:
        CACHE.popitem(last=False)
`,
      'app.py',
      path,
    );
    await program.steps(2000);
    const old = await takeCase(program);
    await program.steps(20_000);
    const report = await lookAgain(program, old);
    expect(report.verdict, report.headline).not.toBe('leak');
    expect(ownNames(report.compared!.grew)).toEqual([]);
    expect(ownNames(report.compared!.new)).toEqual([]);
    expect(report.compared!.fixed).toEqual([]);
    counted('programs', `nothing grew on ${version}`);
  });

  test('lists under fixed keys, a cached function, and a registry of things that each keep a list', async () => {
    const program = await startStepped(
      `
from functools import lru_cache
BY_COLOUR = {'red': [], 'green': []}
BY_NUMBER = {}
DESKS = {}


class Desk:
    def __init__(self, n):
        self.orders = [bytes(50) for _ in range(30)]


@lru_cache(maxsize=None)
def prices(n):
    return [n] * 40


def step(n):
    prices(n)
    BY_COLOUR['red'].append('colour' * 20 + str(n))
    BY_NUMBER[n % 1000] = BY_NUMBER.get(n % 1000) or [n] * 20
    if n % 10 == 0:
        DESKS[n] = Desk(n)
`,
      'app.py',
      path,
    );
    await program.steps(2000);
    const old = await takeCase(program);
    await program.steps(10_000);
    const report = await lookAgain(program, old);
    // BY_NUMBER was full before; Desk.orders only are more of them, and DESKS keeps them.
    expect(named(report).sort(), report.headline).toEqual([
      "__main__.BY_COLOUR['red']",
      '__main__.DESKS',
      '__main__.prices',
    ]);
    counted('programs', `containers in containers on ${version}`);
  });
});

const WORKS = (step: string) => `
import time
ORDERS = []
LATEST = {}


def take(n):
    LATEST[n % 50] = str(n)
${step}


n = 0
while True:
    n += 1
    take(n)
    time.sleep(0.02)
`;
const LEAKING = WORKS("    ORDERS.append({'order': n, 'note': 'x' * 2000 + str(n)})");
const FIXED = WORKS("    ORDERS.append({'order': n, 'note': 'x' * 2000 + str(n)})\n    del ORDERS[:-100]");

/** A program that works by itself, in a folder of its own as each deploy has. */
async function works(source: string, name = 'shop.py'): Promise<Stepped> {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, source);
  const pid = await running([interpreters().at(-1)!.path, file]);
  return { pid, steps: async () => {}, stop: async () => void process.kill(pid, 'SIGKILL') };
}

test('of a leak, its fix, and the fix undone: what was fixed, what is new, and what is as it was', async () => {
  const leaking = await works(LEAKING);
  const before = await takeCase(leaking, '--for', '10s');
  await leaking.stop();
  const after = await takeCase(await works(FIXED), '--for', '12s');
  const again = await takeCase(await works(LEAKING), '--for', '10s');

  const fixed = await reportOf('compare', before, after);
  expect(fixed.compared).toMatchObject({ sameProcess: false, fixed: [{ name: '__main__.ORDERS' }] });
  expect(named(fixed)).toEqual([]);
  expect(fixed.headline).toMatch(/Fixed since the earlier case: ORDERS leaked then, and does not any more\.$/);

  const undone = await reportOf('compare', after, again);
  expect(undone.verdict).toBe('leak');
  expect(undone.compared!.fixed).toEqual([]);
  expect(undone.headline).toMatch(/New since the earlier case: ORDERS\.$/);

  const same = await reportOf('compare', before, again);
  expect(same.verdict).toBe('leak');
  expect(same.compared!.fixed).toEqual([]);
  expect(same.headline).not.toMatch(/Fixed|New since/);
  counted('programs', 'a leak, its fix, and the fix undone');
});

test('a process that was started again is another run, though it goes by the same name', async () => {
  const first = await startStepped(MODULE_LIST);
  await first.steps(20_000);
  const old = await takeCase(first);
  await first.stop();
  const second = await startStepped(MODULE_LIST);
  await second.steps(100);
  const report = await lookAgain(second, old);
  expect(report.compared!.sameProcess).toBe(false);
  expect(named(report)).toEqual([]);
  expect(ownNames(report.compared!.shrank)).toEqual(['__main__.KEPT']);
  expect(report.compared!.shrank.every(({ itemsPerSecond }) => itemsPerSecond === undefined)).toBe(true);
});

describe('what cannot be compared', () => {
  /** Two looks of one program, and a case made from the first with something changed in it. */
  async function twoCases(): Promise<{ old: string; newer: string; pid: number }> {
    const program = await startStepped(MODULE_LIST);
    const old = await takeCase(program);
    await program.steps(10);
    return { old, newer: await takeCase(program), pid: program.pid };
  }

  async function refused(says: RegExp, ...argv: string[]): Promise<void> {
    const { code, out, err } = await whyoom(...argv);
    expect({ code, out }, err).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^whyoom: [^\n]+\n[^\n]+\n$/);
    expect(err).toMatch(says);
  }

  test('is refused in two lines that say why', async () => {
    const { old, newer, pid } = await twoCases();
    await refused(/older case is to come first/, 'compare', newer, old);
    await refused(/the same case twice/, 'compare', old, old);
    await refused(/There is no \/nowhere/, 'compare', old, '/nowhere');

    const blind = caseFolder();
    const { outcomes, ...rest } = await readCase(old);
    const problem = { code: 'denied' as const, message: 'it may not be read' };
    const { heap: _, 'heap-growth': __, ...others } = outcomes;
    await writeCase(blind, { ...rest, outcomes: { ...others, heap: { ok: false, problem, ms: 1 } } });
    await refused(/no look at the heap in the case of .*\(it may not be read\)/, 'compare', blind, newer);
    await refused(/no look at the heap/, 'compare', old, blind);
    // Before anything is looked at: nobody waits an hour for that.
    await refused(/no look at the heap/, '--pid', String(pid), '--for', '1h', '--baseline', blind);

    const later = caseFolder();
    cpSync(old, later, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(later, 'case.json'), 'utf8'));
    writeFileSync(join(later, 'case.json'), JSON.stringify({ ...manifest, version: 2 }));
    await refused(/newer format, version 2/, 'compare', later, newer);
    await refused(new RegExp(later), 'compare', old, later);
  });

  test('two programs are refused, and a look that was taken is reported all the same', async () => {
    const { old } = await twoCases();
    const other = await startStepped('BOUGHT = {}\n\ndef step(n):\n    BOUGHT[n] = n\n', 'other.py');
    await other.steps(10_000);
    await refused(/two programs.*app\.py.*other\.py/, 'compare', old, await takeCase(other));
    const report = await lookAgain(other, old);
    expect(report.compared).toBeUndefined();
    expect(report.unknown.map(({ needed }) => needed)).toContain('baseline');
    expect(report.steps.filter(({ ok }) => !ok).map(({ key }) => key)).toEqual(['baseline']);
  });
});
