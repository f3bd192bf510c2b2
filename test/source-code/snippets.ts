import type { Held } from '../../src/source-code/index.ts';

/** Programs with their answers in comments: `#F` feeds, `#E` empties, `#C` creates. */
export interface Snippet {
  readonly says: string;
  readonly held: Held;
  readonly files: Record<string, string>;
  readonly readByKey?: boolean;
  readonly readElsewhere?: boolean;
  readonly bounded?: boolean;
  readonly functions?: string[];
}

const variable = (name: string, type = 'list', depth = 0): Held => ({
  kind: 'module-variable',
  type,
  site: { module: 'app', file: '/srv/app.py', name, depth },
});
const attribute = (className: string, name: string, type = 'list', depth = 0): Held => ({
  kind: 'instance-attribute',
  type,
  site: { module: 'app', file: '/srv/app.py', className, name, depth },
});
const classAttribute = (className: string, name: string, type = 'list'): Held => ({
  ...attribute(className, name, type),
  kind: 'class-attribute',
});
const inFunction = (
  kind: 'local' | 'closure' | 'default-argument',
  functionName: string,
  name: string,
  type = 'list',
): Held => ({
  kind,
  type,
  site: { module: 'app', functionFile: '/srv/app.py', functionName, name, depth: 0 },
});
const app = (text: string) => ({ '/srv/app.py': text });

