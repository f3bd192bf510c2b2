"""Builds a random heap from a seed, writes down what it is made of, as seen from inside, and stands still.

    random_heap.py SEED STEPS FILE [numpy]

Writes one line of JSON an object: {"id", "type", "of" (the type's id), "bytes" (sys.getsizeof), "refs" (ids)}.
`refs` is what gc.get_referents says, and what the object holds but its traversal leaves out, because it can be in no
cycle (names of functions, str keys of a dict).
"""
import array
import asyncio
import collections
import contextvars
import csv
import datetime
import decimal
import fractions
import functools
import gc
import io
import itertools
import json
import operator
import os
import queue
import random
import re
import struct
import sys
import threading
import time
import types
import warnings
import weakref
import xml.etree.ElementTree

gc.disable()
warnings.simplefilter("ignore")
seed, steps, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng = random.Random(seed)
numpy = None
if "numpy" in sys.argv[4:]:
    import numpy
try:
    import sqlite3
except ImportError:
    sqlite3 = None


class Plain:
    pass


class Several:
    """Its instances get some of the same attributes, in any order."""

    def method(self):
        return self


class Many:
    pass


class Slots:
    __slots__ = ("first", "second", "__weakref__")


class SlotsAndDict(Slots):
    pass


class OneMoreSlot(Slots):
    __slots__ = ("third",)


class OwnList(list):
    pass


class OwnDict(dict):
    pass


class OwnTuple(tuple):
    pass


class OwnInt(int):
    pass


class OwnStr(str):
    pass


class OwnSet(set):
    __slots__ = ("more",)


class OwnDeque(collections.deque):
    pass


class OwnOrdered(collections.OrderedDict):
    pass


class OwnError(Exception):
    pass


class OwnLocal(threading.local):
    pass


class Zone(datetime.tzinfo):
    def __init__(self, kept=None):
        self.kept = kept


class Meta(type):
    pass


Pair = collections.namedtuple("Pair", "first second")
NAMES = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
loop = asyncio.new_event_loop()
loop.set_exception_handler(lambda *_: None)
pool = []
extra_roots = []


def pick():
    """Something made before, or a small value."""
    if pool and rng.random() < 0.8:
        return rng.choice(pool)
    return small()


def small():
    return rng.choice([
        lambda: None,
        lambda: rng.randrange(-5, 300),
        lambda: rng.getrandbits(rng.randrange(1, 300)),
        lambda: rng.random(),
        lambda: complex(rng.random(), 1),
        lambda: "text %d" % rng.randrange(1000),
        lambda: "\u00e9" * rng.randrange(30),
        lambda: "\u20ac" * rng.randrange(30),
        lambda: "\U0001f600" * rng.randrange(30),
        lambda: bytes(rng.randrange(600)),
        lambda: True,
    ])()


def several(most=12):
    return [pick() for _ in range(rng.randrange(most))]


def hashable():
    for _ in range(3):
        one = pick()
        try:
            hash(one)
            return one
        except Exception:
            pass
    return rng.randrange(1000)


def some_names():
    return rng.sample(NAMES, rng.randrange(len(NAMES)))


def make_list():
    made = several(rng.choice([3, 12, 200]))
    for _ in range(rng.randrange(3)):
        made.append(pick())
    del made[: rng.randrange(3)]
    return made


def make_dict():
    made = rng.choice([dict, OwnDict])()
    for _ in range(rng.choice([1, 6, 12, 300])):
        made[rng.choice(NAMES) + str(rng.randrange(99)) if rng.random() < 0.9 else hashable()] = pick()
    for key in list(made)[: rng.randrange(4)]:
        del made[key]
    if isinstance(made, OwnDict):
        made.attribute = pick()
    return made


def make_named_dict():
    made = {name: pick() for name in some_names()}
    if rng.random() < 0.3:
        made.clear()
    return made


def make_general_dict():
    made = {hashable(): pick() for _ in range(rng.choice([2, 12, 300]))}
    return made.copy() if rng.random() < 0.3 else made


