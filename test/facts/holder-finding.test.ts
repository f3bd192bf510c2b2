import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/report.ts';
import {
  FEEDS,
  flat,
  type Given,
  type Grown,
  grownBy,
  growthOf,
  holderOf,
  killedIn,
  limitOf,
  look,
  MIB,
  reportOn,
  rising,
  START,
  sourceOf,
  steadily,
  treeOf,
} from './made.ts';

const onlyFinding = (given: Given): Finding => {
  const { findings } = reportOn({ heap: look(), ...given });
  expect(findings).toHaveLength(1);
  return findings[0]!;
};
const findingOn = (grown: Grown, given: Given = {}) =>
  onlyFinding({ 'memory-series': rising(1), 'heap-growth': growthOf([grown]), source: FEEDS, ...given });

const EMPTIED = sourceOf(`ORDERS = []


def take(order):
    ORDERS.append(order)


def shipped(order):
    ORDERS.remove(order)


class Desk:
    def closed(self):
        ORDERS.clear()


if __name__ == "__main__":
    ORDERS.clear()
`);
const SWAPPED = [10, 110, 3, 130, 4, 150, 160, 5, 180, 190, 200];

describe('the summary', () => {
  const some = (count: number) => steadily().map((items) => items / 50 + count);
  test.each<[string, Grown, Given, string]>([
    [
      'of a list',
      grownBy(some(0)),
      {},
      'app.ORDERS only grows: 20 items (dict) now, 2 more a second, about 512 KiB each, and nothing takes any out.',
    ],
    [
      'names where it is emptied',
      grownBy(some(0)),
      { source: EMPTIED },
      'app.ORDERS only grows: 20 items (dict) now, 2 more a second, about 512 KiB each, emptied only in shipped and Desk.closed, and at module level.',
    ],
    [
      'of one that loses an entry now and then says that it grows',
      grownBy([0, 10, 20, 19, 30, 40, 50, 49, 60, 70]),
      {},
      'app.ORDERS grows: 70 items (dict) now, 15 more a second, about 146 KiB each, and nothing takes any out.',
    ],
    [
      'of one that is replaced by copies says that it grows',
      grownBy(SWAPPED),
      {},
      'app.ORDERS grows: 200 items (dict) now, 19 more a second, about 51.2 KiB each, and nothing takes any out.',
    ],
    [
      'of one whose items grow, not their number, has no rate',
      { ...grownBy([5, 5, 5, 5]), heldBefore: 0 },
      {},
      'app.ORDERS grows: 5 items (dict) now, about 2 MiB each, and nothing takes any out.',
    ],
    [
      'of one item',
      { ...grownBy([1, 1, 1, 1]), heldBefore: 0 },
      {},
      'app.ORDERS grows: 1 item (dict) now, about 10 MiB each, and nothing takes any out.',
    ],
    [
      'of a slow one tells the rate by the minute',
      grownBy(some(0).map((items) => Math.floor(items / 5))),
      {},
      'app.ORDERS only grows: 4 items (dict) now, 24 more a minute, about 2.5 MiB each, and nothing takes any out.',
    ],
    [
      'of a buffer counts bytes',
      grownBy(steadily(50_000), { type: 'bytearray', elementType: undefined, retainedBytes: MIB }),
      {},
      'app.ORDERS only grows: 1,000,000 bytes now, 100,000 more a second, and nothing takes any out.',
    ],
    [
      'of several containers of one name says how many',
      grownBy(steadily(), { name: '__main__.Session.log', instances: 30 }),
      { source: { files: [], missing: [] } },
      'Session.log only grows: 1,000 items (dict) in 30 containers now, 100 more a second, about 10.2 KiB each.',
    ],
  ])('%s', (_, grown, given, summary) => expect(findingOn(grown, given).summary).toBe(summary));
});

