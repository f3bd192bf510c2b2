# logs: {"modes": ["leak"], "itemBytes": 50000}
import logging
import sys

from pace import is_new, payload, ticks

logging.basicConfig(
    level=logging.DEBUG,
    stream=sys.stdout,
    style="{",
    format="{asctime}.{msecs:03.0f} | {levelname:<8} | {name}:{funcName}:{lineno} - {message}",
    datefmt="%Y-%m-%dT%H:%M:%S",
)
log = logging.getLogger("pipeline")


class Registry:
    @name@ = []

    def put(self, size):
        self.@name@.append(bytearray(payload(size)))


registry = Registry()
for i in ticks():
    if is_new(i):
        registry.put(50000)
    log.debug("step {} of plan {}".format(i, "abc"[i % 3]))
    if i % 5 == 0:
        log.info("@work:{}@".format(i))
        log.info("@kept:{}@".format(len(registry.@name@)))
