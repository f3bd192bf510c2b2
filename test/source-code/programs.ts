import type { Held, Sizing } from '../../src/source-code/index.ts';

const MIB = 1024 * 1024;

/** A leaking program, the change that is expected, and what the program prints before and after it. */
export interface Leak {
  readonly says: string;
  readonly held: Held;
  readonly sizing: Sizing;
  readonly text: string;
  /** Lines that the patch adds, stripped; none: advice only. */
  readonly adds: string[];
  readonly changesResults?: boolean;
  readonly advises?: RegExp;
  /** What the patched program prints last; absent: the same as before. */
  readonly prints?: string;
}

const site = (more: Partial<Held['site']>): Held['site'] => ({
  module: '__main__',
  file: '/srv/app.py',
  functionFile: '/srv/app.py',
  depth: 0,
  ...more,
});
const held = (kind: Held['kind'], type: string, more: Partial<Held['site']>): Held => ({
  kind,
  type,
  site: site(more),
});
const big: Sizing = { bytesPerItem: 1.3 * MIB, limitBytes: 128 * MIB, baselineBytes: 20 * MIB, items: 60 };
const three: Sizing = { bytesPerItem: 10 * MIB, limitBytes: 100 * MIB, baselineBytes: 40 * MIB, items: 5 };

export const LEAKS: Leak[] = [
  {
    says: 'a list that nothing reads',
    held: held('instance-attribute', 'list', { className: 'P', name: 'done' }),
    sizing: big,
    text: `class P:
    def __init__(self):
        self.done = []

    def work(self, n):
        result = n * 2
        self.done.append(result)  # keep it
        return result


p = P()
print(sum(p.work(n) for n in range(1000)), len(p.done) > 0)
`,
    adds: ['del self.done[:-20]'],
    changesResults: false,
  },
  {
    says: 'a list of which only the newest are read',
    held: held('module-variable', 'list', { name: 'HISTORY' }),
    sizing: three,
    text: `HISTORY = []


def add(value):
    HISTORY.append(
        {'value': value}
    )
    return sum(each['value'] for each in HISTORY[-7:])


total = 0
for n in range(100):
    total += add(n)
print(total, HISTORY[-1])
`,
    adds: ['del HISTORY[:-7]'],
    changesResults: false,
  },
  {
    says: 'a list that is read as a whole',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []


def add(value):
	ROWS.append(value)
	print(len(ROWS))


def total():
	return sum(ROWS)


for n in range(5):
	add(n)
print(total())
`,
    adds: ['del ROWS[:-2]'],
    changesResults: true,
    advises: /newest 2 items only/,
    prints: '7',
  },
  {
    says: 'newest first',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []
def add(value):
    ROWS.insert(0, value)
for n in range(9):
    add(n)
print('done')`,
    adds: ['del ROWS[2:]'],
    changesResults: false,
  },
  {
    says: 'lines that end in CR LF, and no newline at the end',
    held: held('local', 'list', { functionName: 'main', name: 'kept' }),
    sizing: three,
    text: 'def main(n):\r\n    kept = []\r\n    for each in range(n):\r\n        kept += [each]\r\n    print(n)\r\n\r\nmain(10)',
    adds: ['del kept[:-2]'],
    changesResults: false,
  },
  {
    says: 'a cache that computes again on a miss',
    held: held('module-variable', 'dict', { name: 'CACHE' }),
    sizing: three,
    text: `CACHE = {}


def square(n):
    if n in CACHE:
        return CACHE[n]
    value = pow(n, 2)
    CACHE[n] = value
    return CACHE[n]


print([square(n % 7) for n in range(50)])
`,
    adds: ['while len(CACHE) > 2: CACHE.pop(next(iter(CACHE)), None)'],
    changesResults: false,
  },
  {
    says: 'a cache behind try and except, an OrderedDict in an instance',
    held: held('instance-attribute', 'collections.OrderedDict', { className: 'C', name: 'seen' }),
    sizing: three,
    text: `from collections import OrderedDict
class C:
    def __init__(self):
        self.seen = OrderedDict()
    def get(self, k):
        try:
            self.seen.move_to_end(k)
            return self.seen[k]
        except KeyError:
            pass
        result = self.seen[k] = str(k)
        return result
c = C()
print(''.join(c.get(n % 5) for n in range(40)))
`,
    adds: ['while len(self.seen) > 2: self.seen.pop(next(iter(self.seen)), None)'],
    changesResults: false,
  },
  {
    says: 'counts by key, which forgetting would change',
    held: held('module-variable', 'dict', { name: 'HITS' }),
    sizing: three,
    text: `HITS = {}
def hit(path):
    HITS[path] = HITS.get(path, 0) + 1
for n in range(30):
    hit(n % 10)
print(len(HITS) > 0)
`,
    adds: ['while len(HITS) > 2: HITS.pop(next(iter(HITS)), None)'],
    changesResults: true,
    advises: /forgets its oldest/,
  },
  {
    says: 'sessions that other code looks up without a guard',
    held: held('module-variable', 'dict', { name: 'SESSIONS' }),
    sizing: three,
    text: `SESSIONS = {}
def login(user):
    SESSIONS[user] = {'user': user}
def whoami(user):
    return SESSIONS[user]['user']
for n in range(9):
    login(n)
print(whoami(0))
`,
    adds: [],
    advises: /a missing key would be an error at .*app\.py:5 \(whoami\)/,
  },
  {
    says: 'a defaultdict of lists',
    held: held('module-variable', 'collections.defaultdict', { name: 'BY' }),
    sizing: three,
    text: `from collections import defaultdict
BY = defaultdict(list)
def add(k, v):
    BY[k].append(v)
for n in range(9):
    add(n, n)
print('done')
`,
    adds: ['while len(BY) > 2: BY.pop(next(iter(BY)), None)'],
    changesResults: true,
  },
  {
    says: 'lists within a dict',
    held: held('instance-attribute', 'list', { className: 'S', name: 'by', depth: 1 }),
    sizing: three,
    text: `class S:
    def __init__(self):
        self.by = {}
    def add(self, k, v):
        self.by.setdefault(k, []).append(v)
s = S()
for n in range(9):
    s.add('a', n)
print('done')
`,
    adds: ['del self.by[k][:-2]'],
    changesResults: false,
  },
  {
    says: 'a set of things seen',
    held: held('module-variable', 'set', { name: 'SEEN' }),
    sizing: three,
    text: `SEEN = set()
def first(x):
    if x in SEEN:
        return False
    SEEN.add(x)
    return True
print([first(n) for n in (1, 1, 2, 2, 3, 3)])
`,
    adds: ['if len(SEEN) > 2: SEEN.clear()'],
    changesResults: true,
    prints: '[True, False, True, False, True, True]',
    advises: /counts as new again/,
  },
  {
    says: 'functools.cache, imported by name',
    held: held('cache-decorator', 'functools._lru_cache_wrapper', { functionName: 'square', functionLine: 4 }),
    sizing: three,
    text: `from functools import cache, partial


@cache
def square(n):
    return n * n


print([square(n) for n in range(9)], square.cache_info().maxsize)
`,
    adds: ['from functools import lru_cache, partial', '@lru_cache(maxsize=2)'],
    changesResults: false,
    prints: '[0, 1, 4, 9, 16, 25, 36, 49, 64] 2',
  },
  {
    says: 'lru_cache(maxsize=None) on a method',
    held: held('cache-decorator', 'functools._lru_cache_wrapper', { functionName: 'A.square', functionLine: 3 }),
    sizing: three,
    text: `import functools
class A:
    @functools.lru_cache(maxsize=None, typed=True)
    def square(self, n):
        return n * n
print([A().square(n) for n in range(9)])
`,
    adds: ['@functools.lru_cache(maxsize=2, typed=True)'],
    changesResults: false,
    advises: /keeps every object that it was called on \(self\) alive/,
  },
  {
    says: 'functools.cache twice, once elsewhere',
    held: held('cache-decorator', 'functools._lru_cache_wrapper', { functionName: 'b', functionLine: 5 }),
    sizing: three,
    text: `from functools import cache
@cache
def a(n):
    return n
@cache
def b(n):
    return n
print(a(1), b(2))
`,
    adds: ['from functools import cache, lru_cache', '@lru_cache(maxsize=2)'],
    changesResults: false,
  },
  {
    says: 'a mutable default argument',
    held: held('default-argument', 'list', { functionName: 'collect', name: 'into' }),
    sizing: three,
    text: `def collect(x, into=[]):
    """Collects."""
    into.append(x)
    return into


for n in range(5):
    got = collect(n)
print(got)
`,
    adds: ['def collect(x, into=None):', 'if into is None: into = []'],
    changesResults: true,
    prints: '[4]',
  },
  {
    says: 'a mutable default argument that is a cache',
    held: held('default-argument', 'dict', { functionName: 'fib', name: 'memo' }),
    sizing: three,
    text: `def fib(n, memo={}):
    if n < 2:
        return n
    if n not in memo:
        memo[n] = fib(n - 1) + fib(n - 2)
    return memo[n]
print(fib(12))
`,
    adds: ['while len(memo) > 2: memo.pop(next(iter(memo)), None)'],
    changesResults: false,
  },
  {
    says: 'a class attribute that was meant for each instance',
    held: held('class-attribute', 'list', { className: 'Job', name: 'log' }),
    sizing: three,
    text: `class Job:
    log = []

    def __init__(self, n):
        self.n = n

    def run(self):
        self.log.append(self.n)
        return len(self.log)


for n in range(5):
    last = Job(n).run()
print(last)
`,
    adds: ['self.log = []'],
    changesResults: true,
    prints: '1',
  },
  {
    says: 'a class attribute of an object that lives for ever',
    held: held('class-attribute', 'list', { className: 'Service', name: 'log' }),
    sizing: three,
    text: `class Service:
    log = []

    def __init__(self):
        self.n = 0

    def run(self):
        self.log.append(self.n)


service = Service()
for n in range(5):
    service.run()
print('done')
`,
    adds: ['del self.log[:-2]'],
    changesResults: false,
  },
  {
    says: 'a deque without a bound',
    held: held('module-variable', 'collections.deque', { name: 'RECENT' }),
    sizing: three,
    text: `from collections import deque
RECENT = deque([1])
def add(x):
    RECENT.append(x)
for n in range(5):
    add(n)
print(RECENT[-1])
`,
    adds: ['RECENT = deque([1], maxlen=2)'],
    changesResults: false,
  },
  {
    says: 'a deque that is a queue',
    held: held('module-variable', 'collections.deque', { name: 'QUEUE' }),
    sizing: three,
    text: `from collections import deque
QUEUE = deque()
def put(x):
    QUEUE.append(x)
def work():
    return QUEUE.popleft()
put(1); put(2)
print(work())
`,
    adds: [],
    advises: /dropping one loses work/,
  },
  {
    says: 'exceptions that are kept',
    held: held('module-variable', 'list', { name: 'ERRORS' }),
    sizing: three,
    text: `ERRORS = []
def run(n):
    data = [n] * 1000
    try:
        return data[n + 1000]
    except IndexError as exc:
        ERRORS.append(exc)
for n in range(5):
    run(n)
print(str(ERRORS[-1])[:12] != '')
`,
    adds: ['ERRORS.append(repr(exc))', 'del ERRORS[:-2]'],
    changesResults: true,
    advises: /traceback of each keeps the locals/,
  },
  {
    says: 'a closure',
    held: held('closure', 'list', { functionName: 'make.<locals>.add', name: 'kept' }),
    sizing: three,
    text: `def make():
    kept = []
    def add(x):
        nonlocal kept
        kept = kept + [x]
        return x
    return add
add = make()
print(sum(add(n) for n in range(9)))
`,
    adds: ['del kept[:-2]'],
    changesResults: false,
  },
  {
    says: 'elements that are found by position',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []
def add(x):
    ROWS.append(x)
    return len(ROWS) - 1
def get(n):
    return ROWS[n]
at = [add(n) for n in range(9)]
print([get(n) for n in at])
`,
    adds: [],
    advises: /found by their position at \/srv\/app\.py:6/,
  },
  {
    says: 'a loop that waits for a length',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []
while len(ROWS) < 9:
    ROWS.append(1)
print(len(ROWS))
`,
    adds: [],
    advises: /its length steers the program/,
  },
  {
    says: 'a dict that is fed while it is iterated',
    held: held('module-variable', 'dict', { name: 'D' }),
    sizing: three,
    text: `D = {'a': 1}
def put(k):
    D[k] = 1
for k in list(D):
    put(k + k)
for k in D:
    put(k)
print(len(D))
`,
    adds: [],
    advises: /fed while it is iterated/,
  },
  {
    says: 'a feed on the line of its condition',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []
def add(x):
    if x: ROWS.append(x)
for n in range(9): add(n)
print('done')
`,
    adds: [],
  },
  {
    says: 'a helper that other containers pass through',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []
OTHER = []
def put(into, x):
    into.append(x)
for n in range(9):
    put(ROWS, n)
    put(OTHER, n)
print(OTHER)
`,
    adds: [],
    advises: /other containers pass through/,
  },
  {
    says: 'what is bounded already',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []
def add(x):
    ROWS.append(x)
    if len(ROWS) > 1000:
        ROWS.pop(0)
add(1)
print('done')
`,
    adds: [],
    advises: /takes elements out where it is fed already/,
  },
  {
    says: 'entries that are numbered by the length',
    held: held('module-variable', 'dict', { name: 'JOBS' }),
    sizing: three,
    text: `JOBS = {}
def add(job):
    number = len(JOBS) + 1
    JOBS[number] = job
    return number
print([add('x') for _ in range(4)])
`,
    adds: [],
    advises: /its length numbers the entries/,
  },
  {
    says: 'a second statement on the line',
    held: held('module-variable', 'list', { name: 'ROWS' }),
    sizing: three,
    text: `ROWS = []
def add(x):
    y = x; ROWS.append(y);  # both
    return y
print(sum(add(n) for n in range(9)))
`,
    adds: ['del ROWS[:-2]'],
    changesResults: false,
  },
  {
    says: 'an element that is the last of a file without a newline, in a loop',
    held: held('module-variable', 'set', { name: 'IDS' }),
    sizing: three,
    text: `IDS = set()
for n in range(9):
    IDS.add(n)`,
    adds: ['if len(IDS) > 2: IDS.clear()'],
    changesResults: false,
    prints: '',
  },
];
