import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findLogCalls, printedNumber } from '../../../src/source-code/index.ts';
import { matchCall } from '../../../src/source-code/logged/match-call.ts';
import { fill } from '../../../src/source-code/logged/match-message.ts';
import { placesIn } from '../../../src/source-code/logged/printed-number.ts';

const file = (text: string, path = '/srv/app.py') => ({ path, text });
const linesOf = (text: string | { path: string; text: string }[], message: string, more: object = {}) => {
  const found = matchCall(findLogCalls(typeof text === 'string' ? [file(text)] : text), { message, ...more });
  if (found.kind === 'none') return [];
  return (found.kind === 'one' ? [found.match] : found.matches).map(({ call }) => `${call.file}:${call.line}`);
};

describe('which call printed a line', () => {
  test('the same text in two files is said to be of both', () => {
    const files = [file('print(f"cache size {n}")', '/a.py'), file('\nprint(f"cache size {m}")', '/b.py')];
    expect(linesOf(files, 'cache size 4')).toEqual(['/a.py:1', '/b.py:2']);
  });

  test('the logger tells apart the same text in two modules', () => {
    const text = 'logger.info("cache size %d", n)';
    const files = [file(text, '/srv/shop/cart.py'), file(text, '/srv/shop/orders.py')];
    expect(linesOf(files, 'cache size 4', { logger: 'shop.orders' })).toEqual(['/srv/shop/orders.py:1']);
  });

  test.each([
    ['a comment', '# print(f"cache size {n}")\nx = 1'],
    ['a docstring', '"""print(f"cache size {n}")"""'],
    ['a text that is not printed', 'message = f"cache size {n}"'],
    ['another text', 'print(f"cache sizes {n}")'],
    ['a message that goes on', 'raise ValueError(f"cache size {n}")'],
    ['places alone', 'print(a, b, c)\nprint(f"{a} {b} {c}")\nlogger.info(message)'],
    ['no Python', 'print(f"cache size {'],
  ])('%s is no call that prints the line', (_what, text) => {
    expect(linesOf(text, 'cache size 4')).toEqual([]);
  });

  test('the call with more of the text in it is the one', () => {
    const text = 'print(f"{name}: {n}")\nprint(f"{name} size: {n}")\nprint(f"cache size: {n}")';
    expect(linesOf(text, 'cache size: 4')).toEqual(['/srv/app.py:3']);
    expect(linesOf(text, 'queue size: 4')).toEqual(['/srv/app.py:2']);
  });

  test('a number is wanted where the call prints one', () => {
    const text = 'logger.info("read %d items", n)';
    expect(linesOf(text, 'read 4 items')).toHaveLength(1);
    expect(linesOf(text, 'read no items')).toEqual([]);
  });

  test('percent signs of a text without arguments are as they are written', () => {
    expect(linesOf('logger.info("100%% of %d done")', '100%% of %d done')).toHaveLength(1);
    expect(linesOf('logger.info("100%% of %d done", n)', '100% of 7 done')).toHaveLength(1);
  });

  test('colours in the source are not in the line', () => {
    expect(linesOf('print(f"\\033[32mcache size\\033[0m {n}")', 'cache size 4')).toHaveLength(1);
  });

  test('a parameter that no two callers give the same container is nobody’s size', () => {
    const text = 'A = {}\nB = {}\ndef show(c):\n    print("size of it", len(c))\nshow(A)\nshow(B)\n';
    const found = printedNumber(findLogCalls([file(text)]), {
      template: 'size of it <*>',
      message: 'size of it 4',
      place: 0,
    });
    expect(found).toMatchObject({ kind: 'one', printed: { expression: 'len(c)', kept: [] } });
  });

  test('a counter that also falls is no count of what was put in', () => {
    const text =
      'class A:\n    def add(self, x):\n        self.items.append(x)\n        self.n += 1\n    def take(self):\n        self.n -= 1\n    def say(self):\n        print("open now", self.n)\n    def __init__(self):\n        self.items = []\n        self.n = 0\n';
    const found = printedNumber(findLogCalls([file(text)]), {
      template: 'open now <*>',
      message: 'open now 4',
      place: 0,
    });
    expect(found).toMatchObject({ kind: 'one', printed: { expression: 'self.n', kept: [] } });
  });
});

describe('what is kept by nobody', () => {
  test.each([
    [
      'a batch that a loop makes anew',
      'def f(s):\n    for chunk in s:\n        batch = []\n        for x in chunk:\n            batch.append(x)\n        print("now =", len(batch))',
    ],
    [
      'what a function makes and gives away',
      'def f(s):\n    rows = []\n    for x in s:\n        rows.append(x)\n    print("now =", len(rows))\n    return rows',
    ],
    ['what comes from elsewhere', 'def f(db):\n    rows = db.query()\n    print("now =", len(rows))'],
    ['a parameter of nobody', 'def f(rows):\n    print("now =", len(rows))'],
    ['weak references', 'import weakref\nW = weakref.WeakSet()\ndef f(x):\n    W.add(x)\n    print("now =", len(W))'],
    ['threads', 'import threading\ndef f():\n    print("now =", threading.active_count())'],
    ['the length of a text', 'NAME = "x"\ndef f(x):\n    print("now =", len(NAME))'],
    ['time', 'import time\nSTART = time.time()\ndef f():\n    print("now =", time.time() - START)'],
  ])('%s', (_what, text) => {
    const found = printedNumber(findLogCalls([file(text)]), { template: 'now = <*>', message: 'now = 4', place: 0 });
    expect(found).toMatchObject({ kind: 'one', printed: { kept: [] } });
  });
});

