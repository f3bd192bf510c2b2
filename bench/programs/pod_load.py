"""
A process with a load, for bench/pod-pause.ts: keeps it, adds a little to it, and says when it stood still. Its own clock tells: a
thread wants to run each millisecond, and what keeps it for longer than two is printed, as the moment of its end and its length.
"""
import os
import sys
import threading
import time

KIND = sys.argv[1]
LEAST_SECONDS = 0.002


class Store:
    def __init__(self):
        self.kept = []

    def fill(self):
        if KIND == 'images':
            self.kept += [bytearray(os.urandom(500_000 + 15_000 * at)) for at in range(100)]
        elif KIND == 'buffers':
            self.kept += [bytearray(b'\x5a' * (4 << 20)) for _ in range(512)]
        else:
            self.kept += [self.row(at) for at in range(300_000)]

    def row(self, at):
        return {'id': at, 'name': 'item %d' % at, 'tags': [at, at + 1]}

    def add(self):
        """Called a hundred times a second."""
        if KIND == 'new-dicts':
            self.kept += [self.row(len(self.kept)) for _ in range(50)]
        elif KIND == 'dicts':
            self.kept.append(self.row(len(self.kept)))
        elif time.monotonic() % 1 < 0.01:
            self.kept.append(bytearray(os.urandom(1 << 20)))


def watch():
    last = time.monotonic()
    while True:
        time.sleep(0.001)
        now = time.monotonic()
        if now - last > LEAST_SECONDS:
            print('stood', '%.4f' % time.time(), '%.2f' % (1000 * (now - last)), flush=True)
        last = now


store = Store()
store.fill()
threading.Thread(target=watch, daemon=True).start()
print('ready', flush=True)
while True:
    store.add()
    time.sleep(0.01)
