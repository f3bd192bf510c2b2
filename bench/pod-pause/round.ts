import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../cluster/run.ts';
import { type LinkLimits, startLink } from './link.ts';
import { type ReaderMemory, watchReader } from './memory.ts';
import { type Gap, gapsOf, type Load, removeTarget, startTarget } from './target.ts';

const WHYOOM = fileURLToPath(new URL('../../bin/whyoom.js', import.meta.url));

/** One stop. */
export interface Stood {
  /** As whyoom says. */
  readonly pauseMs: number;
  /** As the target saw it: its longest gap about that moment. */
  readonly gapMs: number;
  /** Until its answer was there. */
  readonly lookMs: number | undefined;
  /** From the API server, TLS and all; where the link counts. */
  readonly bytes: number | undefined;
  readonly copiedBytes: number;
  readonly partial: string | undefined;
}

export interface Round {
  readonly looks: readonly Stood[];
  /** The longest gap of the target in the seconds before anybody looked. */
  readonly quietGapMs: number;
  readonly wholeMs: number;
  readonly reader: ReaderMemory;
  readonly verdict: string;
  readonly problems: readonly string[];
}

export interface RoundOptions {
  readonly namespace: string;
  readonly load: Load;
  readonly kubeconfig: string;
  /** Without, straight to the API server. */
  readonly limits: LinkLimits | undefined;
  readonly seconds: number;
}

/** A new pod, and whyoom once, as a person would run it. */
export async function oneRound(options: RoundOptions): Promise<Round> {
  const { namespace, load, kubeconfig, limits, seconds } = options;
  const target = await startTarget(namespace, load);
  const link = limits && (await startLink(kubeconfig, limits));
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-bench-pod-'));
  const most = await watchReader(target.pid);
  try {
    const from = Date.now() / 1000;
    const argv = [`pod/${target.pod}`, '-n', namespace, '--for', `${seconds}s`, '--save', join(folder, 'case')];
    const where = ['--kubeconfig', link?.kubeconfig ?? kubeconfig, '-o', 'json'];
    const ran = await run(process.execPath, [WHYOOM, ...argv, ...where]);
    const until = Date.now() / 1000;
    if (ran.code !== 0) throw new Error(`whyoom ended with ${ran.code}: ${ran.err}`);
    const reader = most();
    const gaps = await gapsOf(target);
    const said = readSaid(ran.out, join(folder, 'case'));
    return {
      looks: looksOf(said, { gaps, received: link?.received, until }),
      quietGapMs: longest(gaps.filter((gap) => gap.endedAtUnixSeconds < from && gap.endedAtUnixSeconds > from - 3)),
      wholeMs: ran.ms,
      reader,
      verdict: said.verdict,
      problems: said.problems,
    };
  } finally {
    most();
    link?.close();
    rmSync(folder, { recursive: true });
    await removeTarget(target);
  }
}

interface Look {
  readonly atUnixSeconds: number;
  readonly pauseMs: number;
  readonly copiedBytes: number;
  readonly partial?: string;
}

interface Said {
  readonly verdict: string;
  readonly problems: readonly string[];
  readonly first: Look | undefined;
  readonly firstMs: number | undefined;
  readonly second: Look | undefined;
  /** Unix seconds of the first and the last reading of counts. */
  readonly read: readonly [number, number] | undefined;
}

interface Report {
  readonly verdict: string;
  readonly steps: readonly { key: string; ms: number }[];
  readonly unknown: readonly { needed: string; problem: { message: string } }[];
}

interface Growth {
  readonly second?: Look;
  readonly secondMissing?: string;
  readonly holders: readonly { counts: readonly (readonly [number, number])[] }[];
}

function readSaid(out: string, folder: string): Said {
  const report = JSON.parse(out) as Report;
  const first = artifact(folder, 'heap') as Look | undefined;
  const growth = artifact(folder, 'heap-growth') as Growth | undefined;
  // The first point is the look itself.
  const times = growth?.holders.map(({ counts }) => counts.map(([time]) => time)).find((each) => each.length > 2);
  const lost = report.unknown.filter(({ needed }) => needed.startsWith('heap')).map(({ problem }) => problem.message);
  return {
    verdict: report.verdict,
    problems: [...lost, ...(growth?.secondMissing === undefined ? [] : [growth.secondMissing])],
    first,
    firstMs: report.steps.find(({ key }) => key === 'heap')?.ms,
    second: growth?.second,
    read: times && [times[1]!, times.at(-1)!],
  };
}

function artifact(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}

interface Seen {
  readonly gaps: readonly Gap[];
  readonly received: readonly (readonly [number, number])[] | undefined;
  readonly until: number;
}

function looksOf({ first, firstMs, second, read }: Said, { gaps, received, until }: Seen): Stood[] {
  const upTo = (time: number) => received?.findLast(([at]) => at <= time)?.[1] ?? 0;
  const bytes = read && received ? [upTo(read[0]), upTo(until) - upTo(read[1])] : [];
  const lookMs = [firstMs, read && 1000 * (until - read[1])];
  return [first, second].flatMap((look, at) => {
    if (look === undefined) return [];
    const { pauseMs, copiedBytes, partial } = look;
    return [{ pauseMs, copiedBytes, partial, gapMs: longest(about(look, gaps)), lookMs: lookMs[at], bytes: bytes[at] }];
  });
}

/** The moment that a look tells is in its pause; several stops of one look lie close before the last. */
const AROUND_SECONDS = 0.05;

const about = ({ atUnixSeconds, pauseMs }: Look, gaps: readonly Gap[]) =>
  gaps.filter(
    ({ endedAtUnixSeconds, ms }) =>
      endedAtUnixSeconds > atUnixSeconds - AROUND_SECONDS &&
      endedAtUnixSeconds - ms / 1000 < atUnixSeconds + pauseMs / 1000 + AROUND_SECONDS,
  );

const longest = (gaps: readonly Gap[]) => Math.max(0, ...gaps.map(({ ms }) => ms));
