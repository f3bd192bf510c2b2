# logs: {"modes": ["leak", "sawtooth", "none"], "itemBytes": 30000}
import logging

from pace import MODE, is_new, payload, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("app.worker")
@name@ = []
done = 0

for i in ticks():
    if is_new(i) and MODE != "none":
        @name@.append(payload(30000))
    if MODE == "sawtooth" and len(@name@) > 40:
        log.info("writing out %d of them", len(@name@))
        @name@.clear()
    done += 1
    log.info("request %08x from 10.0.%d.%d", i * 2654435761 % 2**32, i % 4, i % 250)
    if i % 3 == 0:
        log.info("@work:%d@", done)
        if MODE != "none":
            log.info("@kept:%d@", len(@name@))
