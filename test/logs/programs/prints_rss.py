# logs: {"modes": ["leak", "none"], "itemBytes": 60000, "printsMemory": true}
import logging

import psutil

from pace import MODE, is_new, payload, ticks

logging.basicConfig(level=logging.INFO, format="[%(asctime)s] [%(levelname)s] %(message)s")
log = logging.getLogger()
process = psutil.Process()
@name@ = []
for i in ticks():
    if is_new(i) and MODE == "leak":
        @name@.append(payload(60000))
    if i % 4 == 0:
        log.info("@work:%d@", i)
        if MODE == "leak":
            log.info("@kept:%d@", len(@name@))
        log.info("RSS: %.2f MB", process.memory_info().rss / 1024 / 1024)
