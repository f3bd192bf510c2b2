# logs: {"modes": ["leak", "none"], "itemBytes": 240000}
import logging

import numpy
import pandas

from pace import MODE, is_new, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger("batch")
@name@ = []
rows = 0
for i in ticks(items=120, seconds=1.5):
    frame = pandas.DataFrame(numpy.random.rand(3000, 10), columns=list("abcdefghij"))
    rows += len(frame)
    log.info("batch %d: %d rows, mean %.4f", i, len(frame), frame["a"].mean())
    if is_new(i, 120) and MODE == "leak":
        @name@.append(frame)
    log.info("@work:%d@", rows)
    if MODE == "leak":
        log.info("@kept:%d@", len(@name@))
