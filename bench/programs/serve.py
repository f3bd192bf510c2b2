"""Keeps a program's objects alive and does what it is told on its input, one word a line; answers in JSON.

Ends when its input ends, so that nothing outlives the bench.
"""
import json
import os
import sys
import threading
import time

PAGE_BYTES = 4096


class Ticker:
    """Sleeps for a millisecond again and again: the longest it was kept from running is the pause that others feel."""

    only = None

    def __init__(self):
        self.longest = 0.0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        last = time.perf_counter()
        while True:
            time.sleep(0.001)
            work()
            now = time.perf_counter()
            self.longest = max(self.longest, now - last)
            last = now

    def take(self):
        longest, self.longest = self.longest, 0.0
        return longest


def work():
    """A little, as in a program that is alive: debuggers wait for it to allocate, or to call Python from C."""
    sorted([bytearray(1000)], key=len)
    sorted([1, 2], key=lambda each: -each)


def guppy3():
    from guppy import hpy

    heap = hpy().heap()
    text = str(heap)
    return {"objects": heap.count, "bytes": heap.size, "shown": len(text)}


def pympler():
    from pympler import muppy, summary

    objects = muppy.get_objects()
    rows = summary.summarize(objects)
    return {"objects": len(objects), "bytes": sum(row[2] for row in rows)}


def timed(work):
    began = time.perf_counter()
    answer = work()
    return {"seconds": time.perf_counter() - began, **answer}


def fork():
    """The child serves on, as a copy of the program that may be spoilt; the parent waits for its end."""
    child = os.fork()
    if child == 0:
        own_pages()
        say({"pid": os.getpid()})
        return
    os.waitpid(child, 0)
    say({"ended": child})


def own_pages():
    """Writes to every page, so that none is copied only when a tool is being timed."""
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "r+b", buffering=0) as memory:
        for line in maps.readlines():
            where, rights = line.split()[:2]
            if rights != "rw-p":
                continue
            start, end = (int(part, 16) for part in where.split("-"))
            for page in range(start, end, PAGE_BYTES):
                byte = os.pread(memory.fileno(), 1, page)
                os.pwrite(memory.fileno(), byte, page)


def tick():
    Ticker.only = Ticker()
    time.sleep(0.05)
    Ticker.only.take()
    return {}


def stalled():
    time.sleep(0.05)
    return {"seconds": Ticker.only.take()}


COMMANDS = {
    "tick": tick,
    "stalled": stalled,
    "guppy3": lambda: timed(guppy3),
    "pympler": lambda: timed(pympler),
}


def serve(kept):
    """Says that the program stands, and serves until its input ends."""
    say({"ready": True, "kept": len(kept)})
    for line in sys.stdin:
        command = line.strip()
        if command == "fork":
            fork()
        elif command == "exit":
            os._exit(0)
        else:
            say(COMMANDS[command]())


def say(answer):
    print(json.dumps(answer), flush=True)