def make_set():
    made = rng.choice([set, frozenset, OwnSet])(hashable() for _ in range(rng.choice([1, 4, 8, 100])))
    if type(made) is OwnSet:
        made.more = pick()
    if not isinstance(made, frozenset):
        for one in list(made)[: rng.randrange(3)]:
            made.discard(one)
    return made


def make_deque():
    kind = rng.choice([collections.deque, OwnDeque])
    made = kind(several(rng.choice([3, 70, 300])), rng.choice([None, None, 5, 100]))
    made.rotate(rng.randrange(100))
    for _ in range(min(len(made), rng.randrange(70))):
        made.popleft()
    if kind is OwnDeque:
        made.attribute = pick()
    return made


def make_ordered():
    made = rng.choice([collections.OrderedDict, OwnOrdered])()
    for _ in range(rng.choice([0, 3, 40])):
        made[hashable() if rng.random() < 0.5 else rng.choice(NAMES)] = pick()
    for key in list(made)[: rng.randrange(3)]:
        made.move_to_end(key)
    if made and rng.random() < 0.5:
        made.popitem(last=rng.random() < 0.5)
    if rng.random() < 0.3:
        made.attribute = pick()
    return made


def make_grouped():
    made = rng.choice([collections.defaultdict, collections.Counter])(None, **{name: 1 for name in some_names()})
    made["more"] = pick()
    return made


def make_plain():
    made = Plain()
    for name in some_names():
        setattr(made, name, pick())
    return made


def make_several():
    made = Several()
    for name in NAMES[: rng.randrange(6)]:
        setattr(made, name, pick())
    how = rng.randrange(8)
    if how == 0:
        vars(made)["late"] = pick()
    elif how == 1:
        made.__dict__ = {"replaced": pick()}
    elif how == 2 and hasattr(made, "alpha"):
        del made.alpha
    elif how == 3:
        return [made, vars(made)]
    return made


def make_many():
    made = Many()
    for at in range(rng.choice([3, 40])):
        setattr(made, "field_%d" % at, pick())
    return made


def make_slots():
    made = rng.choice([Slots, SlotsAndDict, OneMoreSlot])()
    for name in ("first", "second", "third"):
        if rng.random() < 0.7 and (name != "third" or not type(made) is Slots):
            setattr(made, name, pick())
    return made


def make_own():
    made = rng.choice([
        lambda: OwnList(several()),
        lambda: OwnTuple(several()),
        lambda: OwnInt(rng.getrandbits(100)),
        lambda: OwnStr("own \u00e9"),
    ])()
    if rng.random() < 0.7:
        made.attribute = pick()
    return made


def make_closure():
    kept, late, other = pick(), pick(), pick()

    def closure(default=kept, *, named=other):
        return late, kept, named

    def recursive(depth):
        return recursive(depth - 1) if depth else late

    closure.attribute = pick()
    closure.__annotations__["default"] = other
    return rng.choice([closure, recursive, [closure, recursive]])


def generator(kept, values):
    first = [kept]
    try:
        for value in values:
            yield (first, value)
    except KeyError as error:
        yield error


def delegating(kept, values):
    mine = {"kept": kept}
    yield from generator(mine, values)


def make_generator():
    made = rng.choice([generator, delegating])(pick(), several(4) + [None])
    for _ in range(rng.randrange(3)):
        next(made, None)
    if made.gi_frame is not None and made.gi_frame.f_lasti > 0 and rng.random() < 0.3:
        try:
            made.throw(KeyError(pick()))
        except (KeyError, StopIteration):
            pass
    return rng.choice([made, (value for value in several(4))])


async def inner(kept, future):
    local = [kept]
    return local, await future


async def outer(kept, future):
    mine = (kept,)
    return await inner(mine, future), mine


async def asynchronous(kept):
    for one in [kept]:
        yield one, kept


