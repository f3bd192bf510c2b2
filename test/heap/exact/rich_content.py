"""Makes objects of every kind that the heap reader knows, stands still, and says what it holds.

Writes to the file named in argv[1], one line each:
    known KIND ID SIZE LENGTH    a known object: its address, sys.getsizeof and len (-1: it has none)
    tracked ID COUNT NAME        a type: its address, how many of gc.get_objects() are of it, its full name
All that happens at module level, with containers made beforehand: so the frame that counts is there both when it counts
and when it is looked at, and nothing is made in between that the collector tracks and that lives on.
"""
import array
import asyncio
import collections
import contextvars
import dataclasses
import enum
import functools
import gc
import os
import sys
import threading
import time
import types
import typing
import weakref

out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT, 0o600)
known = []


def know(kind, *objects):
    for each in objects:
        known.append((kind, each))
    return objects[0]


# Instances in every layout.
class Plain:
    def __init__(self, number):
        self.number = number
        self.name = f"plain {number}"
        self.others = [number]


class Many:
    """More attributes than a shared-key table takes on."""

    def __init__(self, number):
        for at in range(40):
            setattr(self, f"field_{at}", (number, at))


class Slots:
    __slots__ = ("left", "right", "__weakref__")

    def __init__(self, left, right=None):
        self.left = left
        if right is not None:
            self.right = right


class SlotsAndDict(Slots):
    def __init__(self, left):
        super().__init__(left, [left])
        self.extra = {"left": left}


class Bare:
    __slots__ = ()


class OwnList(list):
    pass


class OwnDict(dict):
    pass


class OwnTuple(tuple):
    pass


class OwnSlottedTuple(tuple):
    __slots__ = ()


class OwnStr(str):
    pass


class OwnInt(int):
    pass


class OwnBytes(bytes):
    pass


class OwnSet(set):
    pass


class OwnDeque(collections.deque):
    pass


class OwnDefaultDict(collections.defaultdict):
    pass


class OwnError(ValueError):
    def __init__(self, message, payload):
        super().__init__(message)
        self.payload = payload


class Meta(type):
    registry = []

    def __new__(mcs, name, bases, namespace):
        made = super().__new__(mcs, name, bases, namespace)
        mcs.registry.append(made)
        return made


class WithMeta(metaclass=Meta):
    shared = {"of": ["the", "class"]}

    @property
    def half(self):
        return 0.5

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def nothing():
        return None


@dataclasses.dataclass
class Point:
    x: int
    y: int
    tags: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: int


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"
    BOTH = (1, "green")


class Flags(enum.IntFlag):
    A = 1
    B = 2


Pair = collections.namedtuple("Pair", "first second")


class Typed(typing.NamedTuple):
    name: str
    values: list


class Generic(typing.Generic[typing.TypeVar("T")]):
    pass


class Shifting:
    """Its instances get their attributes in another order, and lose some: no shared keys are left."""


def instances():
    made = {
        "plain": [Plain(number) for number in range(300)],
        "many": [Many(number) for number in range(20)],
        "slots": [Slots(number, [number]) for number in range(100)] + [Slots(number) for number in range(10)],
        "slots and dict": [SlotsAndDict(number) for number in range(50)],
        "bare": [Bare() for _ in range(10)],
        "points": [Point(number, -number, ["tag"]) for number in range(50)],
        "frozen": [Frozen(number) for number in range(50)],
        "pairs": [Pair(number, [number]) for number in range(50)],
        "typed": [Typed(f"typed {number}", [number]) for number in range(50)],
        "generic": [Generic() for _ in range(5)],
        "with meta": [WithMeta.make() for _ in range(5)],
        "spaces": [types.SimpleNamespace(number=number, more=[]) for number in range(20)],
    }
    # Their dictionaries asked for, some of them replaced.
    for one in made["plain"][:100]:
        one.__dict__["late"] = []
    for one in made["plain"][100:120]:
        one.__dict__ = {"replaced": [one.number]}
    for one in made["plain"][120:140]:
        del one.name
    made["vars"] = [vars(one) for one in made["plain"][140:150]]
    shifting = [Shifting() for _ in range(30)]
    for at, one in enumerate(shifting):
        for name in ("a", "b", "c", "d")[at % 3 :]:
            setattr(one, name, [name])
        if at % 4 == 0:
            del one.d
    made["shifting"] = shifting
    made["own"] = [
        OwnList([1, [2]]), OwnDict(a=[1]), OwnTuple((1, [2])), OwnSlottedTuple(([3],)), OwnStr("own"), OwnInt(2**70),
        OwnBytes(b"own"), OwnSet({1, 2}), OwnDeque([[1], [2]]), OwnDefaultDict(list, a=[1]),
    ]
    for one in made["own"]:
        if not isinstance(one, OwnSlottedTuple):
            one.attribute = [type(one).__name__]
    return made


