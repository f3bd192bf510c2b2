import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Point, textChart } from '../../src/util/text-chart.ts';

const frame = { columns: 12, rows: 3, x: { low: 0, high: 11 }, y: { low: 0, high: 2 }, topLine: false };

test('a climb is one joined line', () => {
  const climb = Array.from({ length: 12 }, (_, at): Point => [at, Math.floor(at / 4)]);
  expect(textChart([climb], frame)).toEqual(['        ╭───', '    ╭───╯   ', '────╯       ']);
});

test('two lines with nothing seen between them are not joined', () => {
  const drawn = textChart(
    [
      [
        [0, 0],
        [4, 2],
      ],
      [
        [7, 0],
        [11, 0],
      ],
    ],
    frame,
  );
  expect(drawn.map((row) => row.slice(5, 7))).toEqual(['  ', '  ', '  ']);
  expect(drawn[2]!.slice(7)).toBe('─────');
});

test('a peak within one column is not lost', () => {
  const points: Point[] = [
    [0, 0],
    [5, 0],
    [5.1, 2],
    [5.2, 0],
    [11, 0],
  ];
  expect(textChart([points], frame)[0]).toMatch(/[╭╮─]/);
});

test('every row has the width of the frame, whatever is drawn', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(fc.array(fc.tuple(number, number))), fc.boolean(), (lines, topLine) => {
      const drawn = textChart(lines, { ...frame, topLine });
      expect(drawn.map((row) => row.length)).toEqual([12, 12, 12]);
    }),
  );
});
