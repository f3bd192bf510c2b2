import { expect } from 'vitest';
import { type Report, reportSchema } from '../src/core/report.ts';
import { whyoom } from './cli/whyoom.ts';
import { type ExpectedHolder, type Interpreter, type Program, startProgram } from './python/programs.ts';
import { expectValidReport } from './report-valid.ts';

/** Runs whyoom as a person would and reads its report, which must obey the published schema. Throws with what it said. */
export async function reportOf(...argv: string[]): Promise<Report> {
  const { code, out, err } = await whyoom(...argv, '-o', 'json');
  if (code !== 0) throw new Error(`whyoom ${argv.join(' ')} ended with ${code}: ${err}`);
  const report: unknown = JSON.parse(out);
  expectValidReport(report);
  return reportSchema.parse(report);
}

/** Starts a program, waits until it has warmed up, and diagnoses it while it runs. */
export async function diagnosed(interpreter: Interpreter, program: Pick<Program, 'entry'>, ...argv: string[]) {
  const running = await startProgram(interpreter, program);
  try {
    await running.ready;
    return await reportOf('--pid', String(running.pid), ...argv);
  } finally {
    await running.stop();
  }
}

/** What the report says of a holder, by its name. */
export const findingOn = (report: Report, { name }: Pick<ExpectedHolder, 'name'>) =>
  report.findings.find((finding) => finding.holder?.name === name);

/** Holds a report to what a program says of itself: verdict, and of every holder its name, kind, cause and feeding lines. */
export function expectHolders(report: Report, { expect: { verdict, causes, holders } }: Program): void {
  expect(verdict, `${report.headline} ${JSON.stringify(report.unknown)}`).toContain(report.verdict);
  for (const holder of holders) {
    const names = report.findings.map((finding) => finding.holder?.name);
    expect(names).toContain(holder.name);
    const finding = findingOn(report, holder)!;
    expect(finding.holder!.kind).toBe(holder.kind);
    expect(causes).toContain(finding.cause);
    const places = finding.places.filter(({ role }) => role === 'feeds');
    if (holder.library) {
      expect(places.map(({ file }) => file)).toEqual(places.map(() => expect.stringContaining(`/${holder.library}`)));
      expect(places).not.toEqual([]);
      continue;
    }
    const feeds = places.map(({ file, line }) => `${file}:${line}`);
    expect(holder.feed.lines.map((line) => `${holder.feed.file}:${line}`)).toEqual(expect.arrayContaining(feeds));
    expect(feeds.length > 0).toBe(holder.feed.lines.length > 0);
  }
}