def plain_values():
    texts = ["", "a", "ascii text" * 20, "caf\u00e9" * 30, "\u20ac" * 40, "\U0001f600" * 50]
    texts += [f"number {number}" for number in range(500)]
    encoded = "\u20ac with its UTF-8 kept" * 3
    hash(encoded), encoded.encode(), sys.intern(encoded)
    know("str", *texts, encoded)
    know("bytes", b"", b"x", *[bytes(number) for number in range(0, 5000, 97)])
    know("int", 0, 1, -1, 255, 2**30 - 1, 2**30, -(2**30), 2**60, 2**64, -(2**200), 10**100)
    know("float", 0.5, float("inf"), *[number / 7 for number in range(100)])
    know("complex", 1j, 3 + 4j)
    arrays = [bytearray(), bytearray(b"abc"), bytearray(10_000)]
    arrays[2].extend(b"x" * 5000)
    know("bytearray", *arrays)
    know("array.array", array.array("d", range(100)), array.array("b"), array.array("q", [1] * 33), array.array("u", "ab"))
    return texts


def containers():
    lists = [[], [1], list(range(1000)), [[number] for number in range(100)], [None] * 50]
    for number in range(77):
        lists[0].append(number)
    lists[2].clear()
    know("list", *lists)
    know("tuple", (), (1,), tuple(range(50)), tuple([number] for number in range(20)))
    dicts = [{}, {"a": 1}, {number: [number] for number in range(1000)}, {f"key {number}": number for number in range(70_000)}]
    dicts += [{(number, "key"): {} for number in range(5)}, dict.fromkeys("abcdef"), {"a": 1, 2: 3}]
    for number in range(0, 1000, 2):
        del dicts[2][number]
    emptied = {number: number for number in range(100)}
    emptied.clear()
    know("dict", *dicts, emptied)
    if sys.version_info >= (3, 15):
        know("frozendict", frozendict(), frozendict(a=[1]), frozendict((number, [number]) for number in range(100)))
    sets = [set(), {1}, set(range(8)), set(range(1000)), {(number,) for number in range(100)}]
    for number in range(500):
        sets[3].discard(number)
    know("set", *sets)
    know("frozenset", frozenset(), frozenset(range(100)), frozenset({("a",)}))
    deques = [collections.deque(), collections.deque([[number] for number in range(200)]), collections.deque(range(5), 3)]
    deques[1].rotate(17)
    for _ in range(70):
        deques[1].popleft()
    know("collections.deque", *deques)
    ordered = collections.OrderedDict((number, [number]) for number in range(100))
    ordered.move_to_end(3)
    del ordered[5]
    know("collections.OrderedDict", ordered)
    grouped = collections.defaultdict(list)
    for number in range(100):
        grouped[number % 7].append([number])
    know("collections.defaultdict", grouped)
    counter = know("collections.Counter", collections.Counter("abracadabra"))
    chain = collections.ChainMap({"a": []}, dict(b=[]))
    return lists, dicts, emptied, sets, deques, ordered, grouped, counter, chain


def make_closure(start):
    seen = [start]
    later = None

    def closure(value=[], *, named={"default": []}):
        seen.append(value)
        return later, seen

    def recursive(depth):
        return recursive(depth - 1) if depth else seen

    later = recursive
    return closure


@functools.lru_cache(maxsize=None)
def cached(number):
    return [number]


@functools.lru_cache(maxsize=16)
def bounded(number, other=None):
    return (number, [other])


@functools.wraps(cached)
def wrapped(number):
    return cached(number)


@functools.lru_cache(maxsize=8)
def only_cached(number):
    return b"nobody else holds this" * number


class Cached:
    @functools.cached_property
    def value(self):
        return [1, 2, 3]

    @functools.lru_cache(maxsize=4)
    def method(self, number):
        return [number]


def generator(limit):
    kept = []
    for number in range(limit):
        kept.append([number])
        yield (lambda: kept), number


def delegating(limit):
    mine = {"kept": []}
    yield from generator(limit)
    return mine


async def asynchronous(limit):
    local = [limit]
    for number in range(limit):
        yield number, local


def functions():
    started = generator(10)
    for _ in range(5):
        next(started)
    inner = delegating(10)
    next(inner)
    done = generator(1)
    list(done)
    for number in range(50):
        cached(number), bounded(number, other=number)
    has = Cached()
    has.value, has.method(1)
    partial = functools.partial(make_closure, [1, 2], **{"unused": {}})
    running = asynchronous(3)
    return {
        "closures": [make_closure(number) for number in range(20)],
        "generators": [started, inner, done, generator(3)],
        "comprehension": (number for number in [[1], [2]]),
        "asynchronous": running,
        "partial": partial,
        "bound": [has.method, [].append, {}.get, "".join, Plain(1).__init__],
        "iterators": [iter([1]), iter({1: 2}), iter({1: 2}.items()), iter((1,)), iter({1}), enumerate([1]), zip([1], [2]),
                      map(str, [1]), filter(None, [1]), reversed([1]), iter(range(3)), iter(collections.deque([1]))],
        "views": [{1: 2}.keys(), {1: 2}.values(), {1: 2}.items(), memoryview(bytearray(10)), slice([1], [2], None), range(2**70)],
        "descriptors": [property(lambda self: 1), classmethod(cached), staticmethod(wrapped), super(SlotsAndDict, SlotsAndDict(1))],
        "has": has,
    }


