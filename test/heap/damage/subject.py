"""A small heap with every shape that the reader knows, which stays as it is."""

import array
import collections
import contextvars
import functools
import sys
import threading
import types
import weakref


class Point:
    __slots__ = ("x", "y", "__weakref__")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Node:
    registry = {}

    def __init__(self, number):
        self.number = number
        self.children = []
        self.parent = None


class Bag(list):
    pass


class Pair(tuple):
    pass


@functools.lru_cache(maxsize=None)
def square(number):
    return [number] * 8


def counter(kept=[]):
    held = {}

    def count(key):
        held[key] = key
        kept.append(key)
        return held

    return count


def numbers():
    local = list(range(50))
    while True:
        yield local


@types.coroutine
def pause():
    yield


async def waiting():
    kept = [bytes(100) for _ in range(10)]
    await pause()
    return kept


POINTS = [Point(at, str(at)) for at in range(300)]
NODES = [Node(at) for at in range(300)]
for at, node in enumerate(NODES):
    node.parent = NODES[at // 2]
    NODES[at // 2].children.append(node)
    Node.registry["node:%d" % at] = node
TEXTS = ["ascii %d" % at for at in range(100)] + ["é%d" % at for at in range(100)] + ["€%d" % at for at in range(100)]
TEXTS += ["\U0001f40d%d" % at for at in range(100)]
INTS = [7**at for at in range(100)] + [-(3**at) for at in range(100)]
QUEUE = collections.deque(range(1000), 5000)
ORDERED = collections.OrderedDict((at, str(at)) for at in range(200))
MISSING = collections.defaultdict(list, {at: [at] for at in range(100)})
SETS = [set(range(at)) for at in range(40)] + [frozenset(range(at)) for at in range(40)]
ARRAYS = [array.array("d", range(at)) for at in range(20)]
BYTES = [bytes(at) for at in range(100)] + [bytearray(at) for at in range(100)]
BAGS = [Bag(range(at)) for at in range(20)] + [Pair(range(at)) for at in range(20)]
for bag in BAGS:
    bag.label = "bag"
WEAK = [weakref.ref(node) for node in NODES[:50]] + [weakref.proxy(point) for point in POINTS[:50]]
NESTED = {}
inner = NESTED
for at in range(50):
    inner["next"] = {}
    inner = inner["next"]
CYCLE = []
CYCLE.append(CYCLE)
SPACES = [types.SimpleNamespace(a=1, b=[2]) for _ in range(20)]
CONTEXT = contextvars.ContextVar("CONTEXT", default=[1, 2, 3])
CONTEXT.set({"a": [1]})
COUNT = counter()
GENERATORS = [numbers() for _ in range(10)]
TASKS = [waiting() for _ in range(10)]
for generator in GENERATORS:
    next(generator)
for task in TASKS:
    task.send(None)
for at in range(100):
    square(at)
    COUNT("key %d" % at)
try:
    {}["nothing"]
except KeyError as error:
    ERROR = error
LOCAL = threading.local()
LOCAL.kept = [1, 2, 3]


def deep(depth):
    kept = [depth] * 10
    if depth:
        deep(depth - 1)
    else:
        if threading.current_thread() is threading.main_thread():
            print("ready", flush=True)
        threading.Event().wait()
    return kept


threading.stack_size(1 << 18)
threading.Thread(target=deep, args=(5,), daemon=True).start()
deep(20)
