"""Collections without pause, weak references and finalizers: what is garbage is freed once, what is not stays."""
import gc, threading, weakref
from checked import at_last, ballast, check, repeated, serve

freed, made = [0], [0]


class Node:
    def __init__(self):
        self.me = self

    def __del__(self):
        freed[0] += 1


@repeated
def collects():
    gc.collect()


@repeated
def makes_garbage():
    for _ in range(50):
        Node()
    made[0] += 50


@repeated
def weak_references():
    node, called = Node(), threading.Event()
    reference = weakref.ref(node, lambda _: called.set())
    check(reference() is node, "a weak reference to a living object is empty")
    node.me = None
    del node
    made[0] += 1
    check(called.wait(300), "the callback of a weak reference was never called")


@repeated
def ballast_stays():
    some = ballast[made[0] % len(ballast)]
    check(some["text"] == str(some["number"]), "what was held is damaged: %r" % (some,))


@at_last
def all_freed():
    gc.collect()
    check(freed[0] == made[0], "made %d, freed %d" % (made[0], freed[0]))


serve()
