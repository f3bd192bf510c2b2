"""Shared by the programs: when the next item of work comes, and whether it brings something new. SEED, ITEMS and SECONDS from outside."""
import os
import random
import threading
import time

ITEMS = int(os.environ.get("ITEMS", "360"))
SECONDS = float(os.environ.get("SECONDS", "2"))
MODE = os.environ.get("MODE", "leak")
chance = random.Random(int(os.environ.get("SEED", "1")))
lock = threading.Lock()


def ticks(items=None, seconds=None):
    """Numbers from 1 on, at a rate that changes: quick, slow, quick."""
    items, seconds = items or ITEMS, seconds or SECONDS
    speeds = [1.0 + 0.8 * ((i * 5 // items) % 2) for i in range(items)]
    pause = seconds / sum(speeds)
    for i, speed in enumerate(speeds, 1):
        time.sleep(pause * speed)
        yield i


def is_new(i, items=None):
    """Few are new, then most, then half: what is kept does not go along with what is done."""
    share = (0.25, 0.9, 0.45)[min(2, 3 * i // (items or ITEMS))]
    with lock:
        return chance.random() < share


def payload(size):
    """Bytes that take memory: zeros may take none."""
    return b"x" * size


def pick(most):
    with lock:
        return chance.randrange(most)
