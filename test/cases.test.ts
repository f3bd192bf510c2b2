import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judged } from '../src/app.ts';
import { encodeCase } from '../src/core/case.ts';
import type { Report } from '../src/core/report.ts';
import { formats } from '../src/formats/index.ts';
import { readCase } from '../src/sources/case/read.ts';
import { counted } from './counted.ts';
import { expectValidReport } from './report-valid.ts';

/**
 * Saved cases of real runs: `test/cases/NAME/case/` is what `--save` wrote, `test/cases/NAME/report.json` the report
 * that it must give. After a change of what is found: `UPDATE_CASES=1 npx vitest run test/cases.test.ts`, then read the
 * difference as what it is, a change in what people are told.
 */
const root = join(import.meta.dirname, 'cases');
const names = existsSync(root) ? readdirSync(root) : [];

test('every folder holds a case and the report that it gives', () => {
  const incomplete = names.filter((name) => !existsSync(join(root, name, 'case', 'case.json')));
  expect(incomplete).toEqual([]);
});

describe.each(names)('case %s', (name) => {
  const folder = join(root, name, 'case');
  const expected = join(root, name, 'report.json');

  test('gives the report that it gave before', async () => {
    const report = await reportOf(folder);
    if (process.env.UPDATE_CASES) writeFileSync(expected, `${JSON.stringify(report, null, 1)}\n`);
    expect(report).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
    expectValidReport({ ...report, tool: '0.0.0' });
    counted('cases', name);
  });

  test('is judged the same twice, and after being saved again', async () => {
    const whole = await readCase(folder);
    expect(judged(whole)).toEqual(judged(await readCase(folder)));
    const files = encodeCase(whole);
    for (const [file, text] of files) {
      if (file !== 'case.json') expect(text).toBe(readFileSync(join(folder, file), 'utf8'));
    }
  });

  test.each(formats)('is drawn as $id, in colour and not, wide and narrow', async (format) => {
    const report = judged(await readCase(folder));
    for (const width of [40, 80, 200]) {
      for (const plain of [true, false]) {
        const text = format.render(report, { width, color: !plain, unicode: !plain });
        expect(text.length).toBeGreaterThan(0);
        // Text from the target must not move the cursor: the only escapes are colours.
        expect(text.replace(/\x1b\[[\d;]*m/g, '')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
        if (plain) expect(text).not.toContain('\x1b');
      }
    }
  });
});

/** Without the version that judged: it changes with every release. */
async function reportOf(folder: string): Promise<Omit<Report, 'tool'>> {
  const { tool: _, ...report } = judged(await readCase(folder));
  return JSON.parse(JSON.stringify(report));
}
