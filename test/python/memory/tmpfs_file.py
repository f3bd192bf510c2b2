import mmap
import tempfile

from told import MIB, tell

file = tempfile.TemporaryFile(dir="/dev/shm")
file.write(b"x" * (40 * MIB))
file.flush()
mapped = mmap.mmap(file.fileno(), 40 * MIB)
sum(mapped[at] for at in range(0, 40 * MIB, 4096))
tell("shared-memory", 40 * MIB)
