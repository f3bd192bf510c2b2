"""A small heap with every shape that the reader knows, which stays as it is. Modules written in C only: little else is in it."""

import _collections
import _contextvars
import _functools
import _thread
import _weakref
import array
import itertools
import sys
import time


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


class Below(Node):
    pass


def square(number):
    return [number] * 8


REMEMBERED = _functools._lru_cache_wrapper(square, None, False, tuple)


def counter(kept=[], *, named={}):
    held = {}

    def count(key):
        held[key] = named[key] = key
        kept.append(key)
        return held

    return count


def numbers():
    local = list(range(20))
    while True:
        yield local


class Pause:
    def __await__(self):
        yield


async def inner():
    kept = [bytes(100) for _ in range(5)]
    await Pause()
    return kept


async def waiting():
    return await inner()


POINTS = [Point(at, str(at)) for at in range(30)]
NODES = [Node(at) for at in range(40)]
for at, node in enumerate(NODES):
    node.parent = NODES[at // 2]
    NODES[at // 2].children.append(node)
    Node.registry["node:%d" % at] = node
TEXTS = [form % at for form in ("ascii %d", "é%d", "€%d", "\U0001f40d%d") for at in range(10)]
INTS = [7**at for at in range(0, 100, 9)] + [-(3**at) for at in range(0, 100, 9)]
QUEUE = _collections.deque(range(300), 5000)
ORDERED = _collections.OrderedDict((at, str(at)) for at in range(30))
MISSING = _collections.defaultdict(list, {at: [at] for at in range(20)})
SETS = [set(range(at)) for at in range(0, 40, 4)] + [frozenset(range(at)) for at in range(0, 40, 4)]
ARRAYS = [array.array("d", range(at)) for at in range(0, 20, 4)]
BYTES = [bytes(at) for at in range(0, 100, 9)] + [bytearray(at) for at in range(0, 100, 9)]
BAGS = [Bag(range(at)) for at in range(0, 20, 3)] + [Pair(range(at)) for at in range(0, 20, 3)]
for bag in BAGS:
    bag.label = "bag"
WEAK = [_weakref.ref(node) for node in NODES[:20]] + [_weakref.proxy(point) for point in POINTS[:20]]
NESTED = {}
inside = NESTED
for at in range(30):
    inside["next"] = {}
    inside = inside["next"]
CYCLE = []
CYCLE.append(CYCLE)
SPACES = [type(sys.implementation)(a=1, b=[2]) for _ in range(10)]
CONTEXT = _contextvars.ContextVar("CONTEXT", default=[1, 2, 3])
CONTEXT.set({"a": [1]})
COUNT = counter()
GENERATORS = [numbers() for _ in range(5)]
TASKS = [waiting() for _ in range(5)]
PARTIALS = [_functools.partial(square, at) for at in range(5)]
CHAINED = [itertools.chain([1], [2]) for _ in range(5)]
CLASSES = [type("Made%d" % at, (Node,), {"label": [at]}) for at in range(10)]
BELOW = Below(1)
for generator in GENERATORS:
    next(generator)
for task in TASKS:
    task.send(None)
for at in range(30):
    REMEMBERED(at)
    COUNT("key %d" % at)
try:
    {}["nothing"]
except KeyError as error:
    ERROR = error
LOCAL = _thread._local()
LOCAL.kept = [1, 2, 3]


def deep(depth, say):
    kept = [depth] * 10
    if depth:
        deep(depth - 1, say)
    elif say:
        print("ready", flush=True)
        time.sleep(600)
    else:
        time.sleep(600)
    return kept


_thread.stack_size(1 << 18)
_thread.start_new_thread(deep, (5, False))
time.sleep(0.05)
deep(15, True)
