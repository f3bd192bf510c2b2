"""Dicts, lists, tuples and instances with numbers and strings in them: argv is the number of objects, and `fresh` or
`shuffled`. Shuffled, what lies side by side in memory was not referred to one after the other, nor made so.
About 1.5 references an object: a third of them lead to values that many share.
"""
import gc
import itertools
import random
import sys

from serve import serve

SEED = 4
# In a row: 1 dict, 2 lists, 4 tuples, 1 instance, their 21 values, and the row itself.
CONTAINERS_A_ROW = 8
VALUES_A_ROW = 21
OBJECTS_A_ROW = 1 + CONTAINERS_A_ROW + VALUES_A_ROW


class Entry:
    def __init__(self, key, name, kind):
        self.key = key
        self.name = name
        self.kind = kind


def values(rows):
    """A number or a string, two to one."""
    return [
        f"value-{index}" if index % 3 == 0 else index + 1_000_000
        for index in range(rows * VALUES_A_ROW)
    ]


def containers(own, shared):
    return (
        {"key": own(), "name": own(), "kind": shared()},
        [own(), own(), own(), own(), shared(), shared(), shared(), shared()],
        [own(), own(), own(), shared(), shared(), shared(), shared()],
        (own(), own(), shared()),
        (own(), own(), shared()),
        (own(), own(), own(), shared()),
        (own(), own(), own(), shared()),
        Entry(own(), own(), shared()),
    )


def build(objects, order):
    rows = max(1, objects // OBJECTS_A_ROW)
    own = values(rows)
    chance = random.Random(SEED)
    if order == "shuffled":
        chance.shuffle(own)
    shared = itertools.cycle([f"shared-{index}" for index in range(997)]).__next__
    take = iter(own).__next__
    kept = [containers(take, shared) for _ in range(rows)]
    if order == "shuffled":
        loose = list(itertools.chain.from_iterable(kept))
        chance.shuffle(loose)
        kept = list(zip(*[iter(loose)] * CONTAINERS_A_ROW))
    return kept


gc.disable()
KEPT = build(int(sys.argv[1]), sys.argv[2])
gc.enable()
serve(KEPT)