def make_task():
    future = loop.create_future()
    coroutine = outer(pick(), future)
    how = rng.randrange(6)
    if how == 0:
        coroutine.send(None)
        return coroutine
    if how == 1:
        return asynchronous(pick())
    if how == 2:
        future.set_result(pick())
        return future
    if how == 3:
        future.add_done_callback(functools.partial(operator.add, pick()))
        future.add_done_callback([].append)
        return future
    task = loop.create_task(coroutine)
    loop.call_soon(loop.stop)
    loop.run_forever()
    task.add_done_callback(make_closure_once(pick()))
    return [task, task.get_coro()]


def make_closure_once(kept):
    return lambda *_: kept


def make_partial():
    return functools.partial(rng.choice([print, make_closure, make_list]), pick(), *several(3), **{name: pick() for name in some_names()[:2]})


def make_cache():
    @functools.lru_cache(maxsize=rng.choice([None, 4, 16]))
    def cached(one, two=None):
        return [one, two]

    for _ in range(rng.randrange(10)):
        cached(hashable())
        cached(rng.randrange(5), two=hashable())
    return cached


def make_local():
    made = rng.choice([threading.local, OwnLocal])()
    for name in some_names():
        setattr(made, name, pick())
    extra_roots.append(vars(made))
    return made


def make_context():
    variables = [contextvars.ContextVar("variable_%d" % at, default=pick()) for at in range(rng.choice([1, 3, 40]))]
    context = contextvars.copy_context()
    tokens = []
    for variable in variables:
        if rng.random() < 0.8:
            tokens.append(context.run(variable.set, pick()))
    return [variables, context, tokens[:3]]


def make_weak():
    target = rng.choice([make_plain, make_slots, make_closure_alone])()
    called = make_closure_once(pick())
    pool.append(target)
    return rng.choice([
        lambda: weakref.ref(target),
        lambda: weakref.ref(target, called),
        lambda: weakref.proxy(target, called),
        lambda: weakref.WeakValueDictionary({pick_name(): target}),
        lambda: weakref.WeakKeyDictionary({target: pick()}),
        lambda: weakref.WeakSet([target]),
        lambda: weakref.finalize(target, called, pick()),
    ])()


def make_closure_alone():
    return make_closure_once(pick())


def pick_name():
    return rng.choice(NAMES)


def failing(depth, payload):
    local = [depth, payload]
    if depth:
        failing(depth - 1, local)
    raise rng.choice([OwnError, ValueError, KeyError, OSError])("failed", payload)


def make_error():
    try:
        try:
            failing(rng.randrange(4), pick())
        except OwnError as error:
            error.attribute = pick()
            raise RuntimeError(pick()) from error
    except Exception as error:
        return error


def make_iterator():
    return rng.choice([
        lambda: iter(several()),
        lambda: iter({pick_name(): pick()}),
        lambda: iter({pick_name(): pick()}.items()),
        lambda: iter(tuple(several())),
        lambda: iter({hashable()}),
        lambda: iter(collections.deque(several())),
        lambda: enumerate(several()),
        lambda: zip(several(), several()),
        lambda: map(str, several()),
        lambda: filter(None, several()),
        lambda: reversed(several()),
        lambda: iter(pick, 5),
        lambda: {pick_name(): pick()}.values(),
        lambda: {pick_name(): pick()}.items(),
        lambda: iter(range(3)),
    ])()


def make_itertools():
    made = rng.choice([
        lambda: itertools.chain(several(), several()),
        lambda: itertools.cycle(several() + [None]),
        lambda: itertools.product(several() + [1], several() + [2], repeat=2),
        lambda: itertools.permutations(several() + [1]),
        lambda: itertools.combinations(several() + [1, 2], 2),
        lambda: itertools.islice(several(), 1, None),
        lambda: itertools.repeat(pick()),
        lambda: itertools.count(2**70),
        lambda: itertools.groupby(several(), key=id),
        lambda: itertools.accumulate([1, 2, 3], operator.add),
        lambda: itertools.starmap(max, [(1, 2), (3, 4)]),
        lambda: itertools.zip_longest(several(), several(), fillvalue=pick()),
        lambda: itertools.compress(several(), several()),
    ])()
    for _ in range(rng.randrange(3)):
        next(made, None)
    return made


