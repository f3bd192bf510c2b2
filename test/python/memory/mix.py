import mmap
import os
import threading

from told import MIB, filled, tell

rows = [{"id": number, "name": f"row {number}"} for number in range(60_000)]
images = [os.urandom(MIB) for _ in range(8)]
floats = [number + 0.25 for number in range(600_000)]
kept = floats[::8]
floats = None
blocks = filled(2000, 4000)
shared = mmap.mmap(-1, 6 * MIB)
shared.write(b"x" * (6 * MIB))
threads = [threading.Thread(target=threading.Event().wait, daemon=True) for _ in range(20)]
for thread in threads:
    thread.start()
# A dict with its keys' table, a text, a number; the list; the images; what is left of the floats.
tell("python-objects", 60_000 * (64 + 168 + 64 + 32 + 8) + 8 * MIB + 75_000 * 40)
