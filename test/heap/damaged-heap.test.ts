import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { counted } from '../counted.ts';
import { INTERPRETERS } from '../sources/process/programs.ts';

const IMAGES = 300;
/** Another one each day: what a seed finds is printed, and `scripts/fuzz-heap.ts --seed` shows it again. */
const SEED = Math.floor(Date.now() / 86_400_000) * 1000;
const PYTHONS = INTERPRETERS.filter(({ version }) => /^3\.(9|11|13)\./.test(version));

test(`${IMAGES} damaged heaps are read to the end or refused, and nothing impossible is said of them`, {
  timeout: 600_000,
}, async () => {
  expect(PYTHONS.length).toBeGreaterThan(0);
  const script = fileURLToPath(new URL('../../scripts/fuzz-heap.ts', import.meta.url));
  const pythons = PYTHONS.flatMap(({ path }) => ['--python', path]);
  const child = spawn(process.execPath, [script, '--count', String(IMAGES), '--seed', String(SEED), ...pythons]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  child.stderr.on('data', (data) => (said += data));
  const [code] = await once(child, 'close');
  console.log(said.trim());
  const totals = [...said.matchAll(/: (\d+) damaged heaps from seed \d+, (\d+) refused, (\d+) wrong/g)];
  expect(totals.map(([, , , wrong]) => wrong)).toEqual(PYTHONS.map(() => '0'));
  // Damage that is always refused, or never notices, would show nothing.
  for (const [, count, refused] of totals) {
    expect(Number(refused)).toBeGreaterThan(0);
    expect(Number(refused)).toBeLessThan(Number(count) / 2);
  }
  expect(code).toBe(0);
  for (const { version } of PYTHONS) counted('interpreters', version);
});