def make_tee():
    first, second = itertools.tee(several(200) + [None])
    for _ in range(rng.randrange(120)):
        next(first, None)
    return [first, second]


def make_method():
    return rng.choice([
        lambda: Several().method,
        lambda: several().append,
        lambda: {}.get,
        lambda: "".join,
        lambda: operator.itemgetter(pick(), pick()),
        lambda: operator.attrgetter("a.b", "c"),
        lambda: operator.methodcaller("a", pick(), b=pick()),
        lambda: make_plain().__init__,
        lambda: functools.cmp_to_key(make_closure_alone()),
    ])()


def make_descriptor():
    return rng.choice([
        lambda: property(make_closure_alone(), None, make_closure_alone()),
        lambda: classmethod(make_closure_alone()),
        lambda: staticmethod(make_closure_alone()),
        lambda: types.MappingProxyType({pick_name(): pick()}),
        lambda: slice(pick(), pick(), pick()),
        lambda: types.SimpleNamespace(**{name: pick() for name in some_names()}),
        lambda: memoryview(bytearray(rng.randrange(1, 99))),
        lambda: memoryview(array.array("d", [1, 2])),
        lambda: super(SlotsAndDict, SlotsAndDict()),
        lambda: range(rng.getrandbits(70)),
        lambda: types.ModuleType("made"),
        lambda: types.CodeType and compile("a = [1, (2, 'three')]\ndef f(b=1): return lambda: b", "made", "exec"),
    ])()


def make_class():
    namespace = {"kept": pick(), "method": make_closure_alone()}
    if rng.random() < 0.4:
        namespace["__slots__"] = ("one", "two")
    made = rng.choice([type, Meta])("Made", rng.choice([(), (Several,), (list,)]) if "__slots__" not in namespace else (), namespace)
    return [made, made()]


def make_tuple_like():
    return rng.choice([
        lambda: tuple(several(rng.choice([3, 50]))),
        lambda: Pair(pick(), pick()),
        lambda: time.localtime(rng.randrange(10**9)),
        lambda: os.stat("/"),
        lambda: fractions.Fraction(rng.getrandbits(70), 7),
        lambda: decimal.Decimal("1.5") ** rng.randrange(5),
        lambda: datetime.datetime(2026, 1, 1, tzinfo=Zone(pick())),
        lambda: datetime.timedelta(rng.randrange(100)),
        lambda: datetime.timezone(datetime.timedelta(hours=1), "name \u20ac"),
        lambda: datetime.time(1, 2, tzinfo=Zone(pick())),
    ])()


def make_buffer():
    return rng.choice([
        lambda: bytearray(rng.randrange(500)),
        lambda: array.array("d", range(rng.randrange(50))),
        lambda: io.BytesIO(b"x" * rng.randrange(500)),
        lambda: io.StringIO("text"),
        lambda: io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"text"))),
        lambda: re.compile("(?P<a>b)*%d" % rng.randrange(10**6)),
        lambda: re.compile("(a)b").match("ab"),
        lambda: struct.Struct("<dQ"),
    ])()


def make_library():
    made = rng.choice([
        lambda: csv.reader([",".join("abc")]),
        lambda: json.JSONDecoder(object_hook=make_closure_alone()),
        lambda: json.JSONEncoder(default=make_closure_alone()),
        lambda: queue.Queue(),
        lambda: sqlite3 and sqlite3.connect(":memory:"),
        lambda: random.Random(1),
        lambda: threading.Thread(target=make_closure_alone(), args=tuple(several(3))),
    ])()
    if isinstance(made, queue.Queue):
        for one in several():
            made.put(one)
    return made


def make_simple_queue():
    made = queue.SimpleQueue()
    for one in several(30):
        made.put(one)
    for _ in range(min(made.qsize(), rng.randrange(12))):
        made.get()
    return made


