import fc from 'fast-check';
import { expect, test } from 'vitest';
import { artifactSchemas } from '../../../src/core/artifacts.ts';
import { diagnose } from '../../../src/core/diagnose.ts';
import { detectors } from '../../../src/detectors/index.ts';
import { judge } from '../../../src/facts/verdict.ts';
import { LogDigester } from '../../../src/logs/digest.ts';
import type { NumberSeries } from '../../../src/logs/number-series.ts';
import { expectValidReport } from '../../report-valid.ts';

/** Reports on logs with any numbers at any times: what a damaged clock, an overflow or a stranger's case may give. */
const value = fc.oneof(
  fc.nat({ max: 5000 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -1, 1e308, -1e308, 5e-324, 2 ** 53, 2 ** 64),
);
const time = fc.oneof(
  fc.constantFrom(0, 1.7e9, 253_402_300_799),
  fc.double({ min: 0, max: 253_402_300_799, noNaN: true }),
);
interface Point {
  readonly value: number;
  readonly life: number;
  readonly at?: number | undefined;
}
const wild = fc.array(fc.record({ value, life: fc.nat({ max: 3 }), at: fc.option(time, { nil: undefined }) }), {
  maxLength: 40,
});
/** As programs tell them: numbers that rise, with or without noise, in one life or several. */
const real = fc
  .record({
    count: fc.nat({ max: 90 }),
    step: fc.nat({ max: 1e7 }),
    noise: fc.nat({ max: 1000 }),
    lives: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ count, step, noise, lives }) =>
    Array.from({ length: count }, (_, index) => {
      const at = Math.floor(index / lives);
      return { value: 1e7 + at * step + ((at * 7919) % (noise + 1)), life: index % lives, at: 1.7e9 + index };
    }).sort((a, b) => a.life - b.life),
  );
const series: fc.Arbitrary<NumberSeries> = fc
  .record({
    template: fc.constantFrom(
      'Cache size: <*> items',
      'Processed <*> images so far',
      'rss <*>',
      '<*>',
      '',
      'a <*> b <*>',
    ),
    place: fc.oneof(fc.nat({ max: 3 }), fc.constantFrom('size', 'rss', '')),
    name: fc.oneof(
      fc.constantFrom('cache size items', 'processed images', 'rss'),
      fc.string({ unit: 'binary', maxLength: 20 }),
    ),
    unit: fc.constantFrom('bytes', 'count', 'seconds', 'percent', 'unknown'),
    points: fc.oneof<fc.Arbitrary<readonly Point[]>[]>(real, wild),
  })
  .map(({ points, ...rest }) => ({
    ...rest,
    count: points.length,
    points: points.map(({ at, ...point }, line) => ({
      ...point,
      line,
      ...(at === undefined ? {} : { atUnixSeconds: at }),
    })),
  }));

const RUNS = Number(process.env.WHYOOM_TEST_RUNS ?? 300);

test('any numbers give a report that keeps the schema', () => {
  fc.assert(
    fc.property(fc.array(series, { maxLength: 5 }), (all) => {
      const digest = { ...new LogDigester().finish(), series: all };
      const value = artifactSchemas['log-digest'].parse({
        programs: [{ sources: [{ name: 'app.log', bytes: 1 }], digest }],
      });
      const report = diagnose({ outcomes: { 'log-digest': { ok: true, value, ms: 1 } }, steps: [] }, detectors, {
        tool: '0.1.0',
        collectedAt: '2026-11-23T00:00:00.000Z',
        target: { kind: 'logs', name: 'app.log' },
        judge,
      });
      expectValidReport(report);
      expect(report.unknown.filter(({ problem }) => problem.code === 'broken')).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});
