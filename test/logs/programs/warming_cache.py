# logs: {"modes": ["bounded"], "itemBytes": 40000}
import functools
import logging

from pace import is_new, payload, pick, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
log = logging.getLogger()


@functools.lru_cache(maxsize=60)
def render(key):
    return payload(40000)


for i in ticks():
    render(pick(500))
    if i % 4 == 0:
        log.info("@work:%d@", i)
        log.info("@kept:%d@", render.cache_info().currsize)