describe('the evidence', () => {
  const said = (grown: Grown, given: Given = {}) =>
    findingOn(grown, given).evidence.map(({ says, reproduce }) => [says, reproduce]);

  test('is the counts, the source and the memory, each with a command that shows it', () => {
    const processes = { rootPid: 41, tree: [], chosenPid: 42 };
    expect(said(grownBy(steadily()), { processes })).toEqual([
      [
        '0 items at first, 1,000 after 10 s, never fewer in the 20 counts between; they keep 10 MiB.',
        'whyoom --pid 42 -o json',
      ],
      [
        'Never emptied: no pop, del, clear, new assignment or bound in the files that were read.',
        'grep -nw ORDERS /srv/app/app.py',
      ],
      ['Memory went from 50 MiB to 70 MiB in 20 s.', 'grep VmRSS /proc/41/status'],
    ]);
  });
  test('of a control group shows its number', () => {
    const memory = rising(1, { source: 'cgroup', measure: 'unreclaimable' });
    const commands = said(grownBy(steadily()), { 'memory-series': memory, 'memory-limit': killedIn(0) }).map(
      ([, command]) => command,
    );
    expect(commands.at(-1)).toBe(
      `awk 'NF == 1 { n += $1 } $1 ~ /^(in)?active_file$/ { n -= $2 } END { printf "%.0f\\n", n }' /sys/fs/cgroup/app/memory.current /sys/fs/cgroup/app/memory.stat`,
    );
  });
  test('of an address space shows its size', () => {
    const memory = rising(1, { measure: 'virtual' });
    expect(said(grownBy(steadily()), { 'memory-series': memory }).at(-1)![1]).toBe('grep VmSize /proc/41/status');
  });
  test('says nothing of memory that does not grow, nor of source that was not read', () => {
    const given = { 'memory-series': flat(), source: { files: [], missing: [] } };
    expect(findingOn(grownBy(steadily()), given).evidence.map(({ from }) => from)).toEqual(['heap-growth']);
  });
  test('says of what empties only what the counts show', () => {
    const emptied = (grown: Grown) => said(grown, { source: EMPTIED })[1]![0];
    expect(emptied(grownBy(steadily()))).toBe(
      'Emptied only in shipped and Desk.closed, and at module level; at no count were there fewer items than before.',
    );
    expect(emptied(grownBy([0, 10, 20, 19, 30, 40, 50, 49, 60, 70]))).toBe(
      'Emptied only in shipped and Desk.closed, and at module level.',
    );
  });
  test('counts the falls', () => {
    expect(said(grownBy([0, 10, 20, 19, 30, 40, 50, 49, 60, 70]))[0]![0]).toBe(
      '0 items at first, 70 after 10 s, fewer at 2 of the 9 counts between; they keep 10 MiB.',
    );
  });
  test('of one item is in the singular', () => {
    expect(said({ ...grownBy([1, 1]), heldBefore: 0 })[0]![0]).toBe(
      '1 item at first, 1 after 10 s, never fewer in the count between; it keeps 10 MiB.',
    );
  });
  test('of a process that ended tells the last count, and what the first look found', () => {
    const growth = growthOf([{ ...grownBy(steadily(), { items: 8, retainedBytes: 80_000 }), itemsBefore: 8 }], {
      second: undefined,
    });
    expect(said(growth.holders[0]!, { 'heap-growth': growth })[0]![0]).toBe(
      '8 items at first, 1,000 when last counted, within 10 s, never fewer in the 19 counts between; the 8 at first kept 78.1 KiB.',
    );
  });
});

test('what buffers reserve faster than memory grows explains no more than memory, and the evidence says so', () => {
  const explained = (mibPerSecond: number) => {
    const finding = findingOn(grownBy(steadily()), { 'memory-series': rising(mibPerSecond) });
    expect(finding.holder?.growth?.bytesPerSecond).toBe(finding.explainsBytesPerSecond);
    return [finding.explainsBytesPerSecond, finding.evidence.some(({ says }) => says.includes('reserve'))];
  };
  expect(explained(0.25)).toEqual([MIB / 4, true]);
  expect(explained(1)).toEqual([MIB, false]);
});

