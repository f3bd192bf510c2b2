import mmap
import sys
import tempfile

from told import MIB, tell

# On a real disk: in a tmpfs it would be shared memory.
file = tempfile.TemporaryFile(dir=sys.argv[1])
file.write(b"x" * (40 * MIB))
file.flush()
mapped = mmap.mmap(file.fileno(), 40 * MIB, prot=mmap.PROT_READ)
sum(mapped[at] for at in range(0, 40 * MIB, 4096))
tell("file-mapped", 40 * MIB)
