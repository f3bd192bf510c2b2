# logs: {"modes": ["leak"], "itemBytes": 40000, "collector": {"wasDisabled": true}}
import gc
import logging

from pace import is_new, payload, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-8s %(message)s")
log = logging.getLogger("tree")


class Node:
    alive = 0

    def __init__(self):
        self.self = self
        self.body = payload(40000)
        Node.alive += 1

    def __del__(self):
        Node.alive -= 1


gc.disable()
log.info("gc.isenabled(): %s", gc.isenabled())
for i in ticks():
    if is_new(i):
        Node()
    if i % 4 == 0:
        log.info("@work:%d@", i)
        log.info("@kept:%d@", Node.alive)
    if i % 90 == 0:
        log.info("gc.get_count() = %s", gc.get_count())