describe('the confidence', () => {
  const level = (items: number[], given: Given = {}, about = {}) => findingOn(grownBy(items, about), given).confidence;

  test('is high where counts, source and memory say the same', () => {
    expect(level(steadily())).toEqual({ level: 'high', value: null, basis: 'rule' });
  });
  test.each<[string, number[], Given, string]>([
    ['is medium where memory does not grow', steadily(), { 'memory-series': flat() }, 'medium'],
    ['is medium where memory grows twenty times as fast', steadily(), { 'memory-series': rising(20) }, 'medium'],
    [
      'is medium where memory was not watched',
      steadily(),
      { 'memory-series': { code: 'denied', message: 'no' } },
      'medium',
    ],
    ['is medium where something empties it', steadily(), { source: EMPTIED }, 'medium'],
    ['is medium where no source was read', steadily(), { source: { files: [], missing: [] } }, 'medium'],
    [
      'is medium where the source does not show what feeds it',
      steadily(),
      { source: sourceOf('ORDERS = []\n') },
      'medium',
    ],
    ['is medium where it is replaced by copies', SWAPPED, {}, 'medium'],
    ['is low where it was counted a few times', [0, 100, 200, 300], {}, 'low'],
    ['is low where it rose a few times', [0, 0, 0, 100, 100, 100, 200, 200, 300, 400], {}, 'low'],
  ])('%s', (_, items, given, expected) => expect(level(items, given).level).toBe(expected));
});

describe('a process that may still be loading', () => {
  /** At the end of 20 s of watching, 10 s of them between the looks. */
  const aged = (seconds: number, given: Given = {}) =>
    findingOn(grownBy(steadily()), { processes: treeOf({ startedAtUnixSeconds: START + 20 - seconds }), ...given });
  const saysAge = ({ evidence }: Finding) => evidence.filter(({ from }) => from === 'processes');

  test('is held against the finding, and said', () => {
    const finding = aged(22);
    expect(finding.confidence.level).toBe('medium');
    expect(finding.evidence[0]).toEqual({
      says: 'The process is 22 s old: it may still be loading.',
      from: 'processes',
      reproduce: 'ps -o etimes= -p 41',
    });
  });
  test.each<[string, number, Given, string, number]>([
    ['not where it is a minute old', 60, {}, 'high', 0],
    ['but where it is nearly that', 59, {}, 'medium', 1],
    [
      'not where it was watched for most of its life',
      26,
      {
        'memory-series': rising(1, { seconds: 5 }),
        'heap-growth': growthOf([grownBy(steadily())], { seconds: 4 }),
        processes: treeOf({ startedAtUnixSeconds: START + 5 - 26 }),
      },
      'high',
      0,
    ],
    ['not where the limit is met in half a minute', 22, { 'memory-limit': limitOf(100) }, 'high', 0],
    ['but where the limit is far', 22, { 'memory-limit': limitOf(1000) }, 'medium', 1],
    ['not where its age is not known', 22, { processes: { rootPid: 41, tree: [] } }, 'high', 0],
  ])('%s', (_, age, given, level, said) => {
    const finding = aged(age, given);
    expect([finding.confidence.level, saysAge(finding).length]).toEqual([level, said]);
  });
  test('is told as what was, where it has ended', () => {
    const finding = aged(22, { 'memory-series': rising(1, { ended: 'process-exited' }) });
    expect(saysAge(finding)[0]!.says).toBe(
      'The process was 22 s old when it was last seen: it may still have been loading.',
    );
  });
});

describe('the fix', () => {
  test('has a bound that fits the limit, and a patch for the folder of the program', () => {
    const { fix } = findingOn(grownBy(steadily()), { 'memory-limit': limitOf(128) });
    expect(fix.files).toEqual([{ path: 'app.py', sha256: 'a'.repeat(64) }]);
    expect(fix.patch).toMatch(/^--- a\/app\.py\n\+\+\+ b\/app\.py\n@@ /);
    const bound = Number(/newest ([\d,]+) items/.exec(fix.summary)![1]);
    // 60 MiB are what this holder does not take of 70; half of what the limit leaves beside them is its own.
    expect(bound * 10.24 * 1024).toBeLessThanOrEqual(34 * MIB);
  });
  test('is advice where no source was read', () => {
    const { fix } = findingOn(grownBy(steadily()), { source: { files: [], missing: [] } });
    expect(fix).toEqual({
      summary: 'Find what puts items into app.ORDERS, and bound it or take out what is no longer needed.',
      advice: ['The source could not be read; name its folder with --source DIR to see the line and a patch.'],
    });
  });
});

