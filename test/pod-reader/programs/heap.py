"""A heap of small objects, and what a reader must leave alone. Says where objects are; then it idles, or works on."""
import ctypes
import json
import mmap
import os
import signal
import sys
import threading
import time

mode, count = sys.argv[1], int(sys.argv[2])


def report(**words):
    print(json.dumps(words), flush=True)


keep = [{"id": i, "name": "item %d" % i, "pair": (i, str(i))} for i in range(count)]
# Shared and private memory that nobody has touched: whoever reads it brings it into being.
shared = mmap.mmap(-1, 64 << 20)
untouched = bytearray(64 << 20)
big = [bytearray(b"\x5a" * 700_000) for _ in range(8)]
MARKS = 64
marks = mmap.mmap(-1, MARKS * 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
marks_at = ctypes.addressof(ctypes.c_char.from_buffer(marks))
for page in range(MARKS):
    marks[page * 4096 + 8] = 1


more = []


def work():
    """New objects all the time, and old ones go."""
    at = 0
    while True:
        keep[at % count] = {"id": at, "name": "new %d" % at, "list": list(range(at % 50))}
        if at < 30_000:
            more.append({"id": at, "name": "more %d" % at})
        at += 1
        if not at % 10:
            time.sleep(0.002)


def count_up():
    """A number on one page after the other: at one moment no two of them differ by more than one."""
    number = 0
    while True:
        number += 1
        word = number.to_bytes(8, "little")
        for page in range(MARKS):
            marks[page * 4096:page * 4096 + 8] = word


# Python runs its handler once for several signals; the byte that its C handler writes is one for each.
heard = 0
woken, wake = os.pipe()
for end in (woken, wake):
    os.set_blocking(end, False)
signal.signal(signal.SIGRTMIN, lambda *_: None)
signal.set_wakeup_fd(wake)
objects = [id(entry) for entry in keep[::97]] + [id(entry["pair"]) for entry in keep[::101]]
if mode == "busy":
    for job in (work, work, work):
        threading.Thread(target=job, daemon=True).start()
if mode == "counting":
    threading.Thread(target=count_up, daemon=True).start()
    for _ in range(8):
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()

report(marks=marks_at, objects=objects)
ticks = 0
while True:
    time.sleep(0.01)
    ticks += 1
    try:
        heard += len(os.read(woken, 1000))
    except BlockingIOError:
        pass
    if mode != "idle":
        report(ticks=ticks, heard=heard)
