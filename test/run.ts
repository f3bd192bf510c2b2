import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Closing } from './closing-line.ts';
import { type Minor, makeRoot, RELEASES, whyNoRoots } from './interpreters/debian.ts';
import { interpreters } from './python/programs.ts';

/**
 * `npm test` after the checks: gets the interpreters that this machine lacks, runs vitest with the arguments given, and
 * closes with one line: N passed, N failed.
 */
const MINORS = Object.keys(RELEASES).map(Number) as Minor[];

getInterpreters();
const folder = mkdtempSync(join(tmpdir(), 'whyoom-run-'));
const file = join(folder, 'closing.json');
const { status } = spawnSync('vitest', ['run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, WHYOOM_CLOSING: file },
});
process.exitCode = close(status ?? 1);
rmSync(folder, { recursive: true });

/** Makes a root of Debian for each minor version that is not installed. In CI it must work; elsewhere the tests do without. */
function getInterpreters(): void {
  const known = new Set(interpreters().map(({ version }) => Number(version.split('.')[1])));
  const missing = MINORS.filter((minor) => !known.has(minor));
  const why = whyNoRoots();
  for (const minor of missing) {
    if (why === undefined || process.env.CI) {
      console.log(`Getting CPython 3.${minor} from Debian ${RELEASES[minor]} …`);
      makeRoot(RELEASES[minor]);
    } else {
      console.warn(`!!! No CPython 3.${minor} is installed, and none can be had from Debian: ${why} !!!`);
    }
  }
}

/** Prints the closing line; what failed outside of any test counts as one failure. */
function close(status: number): number {
  const { passed, failed, skipped, secondTry } = readClosing();
  const inVain = process.env.CI ? skipped.length : 0;
  const failures = status === 0 ? failed + inVain : Math.max(1, failed + inVain);
  const others = skipped.length > inVain ? `, ${skipped.length - inVain} skipped` : '';
  if (secondTry.length > 0) console.log(`\nPassed when tried again:\n${secondTry.join('\n')}`);
  console.log(`\n${passed} passed, ${failures} failed${others}`);
  return failures > 0 ? Math.max(1, status) : 0;
}

function readClosing(): Closing {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // It ended before it came to the end.
    return { passed: 0, failed: 1, skipped: [], secondTry: [] };
  }
}
