import mmap

from told import MIB, tell

shared = mmap.mmap(-1, 40 * MIB)
shared.write(b"x" * (40 * MIB))
tell("shared-memory", 40 * MIB)
