import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { counted } from '../counted.ts';
import { interpreters } from '../python/programs.ts';

const IMAGES = 20_000;
/** Others each day: what a seed finds is printed, and `npm run fuzz:heap -- --seed` shows it again. */
const SEED = Math.floor(Date.now() / 86_400_000) * 100_000;
const SCRIPT = fileURLToPath(new URL('../../scripts/fuzz-heap.ts', import.meta.url));

test(`${IMAGES} damaged heaps are read to the end or refused, and nothing impossible is said of them`, {
  timeout: 1_200_000,
}, async () => {
  const options = ['--images', String(IMAGES), '--seed', String(SEED), '--jobs', '2'];
  const child = spawn(process.execPath, [SCRIPT, ...options]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  child.stderr.on('data', (data) => (said += data));
  const [code] = await once(child, 'close');
  console.log(said.trim());
  const totals = [...said.matchAll(/: (\d+) damaged heaps from seed \d+, (\d+) refused, (\d+) wrong/g)];
  expect(totals.map(([, , , wrong]) => wrong)).toEqual(interpreters().map(() => '0'));
  // Damage that is always refused, or never notices, would show nothing.
  for (const [, images, refused] of totals) {
    expect(Number(images)).toBeGreaterThanOrEqual(IMAGES / totals.length);
    expect(Number(refused)).toBeGreaterThan(0);
    expect(Number(refused)).toBeLessThan(Number(images) / 2);
  }
  expect(code).toBe(0);
  for (const { version } of interpreters()) counted('interpreters', version);
});
