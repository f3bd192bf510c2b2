"""Collections without pause, weak references and finalizers: what is garbage is freed once, what is not stays."""
import gc, itertools, threading, weakref
from checked import at_last, ballast, check, repeated, serve

# Counted in several threads at once, and in finalizers, where a lock could be waited for by its own holder.
freed, made = itertools.count(), itertools.count()


class Node:
    def __init__(self):
        self.me = self
        next(made)

    def __del__(self):
        next(freed)


@repeated
def collects():
    gc.collect()


@repeated
def makes_garbage():
    for _ in range(50):
        Node()


@repeated
def weak_references():
    node, called = Node(), threading.Event()
    reference = weakref.ref(node, lambda _: called.set())
    check(reference() is node, "a weak reference to a living object is empty")
    node.me = None
    del node
    check(called.wait(300), "the callback of a weak reference was never called")


turn = itertools.count()


@repeated
def ballast_stays():
    some = ballast[next(turn) % len(ballast)]
    check(some["text"] == str(some["number"]), "what was held is damaged: %r" % (some,))


@at_last
def all_freed():
    gc.collect()
    were_made, were_freed = next(made), next(freed)
    check(were_freed == were_made, "made %d, freed %d" % (were_made, were_freed))


serve()