def make_element():
    made = xml.etree.ElementTree.Element("tag", {name: "value" for name in some_names()})
    made.text = "text"
    for at in range(rng.choice([0, 2, 9])):
        child = xml.etree.ElementTree.SubElement(made, "child %d" % at)
        child.tail = "tail"
    return made


def make_array():
    if numpy is None:
        return make_list()
    row = numpy.empty(rng.randrange(1, 20), dtype=object)
    for at in range(len(row)):
        row[at] = pick()
    return rng.choice([
        lambda: row,
        lambda: row[::2],
        lambda: numpy.asfortranarray(numpy.array([[None] * 3] * 4, dtype=object)),
        lambda: numpy.array(rng.random()),
        lambda: numpy.array(Plain(), dtype=object),
        lambda: numpy.arange(rng.randrange(200)).reshape(-1, 1).T,
        lambda: numpy.zeros(3, dtype=[("a", "i4"), ("b", "f8")]),
        lambda: numpy.float64(1.5),
        lambda: numpy.ma.array([1, 2], mask=[0, 1]),
    ])()


MAKERS = [make for name, make in sorted(globals().items()) if name.startswith("make_") and name != "make_closure_once"]


def tie():
    """Makes cycles."""
    one = rng.choice(pool)
    if type(one) is list:
        one.append(pick())
    elif type(one) is dict:
        one[rng.choice(NAMES)] = pick()
    elif type(one) in (Plain, Several):
        one.tied = pick()
    elif type(one) is collections.deque:
        one.append(pick())


MODULE_DICT = globals()
there_before = gc.get_objects()
before = set(map(id, there_before)) | {id(there_before)}
for step in range(steps):
    pool.append(rng.choice(MAKERS)())
    if rng.random() < 0.4:
        tie()
gc.collect()

# From here on nothing that was made changes.
from collections import Counter  # noqa: E402


def left_out(one, refs):
    """What the object holds, and its traversal does not visit."""
    kind = type(one)
    if isinstance(one, dict):
        entries = Counter(map(id, dict.values(one)))
        keys = Counter(map(id, dict.keys(one)))
        rest = Counter(refs) - entries
        twice = keys + keys if isinstance(one, collections.OrderedDict) else keys
        return list((twice - rest).elements())
    if kind in (types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType):
        code = getattr(one, "gi_code", None) or getattr(one, "cr_code", None) or one.ag_code
        return list((Counter([id(one.__name__), id(one.__qualname__), id(code)]) - Counter(refs)).elements())
    return []


def held_by_array(one):
    """numpy arrays are not tracked: of an array of objects the elements, of a view the array that it is a view of."""
    owns = one.flags.owndata and one.dtype == object
    return [id(one.dtype)] + ([] if one.base is None else [id(one.base)]) + (list(map(id, one.ravel("K").tolist())) if owns else [])


# Twice: asking can change what is there (the first time an instance is asked for an attribute that it has not).
for out in open(os.devnull, "w"), open(path, "w"):
    seen = set()
    waiting = pool + extra_roots
    while waiting:
        each = waiting.pop()
        if id(each) in seen or id(each) in before or each is waiting or each is seen or each is pool:
            continue
        if isinstance(each, (types.ModuleType, types.FrameType)) and (each is sys._getframe() or each.__class__ is types.ModuleType and each.__name__ != "made"):
            continue
        seen.add(id(each))
        referents = gc.get_referents(each)
        refs = list(map(id, referents))
        refs += left_out(each, refs)
        if numpy is not None and isinstance(each, numpy.ndarray):
            refs += held_by_array(each)
        try:
            size = sys.getsizeof(each)
        except Exception:
            size = -1
        out.write(json.dumps({"id": id(each), "type": type(each).__module__ + "." + type(each).__qualname__, "of": id(type(each)), "bytes": size, "refs": refs}) + "\n")
        waiting.extend(referents)
        each = referents = None
    out.close()
print("ready", flush=True)
sys.stdin.read()
