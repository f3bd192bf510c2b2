import numpy

from told import tell

SIDE = 1000
frames = [numpy.ones((SIDE, SIDE)) for _ in range(6)] + [numpy.ones(3000) for _ in range(400)]
tell("python-objects", 6 * SIDE * SIDE * 8 + 400 * 3000 * 8)
