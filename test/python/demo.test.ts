import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { interpreters } from './programs.ts';

const folder = join(import.meta.dirname, '../../demo');
const demos = z
  .array(
    z.object({
      name: z.string(),
      title: z.string(),
      file: z.string(),
      limitBytes: z.number(),
      flags: z.array(z.string()),
    }),
  )
  .parse(JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')));
const ends = [interpreters()[0]!, interpreters().at(-1)!];

const truth = z.object({
  holders: z.array(z.object({ name: z.string(), kind: z.string(), bytesPerItem: z.number(), feed: z.string() })),
});
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const truthOf = (file: string) => truth.parse(JSON.parse(textOf(file).split('\n', 1)[0]!.slice('# truth: '.length)));

test.each(demos)('the feeding lines that $file names are there, each once', ({ file }) => {
  for (const { feed } of truthOf(file).holders) {
    const lines = textOf(file)
      .split('\n')
      .filter((line) => line.endsWith(`  ${feed}`));
    expect(lines).toHaveLength(1);
  }
});

const leaking = demos.filter(({ file }) => truthOf(file).holders.length > 0);
const runs = ends.flatMap((interpreter) => leaking.map(({ file }) => ({ file, ...interpreter })));

test.each(runs)('an item of each holder of $file weighs what it says, on $version', ({ file, path }) => {
  const script = join(import.meta.dirname, 'bytes_per_item.py');
  const said = execFileSync(path, ['-B', script, folder, file.replace('.py', '')], { encoding: 'utf8' });
  const { items, bytes } = z.object({ items: z.array(z.number()), bytes: z.number() }).parse(JSON.parse(said));
  const stated = truthOf(file).holders.map(({ bytesPerItem }, at) => bytesPerItem * items[at]!);
  expect(items).toHaveLength(stated.length);
  expect(Math.min(...items)).toBeGreaterThan(20);
  // Items that follow one upon another may share a little, and the last upload is still in use.
  expect(bytes / stated.reduce((sum, part) => sum + part)).toBeCloseTo(1, 1);
});
