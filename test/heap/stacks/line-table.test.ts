import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { layouts } from '../../../src/heap/cpython/layouts/index.ts';
import { type LineTable, lineAt } from '../../../src/heap/stacks/line-table.ts';
import { counted } from '../../counted.ts';
import { interpreters } from '../../python/programs.ts';

const codeSchema = z.object({
  table: z.string(),
  first: z.number(),
  ranges: z.array(z.tuple([z.number(), z.number(), z.number().nullable()])),
});
/** Of each seed a program is made up; other seeds each run. */
const SEEDS = 12;

test.each(interpreters())(
  'every instruction has the line that Python reads in its table, in made-up programs and the library, on CPython $version',
  async ({ path, version }) => {
    const seeds = fc.sample(fc.nat(), SEEDS).map(String);
    const { stdout } = await promisify(execFile)(
      path,
      ['-W', 'ignore', join(import.meta.dirname, 'line_tables.py'), ...seeds],
      { maxBuffer: 1 << 29 },
    );
    const table = layouts.find(({ minor }) => version.startsWith(`3.${minor}.`))!.stacks.lines.how;
    let instructions = 0;
    for (const line of stdout.trim().split('\n')) {
      const code = codeSchema.parse(JSON.parse(line));
      const bytes = Buffer.from(code.table, 'hex');
      for (const [start, end, expected] of code.ranges) {
        for (const offset of [start, end - 2]) {
          const found = lineAt(table, bytes, code.first, offset) ?? null;
          if (found !== expected) expect.fail(`${seeds.join(' ')}: ${line.slice(0, 2000)}: ${offset}: ${found}`);
          instructions += 1;
        }
      }
    }
    expect(instructions).toBeGreaterThan(10_000);
    counted('interpreters', `${version} line tables`);
  },
  120_000,
);

const KINDS: readonly LineTable[] = ['lnotab', 'linetable', 'locations'];

test('a damaged table gives a line or none, and comes to an end', () => {
  const damaged = fc.tuple(fc.constantFrom(...KINDS), fc.uint8Array({ maxLength: 300 }), fc.integer(), fc.nat(2000));
  fc.assert(
    fc.property(damaged, ([kind, bytes, first, offset]) => {
      const line = lineAt(kind, bytes, first, offset);
      expect(line === undefined || Number.isInteger(line)).toBe(true);
    }),
  );
});
