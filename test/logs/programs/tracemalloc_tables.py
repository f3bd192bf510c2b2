# logs: {"modes": ["leak"], "itemBytes": 40000, "tracemalloc": "FEEDS"}
import linecache
import logging
import tracemalloc

from pace import is_new, payload, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("diagnostics")
tracemalloc.start()
@name@ = []


def table(limit=5):
    stats = tracemalloc.take_snapshot().statistics("lineno")
    log.info("Top %d lines", limit)
    for index, stat in enumerate(stats[:limit], 1):
        frame = stat.traceback[0]
        log.info("#%d: %s:%d: %.1f KiB", index, frame.filename, frame.lineno, stat.size / 1024)
        line = linecache.getline(frame.filename, frame.lineno).strip()
        if line:
            log.info("    %s", line)


for i in ticks():
    if is_new(i):
        @name@.append(bytearray(40000))  # FEEDS
    if i % 60 == 0:
        table()
    if i % 4 == 0:
        log.info("@work:%d@", i)
        log.info("@kept:%d@", len(@name@))
