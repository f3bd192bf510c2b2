"""Holds known objects in known ways, and writes what it knows of them to argv[1]. No string of it that says SECRET may
be found in anything that whyoom writes."""
import collections
import functools
import gc
import json
import os
import sys
import threading
import time

SECRET = "sec" + "ret " + str(int("4711"))  # put together at run time: no constant of the code


class User:
    def __init__(self, number):
        self.name = f"{SECRET} user {number}"
        self.tags = [number, {"tag": f"{SECRET} tag"}]


class Slotted:
    __slots__ = ("first", "second")

    def __init__(self, number):
        self.first = Leaf(number)
        self.second = None


class Leaf:
    def __init__(self, number):
        self.number = number


class Marker:
    pass


def generate():
    inside = [Leaf("generator")]
    yield SECRET + " yielded"
    yield inside


generator = generate()


class Store(dict):
    pass


class SlottedStore(dict):
    __slots__ = ("label",)


class Registry:
    everyone = {}

    def __init__(self):
        self.slotted = [Slotted(number) for number in range(300)]


CACHE = {f"{SECRET} key {number}": {"user": User(number)} for number in range(1000)}
QUEUE = collections.deque([Marker() for _ in range(70)])
BYTES = {SECRET.encode() + b"%d" % number: bytearray(SECRET.encode() * 100) for number in range(50)}
REGISTRY = Registry()
REGISTRY.everyone["marker"] = Marker()


@functools.lru_cache(maxsize=None)
def cached(number):
    return (SECRET * 10 + str(number), Leaf(number))


def make_closure():
    hidden = [Leaf("closure")]
    return lambda: hidden


def default(argument=[Leaf("default")]):
    return argument


def work(standing):
    local_list = [Leaf("thread"), SECRET + " local"]
    known["thread"] = id(local_list[0])
    standing.set()
    threading.Event().wait()
    return local_list


for number in range(20):
    cached(number)
STORE = Store(item=1)
STORE.label = Marker()
SLOTTED_STORE = SlottedStore(item=1)
SLOTTED_STORE.label = Marker()
KEYED = {Marker(): SECRET, (Marker(), SECRET): 1}
closure = make_closure()
next(generator)
cycle = [Marker()]
cycle.append(cycle)
known = {
    "user": id(CACHE[f"{SECRET} key 7"]["user"]),
    "slotted": id(REGISTRY.slotted[3].first),
    "marker": id(QUEUE[30]),
    "class": id(Registry.everyone["marker"]),
    "cached": id(cached(7)[1]),
    "closure": id(closure()[0]),
    "default": id(default()[0]),
    "cycle": id(cycle[0]),
    "dict subclass": id(STORE.label),
    "dict subclass with slots": id(SLOTTED_STORE.label),
    "key": id(next(iter(KEYED))),
    "in a key": id(list(KEYED)[1][0]),
}
for inside in gc.get_referents(generator) + ([generator.gi_frame.f_locals["inside"]]):
    if isinstance(inside, list):
        known["generator"] = id(inside[0])
    elif isinstance(inside, Leaf):
        known["generator"] = id(inside)
del inside
standing = threading.Event()
threading.Thread(target=work, args=(standing,), daemon=True).start()
standing.wait()
time.sleep(0.2)
gc.collect()
gc.disable()
counts = collections.Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())
text = json.dumps({"known": known, "counts": counts, "secret": SECRET})
with open(sys.argv[1] + "~", "w") as said:
    said.write(text)
os.rename(sys.argv[1] + "~", sys.argv[1])
while True:
    time.sleep(1)
