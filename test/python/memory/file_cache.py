import os
import sys
import tempfile

from told import MIB, tell

# The kernel charges groups up to 512 KiB ahead, and takes them back as it likes: that must not matter.
images = [os.urandom(MIB) for _ in range(40)]
file = tempfile.TemporaryFile(dir=sys.argv[1])
for _ in range(60):
    file.write(os.urandom(MIB))
file.flush()
file.seek(0)
while file.read(MIB):
    pass
tell("page-cache", 60 * MIB)
