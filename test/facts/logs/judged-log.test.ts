import { describe, expect, test } from 'vitest';
import { judgeLog } from '../../../src/facts/logs/judged-log.ts';
import { workPart } from '../../../src/facts/logs/log-report.ts';
import { normalFrom, seeded } from '../../../src/stats/seeded.ts';
import { MiB, measured, number, upTo } from './made-numbers.ts';

/** Arrivals that come in rushes: so many items by each second. */
function rushes(seconds: number, random: () => number, perSecond = 2): number[] {
  let done = 0;
  let rate = perSecond;
  return upTo(seconds, (at) => {
    if (at % 20 === 0) rate = perSecond * 3 * random();
    done += Math.round(rate * (0.5 + random()));
    return done;
  });
}

const noisy = (values: readonly number[], spread: number, random: () => number): number[] => {
  let off = 0;
  return values.map((value) => {
    off = 0.7 * off + spread * normalFrom(random);
    return value + off;
  });
};

describe('the image service: two collections grow with the images that it works on, and it is killed twice', () => {
  const random = seeded(5);
  const lives = [rushes(60, random), rushes(60, random)];
  const judged = judgeLog(
    [
      number('Processed <*> images so far', lives),
      number(
        'Cache size: <*> thumbnails',
        lives.map((life) => life.map((done) => Math.floor(done / 2))),
      ),
      number('Image list has <*> items', lives),
      number('Batch of <*> images', [upTo(40, (at) => 8 + ((at * 7) % 5)), upTo(40, (at) => 8 + ((at * 3) % 5))]),
      number('Request took <*> ms', [upTo(60, () => 20 + 30 * random())], { unit: 'seconds' }),
    ],
    {
      measured: [
        measured(
          lives.map((life) =>
            noisy(
              life.map((done) => 40 * MiB + done * 1.3 * MiB),
              MiB,
              random,
            ),
          ),
        ),
      ],
    },
  );

  test('both are named, and the images so far are work', () => {
    expect(judged.suspects.map(({ number }) => number.series.template).sort()).toEqual([
      'Cache size: <*> thumbnails',
      'Image list has <*> items',
    ]);
    expect(judged.work?.series.template).toBe('Processed <*> images so far');
    expect(judged.suspects.every(({ confidence }) => confidence === 'high')).toBe(true);
  });

  test('memory grows with the work, 1.3 MiB an image', () => {
    expect(judged.growsWith).toBe('work');
    const { low, value, high } = judged.work!.fit!.byNumber.slope;
    expect(Math.abs(value / (1.3 * MiB) - 1)).toBeLessThan(0.1);
    expect(low).toBeLessThan(1.3 * MiB);
    expect(high).toBeGreaterThan(1.3 * MiB);
  });

  test('sizes of batches and times hold nothing', () => {
    const shapes = new Map(judged.numbers.map((each) => [each.series.template, each.shape]));
    expect(shapes.get('Batch of <*> images')).not.toBe('only-grows');
    expect(shapes.get('Cache size: <*> thumbnails')).toBe('restarts-with-process');
  });
});

describe('work and time', () => {
  const random = seeded(8);
  const done = rushes(120, random);
  const work = number('Handled <*> requests', [done]);

  test('memory that grows by the clock, whatever is worked, grows with time', () => {
    const judged = judgeLog([work], {
      measured: [
        measured([
          noisy(
            upTo(120, (at) => 50 * MiB + at * 0.4 * MiB),
            MiB,
            random,
          ),
        ]),
      ],
    });
    expect(judged.growsWith).toBe('time');
  });

  test('where the work goes on evenly nobody can tell', () => {
    const even = number('Handled <*> requests', [upTo(120, (at) => at * 3)]);
    const judged = judgeLog([even], {
      measured: [
        measured([
          noisy(
            upTo(120, (at) => 50 * MiB + at * 0.4 * MiB),
            MiB,
            random,
          ),
        ]),
      ],
    });
    expect(judged.growsWith).toBe('undecided');
  });
});

