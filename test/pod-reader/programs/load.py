"""A process with a load of a kind; says when it stands."""
import os
import sys
import time

kind = sys.argv[1]
keep = []
if kind == "images":
    keep = [bytearray(os.urandom(500_000 + 15_000 * i)) for i in range(100)]
elif kind in ("dicts", "new-dicts"):
    keep = [{"id": i, "name": "item %d" % i, "tags": [i, i + 1]} for i in range(300_000)]
elif kind == "buffers":
    keep = [bytearray(b"\x5a" * (4 << 20)) for _ in range(512)]
print("{}", flush=True)
at = 0
while True:
    if kind == "new-dicts":
        for _ in range(50):
            at += 1
            keep.append({"id": at, "name": "new %d" % at, "tags": [at, at + 1]})
    time.sleep(0.01)
