import os

from told import MIB, tell

images = [os.urandom(MIB) for _ in range(48)]
tell("python-objects", 48 * MIB)