describe('names that mislead', () => {
  test('a cache whose size grows while memory stands still holds nothing', () => {
    const random = seeded(3);
    const judged = judgeLog([number('Cache size: <*>', [upTo(100, (at) => at * 10)])], {
      measured: [
        measured([
          noisy(
            upTo(100, () => 80 * MiB),
            0.1 * MiB,
            random,
          ),
        ]),
      ],
    });
    expect(judged.suspects).toEqual([]);
  });

  test('what is called processed is kept, where memory follows it and not the work', () => {
    const random = seeded(4);
    const done = rushes(150, random);
    const kept = rushes(150, random, 1);
    const judged = judgeLog([number('Jobs done: <*>', [done]), number('processed: <*>', [kept])], {
      measured: [
        measured([
          noisy(
            kept.map((items) => 60 * MiB + items * 0.5 * MiB),
            MiB,
            random,
          ),
        ]),
      ],
    });
    expect(judged.suspects.map(({ number }) => number.series.template)).toEqual(['processed: <*>']);
    expect(judged.work?.series.template).toBe('Jobs done: <*>');
  });

  test('connections accepted, cache hits and evicted entries are work', () => {
    const judged = judgeLog([
      number('Connections accepted: <*>', [upTo(40, (at) => at * 3), upTo(40, (at) => at * 3)]),
      number('cache hits <*>', [upTo(40, (at) => at * 9), upTo(40, (at) => at * 9)]),
      number('<*> entries evicted', [upTo(40, (at) => at * 2), upTo(40, (at) => at * 2)]),
    ]);
    expect(judged.numbers.map(({ role }) => role)).toEqual(['work', 'work', 'work']);
    expect(judged.suspects).toEqual([]);
  });

  test('a size that goes on over restarts is not in the process', () => {
    const judged = judgeLog([
      number('table size: <*> rows', [upTo(40, (at) => 5000 + at), upTo(40, (at) => 5040 + at)]),
    ]);
    expect(judged.numbers[0]).toMatchObject({ role: 'outside', shape: 'only-grows' });
    expect(judged.suspects).toEqual([]);
  });
});

describe('healthy numbers', () => {
  const random = seeded(6);
  const cases: [string, number[], string][] = [
    ['a queue that fills and is emptied', upTo(120, (at) => (at * 7) % 100), 'sawtooth'],
    ['a cache that is full', upTo(120, (at) => Math.min(at * 4, 200)), 'bounded'],
    [
      'a full cache that loses one and takes one',
      upTo(200, (at) => Math.min(at * 4, 200) - (at > 60 && random() < 0.3 ? 1 : 0)),
      'bounded',
    ],
    ['connections that come and go', upTo(120, () => 50 + Math.round(6 * normalFrom(random))), 'bounded'],
    ['a constant', upTo(60, () => 16), 'bounded'],
    ['three values', [1, 2, 3], 'undecided'],
  ];
  test.each(cases)('%s', (_, values, shape) => {
    const judged = judgeLog([number('pool size: <*>', [values])]);
    expect(judged.numbers[0]?.shape).toBe(shape);
    expect(judged.suspects).toEqual([]);
  });
});

test('a fill that is emptied less each time grows', () => {
  const values = upTo(200, (at) => Math.floor(at / 20) * 10 + (at % 20) * 5);
  expect(judgeLog([number('pending entries: <*>', [values])]).numbers[0]?.shape).toBe('only-grows');
});

test('memory that the log itself tells is used, and what it means is said', () => {
  const random = seeded(12);
  const kept = rushes(100, random);
  const judged = judgeLog([
    number('sessions now <*>', [kept]),
    number(
      'rss <*>',
      [
        noisy(
          kept.map((items) => 30 * MiB + items * 0.2 * MiB),
          0.3 * MiB,
          random,
        ),
      ],
      { unit: 'bytes' },
    ),
  ]);
  expect(judged.memory?.memory).toMatchObject({ from: 'logs', meaning: 'resident memory (RSS), shared pages with it' });
  expect(judged.suspects[0]).toMatchObject({ confidence: 'high' });
});

describe('a process that began anew without a word of it', () => {
  const lines = (values: number[], from: number, template: string) => {
    const { points, ...rest } = number(template, [values]);
    return { ...rest, points: points.map((point) => ({ ...point, line: from + 2 * point.line, life: 0 })) };
  };
  const twice = [...upTo(40, (at) => at * 3), ...upTo(40, (at) => at * 3)];

  test('is known by two numbers that fall back to their beginning together', () => {
    const judged = judgeLog([lines(twice, 0, 'Jobs done: <*>'), lines(twice, 1, 'Cache size: <*>')]);
    expect(judged.numbers.map(({ shape }) => shape)).toEqual(['restarts-with-process', 'restarts-with-process']);
    expect(judged.suspects).toHaveLength(1);
  });

  test('is not known by one alone, which may have been emptied, nor where the count of work goes on', () => {
    expect(judgeLog([lines(twice, 0, 'Cache size: <*>')]).suspects).toEqual([]);
    const going = lines(
      upTo(80, (at) => at * 3),
      1,
      'Jobs done: <*>',
    );
    const judged = judgeLog([lines(twice, 0, 'Cache size: <*>'), lines(twice, 1, 'Queue size: <*>'), going]);
    expect(judged.suspects).toEqual([]);
  });
});