describe('the fix of what a library holds', () => {
  const INSTALLED = '/usr/lib/python3.11/site-packages/cachetools/__init__.py';
  const TEXT =
    'class Cache:\n    def __init__(self):\n        self.data = {}\n\n    def put(self, key, value):\n        self.data[key] = value\n\n    def clear(self):\n        self.data.clear()\n';
  const fixWith = (main: string) => {
    const holder = {
      name: 'cachetools.Cache.data',
      kind: 'instance-attribute',
      type: 'dict',
      path: [
        { kind: 'module', name: '__main__', file: main },
        { kind: 'variable', name: 'cache' },
        { kind: 'attribute', name: 'data' },
      ],
      site: { module: 'cachetools', file: INSTALLED, className: 'Cache', name: 'data', depth: 0 },
    } as const;
    const modules = [
      { name: '__main__', file: main },
      { name: 'cachetools', file: INSTALLED },
    ];
    const files = [{ path: INSTALLED, module: 'cachetools', sha256: 'a'.repeat(64), text: TEXT }];
    const grown = grownBy(steadily(), { ...holder, path: [...holder.path] });
    return findingOn(grown, { heap: look({ modules }), source: { files, missing: [] } }).fix;
  };
  test('is advice for the program, and no change to installed code', () => {
    expect(fixWith('/srv/app.py')).toEqual({
      summary:
        'Bound it where your program makes or feeds cache; the code that puts elements in is that of cachetools, which is not yours to change.',
      advice: [
        'See whether cachetools has a setting for it: a size, a time to live, a limit on what is open at once.',
        'What takes elements out is Cache.clear: see whether it is called.',
      ],
    });
  });
  test('is a patch where the program itself was installed, and the library is a part of it', () => {
    expect(fixWith(INSTALLED.replace('__init__', '__main__')).patch).toBeDefined();
  });
});

describe('what is big where growth was not seen', () => {
  const big = (about: Parameters<typeof holderOf>[0]) => holderOf({ retainedBytes: 20 * MIB, ...about });
  const suspected = (...holders: ReturnType<typeof holderOf>[]) =>
    reportOn({ heap: look({ holders }) }).findings.map(({ summary }) => summary);

  test('is a suspect, with low confidence and no growth', () => {
    const finding = onlyFinding({ heap: look({ holders: [big({})] }), source: FEEDS });
    expect(finding).toMatchObject({
      cause: 'global-accumulation',
      confidence: { level: 'low' },
      summary: 'app.ORDERS keeps 20 MiB in 1,000 items (dict); whether it grows was not seen.',
      places: [
        { role: 'feeds', line: 5 },
        { role: 'creates', line: 1 },
      ],
    });
    expect(finding.holder?.growth).toBeUndefined();
    expect(finding.explainsBytesPerSecond).toBeUndefined();
  });
  test('is told without items where it has none', () => {
    expect(suspected(big({ items: 0 }))).toEqual(['app.ORDERS keeps 20 MiB; whether it grows was not seen.']);
  });
  test('is no suspect where it is a fifth of the objects or less, bounded, the interpreter’s or nobody’s', () => {
    const small = holderOf({ retainedBytes: 7 * MIB });
    expect(suspected(small, big({ bound: 9 }), big({ kind: 'interpreter' }), big({ kind: 'none' }))).toEqual([]);
  });
  test('is told of three at most', () => {
    expect(suspected(...'ABCDE'.split('').map((name) => big({ name })))).toHaveLength(3);
  });
});
