import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counted } from './counted.ts';
import expected from './expected-counts.json' with { type: 'json' };

/** Prints how much was really run; in CI less than the committed numbers is a failure. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'whyoom-counts-'));
  const file = join(folder, 'counts');
  writeFileSync(file, '');
  process.env.WHYOOM_COUNTS = file;
  return () => {
    const seen = distinct(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
    const wholeSuite = process.argv.slice(2).every((argument) => argument === 'run');
    const lines = Object.entries(expected).map(([what, least]) => {
      const ran = seen.get(what as Counted)?.size ?? 0;
      return { ran, least, text: `${what}: ${ran} ran${ran < least ? `, ${least} expected` : ''}` };
    });
    console.log(`\n${lines.map((line) => line.text).join('\n')}`);
    if (process.env.CI && wholeSuite && lines.some((line) => line.ran < line.least)) {
      throw new Error('fewer than the committed numbers ran (test/expected-counts.json)');
    }
  };
}

function distinct(log: string): Map<Counted, Set<string>> {
  const seen = new Map<Counted, Set<string>>();
  for (const line of log.split('\n').filter(Boolean)) {
    const [what, name] = JSON.parse(line) as [Counted, string];
    seen.set(what, (seen.get(what) ?? new Set()).add(name));
  }
  return seen;
}
