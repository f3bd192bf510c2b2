import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { counted } from './counted.ts';
import { type Minor, makeRoot, RELEASES, rootOf, whyNoRoots } from './interpreters/debian.ts';
import { leakingPrograms } from './python/programs.ts';
import { findingOn, reportOf } from './whyoom.ts';

/**
 * Debian's own CPythons, each in a root of its own, as in a container: neither the interpreter's file nor the program's
 * is where its path says, so that whyoom has to read both through /proc. These are not the patch releases that developers
 * have: 3.9.2, 3.11.2, a 3.13 whose collector keeps its lists elsewhere than 3.13.0 does, and what unstable has of 3.14 and 3.15.
 */
const why = whyNoRoots();
if (why !== undefined) console.warn(`\n!!! SKIPPED: Debian's interpreters, for ${why} !!!\n`);

const program = leakingPrograms().find(({ name }) => name === 'registry_package')!;

/** Copies the program into the root and runs it there until the test has finished; the path that it has inside. */
async function startIn(minor: Minor): Promise<{ pid: number; folder: string }> {
  const root = rootOf(RELEASES[minor]);
  const outside = mkdtempSync(join(root, 'var/whyoom-'));
  cpSync(program.path, outside, { recursive: true });
  const folder = `/var/${basename(outside)}`;
  const entry = join(folder, relative(program.path, program.entry));
  const script = 'mount --bind /proc "$0/proc"; exec chroot "$0" "$1" -B "$2"';
  const command = [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-ec',
    script,
    root,
    `/usr/bin/python3.${minor}`,
    entry,
  ];
  const child = spawn('unshare', command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
    rmSync(outside, { recursive: true });
  });
  for await (const line of createInterface(child.stdout)) if (line === 'READY') return { pid: child.pid!, folder };
  throw new Error('the program ended before it was ready');
}

describe.skipIf(why)('in a root of its own', () => {
  const minors = Object.keys(RELEASES).map(Number) as Minor[];
  beforeAll(() => {
    for (const minor of minors) makeRoot(RELEASES[minor]);
  }, 600_000);

  test.each(minors)("the holder of Debian's 3.%i is named, and the line that feeds it", async (minor) => {
    const { pid, folder } = await startIn(minor);
    expect(existsSync(folder)).toBe(false);
    const report = await reportOf('--pid', String(pid), '--for', '10s');
    expect(report.steps.filter((step) => !step.ok)).toEqual([]);
    const [process] = report.processes!;
    expect(process).toMatchObject({ read: true, python: expect.stringMatching(`^3\\.${minor}`) });
    expect(report.verdict).toBe('leak');
    for (const holder of program.expect.holders) {
      const finding = findingOn(report, holder)!;
      const feeds = finding.places.filter(({ role }) => role === 'feeds').map(({ file, line }) => `${file}:${line}`);
      const file = join(folder, relative(program.path, holder.feed.file));
      expect(feeds).toEqual(holder.feed.lines.map((line) => `${file}:${line}`));
    }
    counted('interpreters', `Debian ${RELEASES[minor]} 3.${minor}`);
  });
});
