import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { reportSchema } from '../src/core/report.ts';
import { counted } from './counted.ts';
import { expectValidReport } from './report-valid.ts';
import { findingOn } from './whyoom.ts';

vi.setConfig({ maxConcurrency: 4 });

const root = join(import.meta.dirname, '..');
const demos = z
  .array(z.object({ name: z.string(), file: z.string(), limitBytes: z.number() }))
  .parse(JSON.parse(readFileSync(join(root, 'demo/index.json'), 'utf8')));

const truth = z.object({
  holders: z.array(z.object({ name: z.string(), kind: z.string(), bytesPerItem: z.number(), feed: z.string() })),
});
const textOf = (file: string) => readFileSync(join(root, 'demo', file), 'utf8');
const truthOf = (file: string) => truth.parse(JSON.parse(textOf(file).split('\n', 1)[0]!.slice('# truth: '.length)));
const feedLine = (file: string, mark: string) =>
  textOf(file)
    .split('\n')
    .findIndex((line) => line.endsWith(mark)) + 1;

/** Runs `npm run demo` as a person does, and says what it left behind. */
async function runDemo(...argv: string[]) {
  // Inherited by all that it starts, whatever becomes of its parents.
  const mark = `WHYOOM_TEST_DEMO=${crypto.randomUUID()}`;
  const [name, value] = mark.split('=') as [string, string];
  const child = spawn('npm', ['run', '-s', 'demo', '--', ...argv], {
    cwd: root,
    env: { ...process.env, [name]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  const group = /\(memory cgroup (.*)\)/.exec(err)?.[1];
  return { code, out, err, processes: marked(mark), group: group && existsSync(group) ? group : undefined };
}

function marked(mark: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
    } catch {
      return false; // gone, or another user's
    }
  });
}

describe.concurrent('demos', () => {
  test.each(demos)('demo $name is diagnosed rightly and leaves nothing behind', async ({ name, file, limitBytes }) => {
    const { code, out, err, processes, group } = await runDemo(name, '-o', 'json');
    expect(code, err).toBe(0);
    const report = reportSchema.parse(JSON.parse(out));
    expectValidReport(report);
    const { holders } = truthOf(file);
    expect(report.verdict, report.headline).toBe(holders.length > 0 ? 'leak' : 'healthy');
    expect(report.limit?.bytes).toBe(limitBytes);
    expect(report.findings.flatMap((finding) => finding.holder?.name ?? []).sort()).toEqual(
      holders.map((each) => each.name).sort(),
    );
    if (holders.length > 0) expect(report.eta?.status).toBe('estimated');
    for (const holder of holders) {
      const { holder: found, places, fix } = findingOn(report, holder)!;
      expect(found!.kind).toBe(holder.kind);
      expect(Math.abs(found!.bytesPerItem! / holder.bytesPerItem - 1)).toBeLessThan(0.1);
      const feeds = places.filter(({ role }) => role === 'feeds').map((place) => place.line);
      expect(feeds).toEqual([feedLine(file, holder.feed)]);
      expect(fix.patch ?? fix.advice.join('')).not.toBe('');
    }
    expect(processes).toEqual([]);
    expect(group).toBeUndefined();
    counted('programs', `demo ${name}`);
  });

  test('without a name it is the image service, and what a person sees names both holders first', async () => {
    const { code, out, processes } = await runDemo();
    expect(code).toBe(0);
    expect(out).toMatch(/LEAK.*ImageProcessor\.processed_images/s);
    expect(out).toContain('thumbnail_cache');
    expect(processes).toEqual([]);
  });
});
