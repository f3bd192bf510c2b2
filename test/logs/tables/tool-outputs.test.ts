import { describe, expect, test } from 'vitest';
import { counted } from '../../counted.ts';
import { interpreters } from '../../python/programs.ts';
import {
  COMPILED,
  compared,
  gathered,
  hasVenv,
  PORTABLE,
  rowsOf,
  SECTIONS,
  toolOutput,
  toolsFolder,
  withTools,
} from './tool-outputs.ts';

const INTERPRETERS = interpreters();

/** `asTheyAre`: with the logger's prefix before each line, too. */
function parsedRowForRow({ lines, rows }: ReturnType<typeof toolOutput>, asTheyAre = true): void {
  expect(rows.length).toBeGreaterThan(0);
  const { plain, read } = rowsOf(lines);
  for (const parsed of asTheyAre ? [plain, read] : [read]) {
    const { got, wanted } = compared(parsed, rows);
    expect(got).toEqual(wanted);
  }
  const { digested, looked } = gathered(lines);
  expect(digested).toEqual(looked);
}

describe.each(INTERPRETERS)('what CPython $version prints', (python) => {
  test.each(SECTIONS)('of %s is read row for row, printed and logged', { timeout: 300_000 }, (section) => {
    parsedRowForRow(toolOutput(python, section));
    parsedRowForRow(toolOutput(python, section, { logged: true }));
    counted('interpreters', python.version);
  });

  test('with packages of the tools is read row for row', { timeout: 300_000 }, (context) => {
    const tools = hasVenv(python) ? withTools(python) : python;
    const path = hasVenv(python) ? '' : toolsFolder();
    if (!tools || path === undefined) return context.skip('no packages can be had');
    for (const section of hasVenv(python) ? [...PORTABLE, ...COMPILED] : PORTABLE) {
      parsedRowForRow(toolOutput(tools, section, { path }));
      parsedRowForRow(toolOutput(tools, section, { path, logged: true }), false);
    }
  });
});