export const SNIPPETS: Snippet[] = [
  {
    says: 'append to an attribute',
    held: attribute('ImageProcessor', 'processed_images'),
    files: app(`
class ImageProcessor:
    def __init__(self):
        self.processed_images = []  #C
    def process_image(self, image):
        processed = dict(image)
        self.processed_images.append(processed)  #F
        print(len(self.processed_images))
        return processed
`),
    functions: ['ImageProcessor.process_image'],
    readElsewhere: false,
    bounded: false,
  },
  {
    says: 'a cache in a dict, guarded by a test',
    held: attribute('P', 'thumbs', 'dict'),
    files: app(`
class P:
    def __init__(self):
        self.thumbs: dict[str, bytes] = {}  #C
    def thumb(self, key):
        if key not in self.thumbs:
            self.thumbs[key] = make(key)  #F
        return self.thumbs[key]
`),
    readByKey: true,
    readElsewhere: false,
  },
  {
    says: 'a registry fed from another module, under both forms of import',
    held: {
      kind: 'module-variable',
      type: 'list',
      site: { module: 'registry', file: '/srv/registry.py', name: 'ITEMS', depth: 0 },
    },
    files: {
      '/srv/registry.py': `ITEMS = []  #C\n`,
      '/srv/a.py': `from registry import ITEMS as things\ndef a(x):\n    things.append(x)  #F\n`,
      '/srv/b.py': `import registry\ndef b(x):\n    registry.ITEMS.append(x)  #F\n`,
      '/srv/c.py': `ITEMS = []\nITEMS.append(1)\n`,
      '/srv/d.py': `def d(x):\n    from registry import ITEMS\n    ITEMS += [x]  #F\n`,
    },
  },
  {
    says: 'a module whose own file was not gathered',
    held: {
      kind: 'module-variable',
      type: 'dict',
      site: { module: 'pkg.registry', file: '/srv/pkg/registry.py', name: 'SEEN', depth: 0 },
    },
    files: app(`
from pkg.registry import SEEN
import pkg.registry
import pkg.registry as r
def f(k):
    SEEN[k] = 1  #F
    pkg.registry.SEEN[k] = 2  #F
    r.SEEN[k] = 3  #F
`),
  },
  {
    says: 'feeds and empties of a list in all their forms',
    held: variable('X'),
    files: app(`
import bisect, heapq
X = []  #C
def f(v):
    global X
    X.append(v)  #F
    X.extend([v])  #F
    X.insert(0, v)  #F
    X += [v]  #F
    X = X + [v]  #F
    X = [*X, v]  #F
    X[len(X):] = [v]  #F
    heapq.heappush(X, v)  #F
    bisect.insort(X, v)  #F
    list.append(X, v)  #F
    X[0] = v
def g():
    global X
    X.pop()  #E
    X.remove(1)  #E
    X.clear()  #E
    del X[0]  #E
    del X[:-5]  #E
    X[:] = []  #E
    X = X[-3:]  #E
    X = [x for x in X if x]  #E
    heapq.heappop(X)  #E
    X = []  #E
def h():
    X = []
    X.append(1)
    return X
`),
    readElsewhere: false,
  },
  {
    says: 'feeds and empties of a dict in all their forms',
    held: variable('D', 'dict'),
    files: app(`
D = {}  #C
D['seed'] = 1  #F
def f(k, v):
    global D
    D[k] = v  #F
    D.update({k: v})  #F
    D.setdefault(k, v)  #F
    D |= {k: v}  #F
    D = {**D, k: v}  #F
    D = D | {k: v}  #F
    D[k] += 1
    D[k].append(v)
    a, D[k] = v, v  #F
def g(k):
    D.pop(k)  #E
    D.popitem()  #E
    del D[k]  #E
    D.clear()  #E
`),
  },
  {
    says: 'feeds and empties of a set',
    held: variable('S', 'set'),
    files: app(`
S = set()  #C
def f(v):
    global S
    if v in S:
        return
    S.add(v)  #F
    S.update([v])  #F
    S |= {v}  #F
    S = S.union([v])  #F
def g(v):
    global S
    S.discard(v)  #E
    S.remove(v)  #E
    S -= {v}  #E
    S &= {v}  #E
    S.intersection_update([v])  #E
    S.difference_update([v])  #E
`),
    readByKey: true,
  },
  {
    says: 'a deque with its bound',
    held: attribute('Q', 'recent', 'collections.deque'),
    files: app(`
from collections import deque
class Q:
    def __init__(self):
        self.recent = deque(maxlen=100)  #C
    def add(self, v):
        self.recent.append(v)  #F
        self.recent.appendleft(v)  #F
`),
    bounded: true,
  },
  {
    says: 'aliases, bound methods and helpers that get the container as an argument',
    held: attribute('S', 'items'),
    files: app(`
class S:
    def __init__(self):
        self.items = []  #C
        self.other = []
    def a(self, x):
        items = self.items
        items.append(x)  #F
        items = self.other
        items.append(x)
    def b(self, xs):
        append = self.items.append
        for x in xs:
            append(x)  #F
    def c(self, x):
        self._store(self.items, x)
        put(x, into=self.items)
    def _store(self, bucket, v):
        bucket.append(v)  #F
    def d(self, x):
        bucket = self.other
        bucket.append(x)
    @property
    def all(self):
        return self.items
    def e(self, x):
        self.all.append(x)  #F
    def f(self, executor, job):
        executor.submit(job).add_done_callback(self.items.append)  #F
    def g(self, x):
        (self.items if x else self.other).append(x)  #F
    def h(self, x):
        if (kept := self.items) is not None:
            kept.append(x)  #F
    def i(self, x):
        getattr(self, 'items').append(x)  #F
def put(v, into):
    into.append(v)  #F
`),
  },
  {
    says: 'an alias made where the container is made',
    held: attribute('S', 'items'),
    files: app(`
class S:
    def __init__(self):
        items = []  #C
        self.items = items
        self.push = lambda x: items.append(x)  #F
`),
  },
  {
    says: 'a module list that an object was given',
    held: variable('RESULTS'),
    files: app(`
RESULTS = []  #C
class Sink:
    def __init__(self, target):
        self.target = target
    def write(self, x):
        self.target.append(x)  #F
sink = Sink(RESULTS)
other = Sink
`),
  },
  {
    says: 'an attribute that was given a module list',
    held: attribute('Sink', 'target'),
    files: app(`
RESULTS = []  #C
class Sink:
    def __init__(self, target):
        self.target = target
def write(x):
    RESULTS.append(x)  #F
sink = Sink(RESULTS)
`),
  },
  {
    says: 'subclasses, and classes that only share a name of an attribute',
    held: attribute('Base', 'items'),
    files: app(`
class Base:
    def __init__(self):
        self.items = []  #C
class Child(Base):
    def add(self, x):
        self.items.append(x)  #F
    def add2(self, x):
        super().items.append(x)  #F
class Other:
    def __init__(self):
        self.items = []
    def add(self, x):
        self.items.append(x)
child = Child()
def f(x, other: Other, base: 'Base'):
    child.items.append(x)  #F
    other.items.append(x)
    base.items.append(x)  #F
    unknown.items.append(x)
`),
  },
  {
    says: 'the instance is a subclass and the attribute is fed by its base',
    held: attribute('Child', 'items'),
    files: app(`
class Base:
    def __init__(self):
        self.items = []  #C
    def add(self, x):
        self.items.append(x)  #F
class Child(Base):
    pass
`),
  },
  {
    says: 'an object of unknown class, where one class only has the attribute',
    held: attribute('State', 'seen_orders', 'dict'),
    files: app(`
class State:
    def __init__(self):
        self.seen_orders = {}  #C
def handler(request):
    request.app.state.seen_orders[request.id] = request  #F
`),
  },
  {
    says: 'a class attribute in all its spellings',
    held: classAttribute('R', 'log'),
    files: app(`
class R:
    log = []  #C
    own = []
    def a(self, x):
        self.log.append(x)  #F
    @classmethod
    def b(cls, x):
        cls.log.append(x)  #F
    def c(self, x):
        type(self).log.append(x)  #F
        self.__class__.log.append(x)  #F
        R.log.append(x)  #F
class S(R):
    def d(self, x):
        self.log += [x]  #F
def e(x):
    R.log.append(x)  #F
    R.log = []  #E
`),
  },
  {
    says: 'a class attribute that instances shadow',
    held: classAttribute('R', 'log'),
    files: app(`
class R:
    log = []  #C
    def __init__(self):
        self.log = []
    def a(self, x):
        self.log.append(x)
    def b(self, x):
        R.log.append(x)  #F
`),
  },
  {
    says: 'a private name',
    held: attribute('R', '_R__log'),
    files: app(`
class R:
    def __init__(self):
        self.__log = []  #C
    def a(self, x):
        self.__log.append(x)  #F
`),
  },
  {
    says: 'a closure, named by the function that uses it',
    held: inFunction('closure', 'make.<locals>.inner', 'seen'),
    files: app(`
def make():
    seen = []  #C
    def inner(x):
        seen.append(x)  #F
    return inner
def other():
    seen = []
    seen.append(1)
`),
    functions: ['make.<locals>.inner'],
  },
  {
    says: 'a closure that is rebound',
    held: inFunction('closure', 'make', 'seen'),
    files: app(`
def make():
    seen = []  #C
    def inner(x):
        nonlocal seen
        seen = seen + [x]  #F
    def reset():
        nonlocal seen
        seen = []  #E
    return inner, reset
`),
  },
  {
    says: 'a mutable default argument',
    held: inFunction('default-argument', 'collect', 'acc'),
    files: app(`
def collect(x, acc=[]):
    """Collects."""
    acc.append(x)  #F
    return acc
`),
    readElsewhere: true,
  },
  {
    says: 'a local of a long-lived function',
    held: inFunction('local', 'main', 'history'),
    files: app(`
def main():
    history = []  #C
    while True:
        record = read()
        history.append(record)  #F
        if history[-1].bad:
            report(history[-10:])
`),
    readElsewhere: true,
  },
  {
    says: 'a local batch that is flushed',
    held: inFunction('local', 'main', 'batch'),
    files: app(`
def main(rows):
    batch = []  #C
    for row in rows:
        batch.append(row)  #F
        if len(batch) > 100:
            save(batch)
            batch = []  #E
`),
    bounded: true,
  },
  {
    says: 'code of a module, loops before the first filling',
    held: variable('rows'),
    files: app(`
rows = []  #C
rows.append('header')  #F
for line in stream:
    rows.append(line)  #F
`),
  },
  {
    says: 'lists inside a dict',
    held: variable('BY_USER', 'list', 1),
    files: app(`
from collections import defaultdict
BY_USER = defaultdict(list)
def a(user, x):
    BY_USER[user].append(x)  #F
def b(user, x):
    BY_USER.setdefault(user, []).append(x)  #FC
def c(user, x):
    items = BY_USER.get(user)
    items.append(x)  #F
def d(x):
    for key, items in BY_USER.items():
        items.append(x)  #F
def e(user):
    BY_USER[user] = []  #C
    del BY_USER[user]  #E
    BY_USER[user].clear()  #E
`),
  },
  {
    says: 'a defaultdict that grows by being read',
    held: variable('BY_USER', 'collections.defaultdict'),
    files: app(`
from collections import defaultdict
BY_USER = defaultdict(list)  #C
COUNTS = defaultdict(int)
def a(user, x):
    BY_USER[user].append(x)  #F
    COUNTS[user] += 1
def b(user):
    return BY_USER.get(user)
`),
    readByKey: true,
  },
  {
    says: 'a counter',
    held: variable('COUNTS', 'collections.Counter'),
    files: app(`
from collections import Counter
COUNTS = Counter()  #C
def a(path):
    COUNTS[path] += 1  #F
    COUNTS.update([path])  #F
`),
  },
  {
    says: 'a cached function',
    held: {
      kind: 'cache-decorator',
      type: 'functools._lru_cache_wrapper',
      site: { module: 'app', functionFile: '/srv/app.py', functionName: 'load', functionLine: 3, depth: 0 },
    },
    files: app(`
import functools
@functools.lru_cache(maxsize=None)
def load(name):  #F
    return open(name).read()
def reset():
    load.cache_clear()  #E
`),
    readByKey: true,
    bounded: false,
  },
  {
    says: 'a cached function with the default bound',
    held: {
      kind: 'cache-decorator',
      type: 'functools._lru_cache_wrapper',
      site: { module: 'app', functionFile: '/srv/app.py', functionName: 'C.load', functionLine: 4, depth: 0 },
    },
    files: app(`
from functools import lru_cache
class C:
    @lru_cache
    def load(self, name):  #F
        return name
`),
    bounded: true,
  },
  {
    says: 'a bound in a helper that the feeder calls',
    held: attribute('C', 'cache', 'dict'),
    files: app(`
class C:
    def __init__(self):
        self.cache = {}  #C
    def put(self, k, v):
        self.cache[k] = v  #F
        self._trim()
    def _trim(self):
        while len(self.cache) > 10:
            self.cache.pop(next(iter(self.cache)))  #E
`),
    bounded: true,
  },
  {
    says: 'a cleaning that stands before the endless loop',
    held: inFunction('local', 'main', 'history'),
    files: app(`
def main():
    history = []  #C
    history.clear()  #E
    while True:
        history.append(read())  #F
`),
    bounded: false,
  },
  {
    says: 'a cache made on first use',
    held: variable('CACHE', 'dict'),
    files: app(`
CACHE = None
def get(k):
    global CACHE
    if CACHE is None:
        CACHE = {}  #C
    try:
        return CACHE[k]
    except KeyError:
        CACHE[k] = load(k)  #F
        return CACHE[k]
`),
    readByKey: true,
    readElsewhere: false,
  },
  {
    says: 'a context variable',
    held: {
      kind: 'context-variable',
      type: 'list',
      site: { module: 'app', file: '/srv/app.py', name: 'TRAIL', depth: 0 },
    },
    files: app(`
from contextvars import ContextVar
TRAIL = ContextVar('trail')
def a(x):
    TRAIL.get().append(x)  #F
    trail = TRAIL.get()
    trail.append(x)  #F
`),
  },
  {
    says: 'what takes out of an object of this very class, and of no copy or subclass',
    held: {
      kind: 'instance-attribute',
      type: 'list',
      site: { module: 'app', file: '/srv/app.py', className: 'Queue', name: '_Queue__items', depth: 0 },
    },
    files: app(`
class Queue:
    def __init__(self):
        self.__items = []  #C
    def put(self, x):
        self.__items.append(x)  #F
    def get(self):
        return self.__items.pop()  #E
    def __copy__(self):
        copy = type(self)()
        copy.__items = self.__items.copy()
        return copy
class Last(Queue):
    def get(self):
        return self._Queue__items.pop(0)
`),
  },
  {
    says: 'a thread-local',
    held: { kind: 'thread-local', type: 'list', site: { module: 'app', file: '/srv/app.py', name: 'trail', depth: 0 } },
    files: app(`
import threading
local = threading.local()
def a(x):
    local.trail.append(x)  #F
`),
  },
  {
    says: 'a statement over several lines',
    held: variable('X'),
    files: app(`
X = []  #C
def f(a):
    X.append(  #F
        dict(
            a=a,
        )
    )
`),
  },
  {
    says: 'names that are not the holder',
    held: variable('items'),
    files: app(`
items = []  #C
def f(items):
    items.append(1)
def g(x):
    call(items=x)
    x.items.append(1)
    [items for items in x]
class items2:
    items = []
    def f(self):
        self.items.append(1)
lambda items: items.append(1)
`),
  },
];
