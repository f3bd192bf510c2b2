# logs: {"modes": ["leak", "none"], "itemBytes": 40000}
from loguru import logger

from pace import MODE, is_new, payload, ticks

@name@ = set()


def remember(i):
    if MODE == "leak":
        @name@.add(payload(40000) + str(i).encode())


for i in ticks():
    if is_new(i):
        remember(i)
    logger.debug("tick {tick} at node-{node}", tick=i, node=i % 3)
    if i % 4 == 0:
        logger.info("@work:{}@", i)
        if MODE == "leak":
            logger.info("@kept:{}@", len(@name@))
