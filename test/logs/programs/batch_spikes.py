# logs: {"modes": ["none"], "itemBytes": 4000}
import logging

from pace import payload, pick, ticks

logging.basicConfig(level=logging.INFO, format="%(created).3f %(levelname)s %(message)s")
log = logging.getLogger("etl")
total = 0
for i in ticks(items=200):
    size = 400 + pick(100) if i % 50 == 49 else 10 + pick(20)
    batch = [payload(4000) for _ in range(size)]
    total += len(batch)
    log.info("batch of %d records, id 7%05d", len(batch), i * 13)
    log.info("@work:%d@", total)
    del batch