test('a thinned series that strays around a level is bounded, and one that climbs grows', () => {
  const random = seeded(31);
  const thinned = (values: number[]) => ({ ...number('pool size: <*>', [values]), count: values.length * 40 });
  // The least and the greatest of each stretch, as a digest keeps them.
  const extremes = upTo(200, (at) => 500 + (at % 2 === 0 ? -1 : 1) * (30 + 5 * normalFrom(random)));
  expect(judgeLog([thinned(extremes)]).numbers[0]?.shape).toBe('bounded');
  const climbing = extremes.map((value, at) => value + 2 * at);
  expect(judgeLog([thinned(climbing)]).numbers[0]?.shape).toBe('only-grows');
});

test('how far a job came, its number, and jobs that end in another order than they began are nothing that is kept', () => {
  const order = upTo(60, (at) => (at % 7 === 3 ? at + 1 : at % 7 === 4 ? at - 1 : at));
  const judged = judgeLog([
    number('loading <*>/<*> items', [upTo(60, (at) => at)]),
    number('session #<*> opened', [upTo(60, (at) => at)]),
    number('job <*> is over', [order]),
  ]);
  expect(judged.suspects).toEqual([]);
});

test('what is work by its words, and memory follows, is no more than likely: what each leaves behind looks the same', () => {
  const random = seeded(11);
  const done = rushes(200, random);
  const judged = judgeLog(
    [number('handled <*> requests in total', [done]), number('flushed metrics <*> times', [upTo(200, (at) => at)])],
    {
      measured: [
        measured([
          noisy(
            done.map((count) => 50 * MiB + count * 0.05 * MiB),
            MiB / 10,
            random,
          ),
        ]),
      ],
    },
  );
  expect(judged.suspects).toMatchObject([{ confidence: 'medium' }]);
  const { work } = workPart(judged);
  expect(work?.unit).toBe('request');
  expect(work!.bytesPerItem.value / (0.05 * MiB)).toBeCloseTo(1, 1);
});

test('memory told in bytes without a unit is memory, and small numbers without one are not', () => {
  const sizes = number('cache_len=<*>', [upTo(60, (at) => at * 3)], { name: 'cache len' });
  const rss = (by: number) =>
    number('rss=<*>', [upTo(60, (at) => (100_000_000 + at * 500_000) / by)], { name: 'rss', unit: 'unknown' });
  expect(judgeLog([sizes, rss(1)]).memory).toMatchObject({ does: 'grow', memory: { from: 'logs' } });
  expect(judgeLog([sizes, rss(1)]).memory?.memory.meaning).toContain('taken for bytes');
  expect(judgeLog([sizes, rss(1000)]).memory).toBeUndefined();
});

test('a clock that is put back, or far forward, makes nothing stand still', () => {
  for (const jump of [-3600, -7200, 400 * 86_400]) {
    const times = (_: number, at: number) => 1_000_000 + at * 10 + (at > 150 ? jump : 0);
    const [judged] = judgeLog([number('Cache size: <*> entries', [upTo(400, (at) => at * 4)], { times })]).numbers;
    expect(judged).toMatchObject({ shape: 'only-grows', axis: 'time' });
    if (jump < 0) expect(judged!.rate!.slope.value).toBeCloseTo(0.4, 2);
  }
});

test('where all goes on evenly, to the digit, nobody can tell the number from the clock', () => {
  const judged = judgeLog([
    number('cache size: <*> items', [upTo(150, (at) => at * 3)]),
    number('memory used: <*> MB', [upTo(150, (at) => (120 + at * 0.75) * 1e6)], { unit: 'bytes', name: 'memory used' }),
    number('handled <*> requests', [upTo(150, (at) => at * 7)]),
  ]);
  expect(judged.suspects).toMatchObject([{ confidence: 'medium' }]);
  expect(judged.growsWith).toBe('undecided');
});