def parsed_xml():
    """Elements whose texts came in several pieces, some of them joined by having been asked for."""
    try:
        from xml.etree import ElementTree
    except ImportError:
        return None
    texts = "".join(f"<a>line {at}\nline two &amp; three</a>tail {at}\nof two lines" for at in range(100))
    tree = ElementTree.fromstring(f"<all>{texts}</all>")
    return tree, [(each.text, each.tail) for each in tree[:50]]


def failing(depth, payload):
    local = [depth, payload]
    if depth:
        failing(depth - 1, local)
    raise OwnError("failed", payload)


def errors():
    kept = []
    for number in range(10):
        try:
            failing(number, {"number": number})
        except OwnError as error:
            kept.append(error)
    try:
        try:
            {}["missing"]
        except KeyError as cause:
            raise RuntimeError("with a cause") from cause
    except RuntimeError as error:
        kept.append(error)
    try:
        compile("(", "nowhere", "exec")
    except SyntaxError as error:
        kept.append(error)
    try:
        open("/no/such/file")
    except OSError as error:
        kept.append(error)
    return kept


def weak(things):
    called = []
    return [
        weakref.ref(things["plain"][0]), weakref.ref(things["plain"][1], called.append), weakref.proxy(things["plain"][2]),
        weakref.WeakValueDictionary({number: one for number, one in enumerate(things["plain"][:20])}),
        weakref.WeakKeyDictionary({one: [one.number] for one in things["plain"][20:40] if hasattr(one, "number")}),
        weakref.WeakSet(things["slots"][:10]), weakref.finalize(things["slots"][0], called.append, 1),
    ]


local = threading.local()
local.main = {"of": ["the main thread"]}
context = contextvars.ContextVar("context", default=[])
context.set({"set": ["by the main thread"]})
go_on = threading.Event()
standing = []


def worker(number):
    mine = {"number": number, "kept": [[number] for _ in range(10)]}
    local.of_thread = [number]

    def deeper(depth, carried):
        here = [depth, carried]
        if depth:
            return deeper(depth - 1, here)
        standing.append(number)
        go_on.wait()
        return here

    return deeper(5, mine)


async def waiting(event, number):
    local_list = [number]
    async with asyncio.Lock():
        await event.wait()
    return local_list


async def start(loop):
    event = asyncio.Event()
    tasks = [loop.create_task(waiting(event, number)) for number in range(10)]
    future = loop.create_future()
    future.add_done_callback(tasks.append)
    await asyncio.sleep(0.01)
    return event, tasks, future


things = instances()
texts = plain_values()
held = containers()
made = functions()
parsed = parsed_xml()
failures = errors()
weakly = weak(things)
loop = asyncio.new_event_loop()
suspended = loop.run_until_complete(start(loop))
cycle = []
cycle.append(cycle)
untracked_later = [tuple(range(number)) for number in range(20)] + [{"a": number} for number in range(20)]
modules = [types.ModuleType(f"made_{number}") for number in range(5)]
code = compile("a = [1]\ndef f(b=(1, 2)):\n    c = a\n    return lambda: c\n", "made", "exec")
exec(code, vars(modules[0]))
threads = [threading.Thread(target=worker, args=(number,), daemon=True) for number in range(6)]
for thread in threads:
    thread.start()
while len(standing) < len(threads):
    time.sleep(0.01)
time.sleep(0.2)
for plain in things["plain"]:
    known.append(("instance", plain))
for slotted in things["slots"]:
    known.append(("slots", slotted))
for number in range(2, 12):
    only_cached(number)
for number in range(4, 12):
    each = only_cached(number)
    os.write(out, b"known bytes %d %d %d\n" % (id(each), sys.getsizeof(each), len(each)))
for kind, each in known:
    length = len(each) if hasattr(each, "__len__") else -1
    os.write(out, b"known %s %d %d %d\n" % (kind.encode(), id(each), sys.getsizeof(each), length))

counts = {Plain: 0}  # a class, not a C type: only then does the collector track the dict already
one_type = each = name = None
gc.collect()
gc.disable()
objects = gc.get_objects()
# Not in a loop with a name: from 3.15 on, reading a name that stands for a lazy import does the import.
collections._count_elements(counts, map(type, objects))
objects = None
for one_type in counts:
    name = f"{one_type.__module__}.{one_type.__qualname__}".encode()
    os.write(out, b"tracked %d %d %s\n" % (id(one_type), counts[one_type], name))
one_type = name = None
os.close(out)
os.write(1, b"READY\n")
while True:
    time.sleep(1)
