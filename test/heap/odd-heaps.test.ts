import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { HeapHolder, HeapLook } from '../../src/heap/answer.ts';
import { counted } from '../counted.ts';
import { endPrograms, INTERPRETERS, PYTHON, start } from '../sources/process/programs.ts';
import { readerOf, readingOf, record } from './recorded.ts';

const READ = INTERPRETERS.filter(({ version }) => /^3\.([89]|1[0-5])\./.test(version));
afterEach(endPrograms);

/** The heap of a program that has made what `body` makes and waits, after as many looks as it takes to find the collector at rest. */
async function lookAt(python: string, body: string): Promise<HeapLook> {
  const { pid } = await start(python, [
    '-S',
    '-E',
    '-c',
    `${body}\nimport sys\nprint('ready', flush=True)\nsys.stdin.read()`,
  ]);
  process.kill(pid, 'SIGSTOP');
  while (!/^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  const recorded = record(pid);
  const look = readingOf(() => readerOf(recorded)).first();
  await endPrograms();
  return look;
}

const holderIn = (look: HeapLook, name: string): HeapHolder => {
  const found = look.holders.find((holder) => holder.name === name);
  if (found === undefined) throw new Error(`${name} is not among ${look.holders.map((holder) => holder.name)}`);
  return found;
};

test.each(READ)(
  'what free lists and old stacks of CPython $version still point to is held by its container alone',
  async ({ path, version }) => {
    const look = await lookAt(
      path,
      `
for make in (dict, list):
    freed = [make() for _ in range(200)]
    del freed
KEPT = []
for at in range(60):
    KEPT.append({"data": [bytes(100_000)]})
`,
    );
    const kept = holderIn(look, '__main__.KEPT');
    expect(kept.sharedBytes).toBe(0);
    expect(kept.retainedBytes).toBeGreaterThan(60 * 100_000);
    expect(kept.keeps.find(({ type }) => type === 'bytes')?.count).toBe(60);
    counted('interpreters', version);
  },
);

test('a list that only the value stack of a running function holds is found', async () => {
  const look = await lookAt(
    PYTHON,
    `
import sys, threading
def rows():
    for at in range(300):
        yield bytes(10_000)
    print('ready', flush=True)
    sys.stdin.read()
def build():
    return sorted([row for row in rows()])
build()
`,
  );
  expect(look.holders.some(({ retainedBytes }) => retainedBytes > 300 * 10_000)).toBe(true);
});

test('containers that share their contents in layers are named without going all ways', async () => {
  const look = await lookAt(
    PYTHON,
    `
def build():
    layer = [[object() for _ in range(200)] for _ in range(64)]
    for _ in range(14):
        layer = [list(layer) for _ in range(64)]
    return [[layer]]
KEPT = build()
`,
  );
  expect(holderIn(look, '__main__.KEPT').retainedBytes).toBeGreaterThan(64 * 200 * 16);
});

describe('a heap of an odd form is read whole', () => {
  test.each<[string, string, number]>([
    ['a list nested 100,000 deep', 'KEPT = []\nfor _ in range(100_000): KEPT = [KEPT]', 100_000 * 64],
    [
      'a chain of 100,000 linked objects',
      `
class Node:
    __slots__ = ('next', 'value')
KEPT = [None]
for at in range(100_000):
    node = Node()
    node.next, node.value = KEPT[0], [at]
    KEPT[0] = node
del node
`,
      100_000 * 100,
    ],
    ['a dict of 300,000 lists', 'KEPT = {at: [at] for at in range(300_000)}', 300_000 * 90],
    ['2,000 classes', 'KEPT = [type("C%d" % at, (), {"log": []}) for at in range(2_000)]', 2_000 * 1000],
    ['a list that holds itself', 'KEPT = [bytes(1_000_000)]\nKEPT.append(KEPT)', 1_000_000],
  ])('%s', async (_form, body, least) => {
    const look = await lookAt(PYTHON, body);
    expect(look.refused).toBe(0);
    expect(holderIn(look, '__main__.KEPT').retainedBytes).toBeGreaterThan(least);
  });
});

test.each(READ)(
  'a chain of objects that no container holds goes by its head, on CPython $version',
  async ({ path }) => {
    const look = await lookAt(
      path,
      `
class Node:
    def __init__(self, next): self.next, self.data = next, bytes(1000)
HEAD = None
for at in range(1_000): HEAD = Node(HEAD)
`,
    );
    const head = holderIn(look, '__main__.HEAD');
    expect(head).toMatchObject({ type: '__main__.Node', kind: 'module-variable' });
    expect(head.retainedBytes).toBeGreaterThan(1_000_000);
  },
);

test.each(READ)(
  'a parsed document whose texts nobody has asked for yet is held by its variable alone, on CPython $version',
  async ({ path, version }) => {
    const look = await lookAt(
      path,
      `
import xml.etree.ElementTree as ET
ROWS = list(ET.fromstring('<r>' + ''.join('<a>line %d\\nline two\\nline three &amp; x</a>' % at for at in range(5_000)) + '</r>'))
`,
    );
    expect(look.holders.filter(({ name }) => name === '<nobody>')).toEqual([]);
    expect(holderIn(look, '__main__.ROWS').retainedBytes).toBeGreaterThan(5_000 * 300);
    counted('interpreters', version);
  },
);