describe('texts of any kind', () => {
  test('a message made from a pattern is matched by it', () => {
    const text = fc.string({ maxLength: 12 });
    const part = fc.oneof(
      text.map((each) => ({ source: { text: each }, said: each })),
      text.map((each) => ({ source: { expression: 'x', value: undefined, isNumber: false }, said: each })),
      fc
        .integer()
        .map((each) => ({ source: { expression: 'n', value: undefined, isNumber: true }, said: String(each) })),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const filled = fill(
          parts.map(({ source }) => source),
          parts.map(({ said }) => said).join(''),
        );
        expect(filled).toHaveLength(parts.filter(({ source }) => 'expression' in source).length);
      }),
    );
  });

  test('what would take for ever is given up', () => {
    const place = { expression: 'x', value: undefined, isNumber: false };
    const pattern = Array.from({ length: 100 }, () => [place, { text: 'a' }]).flat();
    expect(fill([...pattern, { text: 'b' }], 'a'.repeat(7000))).toBeUndefined();
    expect(fill([...pattern, { text: 'b' }], `${'a'.repeat(7000)}c`)).toBeUndefined();
  });

  test('no source and no line breaks it', () => {
    const piece = fc.constantFrom(
      ...[
        'print(',
        'f"',
        '{',
        '}',
        '%',
        '%(',
        '%d',
        ')',
        '"',
        "'",
        '\\',
        'logger.info(',
        ', ',
        '"{}"',
        '.format(',
        '\n',
        '  ',
      ],
      ...['def f(x):', 'f(f)', 'x = x', '*a', '**k', '%*d', '{0!r:{w}}', 'self.log(', 'class A:', '$x', '+', 'len(x)'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.string({ maxLength: 60 }), (pieces, message) => {
        const calls = findLogCalls([file(pieces.join(''))]);
        expect(printedNumber(calls, { message, template: message, place: 0 }).kind).toBeTypeOf('string');
      }),
      { numRuns: 1500 },
    );
  });

  test('names that are linked beyond reason end in bounded steps', () => {
    const links = Array.from(
      { length: 60 },
      (_, at) =>
        `def f${at}(a):\n    return (f${at + 1}(a) if a else f${at + 1}(a)) + (a.x${at} if a else g(a)) + f${at + 1}(f${at + 1}(a))\n`,
    ).join('');
    const chain = Array.from({ length: 300 }, (_, at) => `x${at} = x${at + 1} or x${(at * 7) % 300} or y\n`).join('');
    const calls = findLogCalls([file(`${chain}${links}print("size of all", f0(x0), len(x0))\n`)]);
    const found = printedNumber(calls, { template: 'size of all <*> <*>', message: 'size of all 3 4', place: 0 });
    expect(found).toMatchObject({ kind: 'one', printed: { expression: 'f0(x0)', kept: [] } });
  });

  test('a file with very many calls and very long texts is read in bounded steps', () => {
    const many = `${'def f(a):\n    print("x " + a)\n    f(a)\n'.repeat(50)}${'f("y" + "z" * 9)\n'.repeat(3000)}`;
    const long = `print("${'{} '.repeat(20_000)}".format(1))\nprint(${'"a" + '.repeat(5000)}"b")\n`;
    const open = `print("${'{a'.repeat(500_000)}".format(1))\nprint(f"${'{a}b'.repeat(50_000)}")\n`;
    const calls = findLogCalls([file(many), file(long, '/long.py'), file(open, '/open.py')]);
    expect(calls.calls.length).toBeLessThan(30_000);
    expect(linesOf([file(many)], `x ${'y'.repeat(5000)}`)).toBeDefined();
  });
});

describe('the places of a template in a message', () => {
  test('blanks are one in templates, and any number in messages', () => {
    expect(placesIn('size: <*> of <*>', '  size:    12 of  <x y>')).toEqual([
      [11, 13],
      [18, 23],
    ]);
    expect(placesIn('size: <*>', 'length: 12')).toBeUndefined();
  });

  test('a padded number is found by the call that pads it', () => {
    const files = [file('K = {}\ndef f(k):\n    K[k] = 1\n    print(f"size: {len(K):>8} of   {k}")\n')];
    const found = printedNumber(findLogCalls(files), {
      template: 'size: <*> of <*>',
      message: 'size:       12 of   x',
      place: 0,
    });
    expect(found).toMatchObject({ kind: 'one', printed: { expression: 'len(K)' } });
  });
});
