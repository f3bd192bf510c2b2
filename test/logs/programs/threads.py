# logs: {"modes": ["leak", "bounded"], "itemBytes": 30000, "writers": 4}
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from pace import ITEMS, MODE, is_new, payload, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(threadName)s] %(levelname)s %(name)s %(message)s")
log = logging.getLogger("pool")
lock = threading.Lock()
@name@ = {}
done = 0


def job(i):
    global done
    with lock:
        done += 1
        if is_new(i):
            @name@[i] = payload(30000)
            if MODE == "bounded" and len(@name@) > 24:
                @name@.pop(next(iter(@name@)))
        count, size = done, len(@name@)
        if count % 4 == 0:
            log.info("@work:%d@", count)
            log.info("@kept:%d@", size)
    log.info("job %d ended with code %d", i, i % 2)


with ThreadPoolExecutor(4, thread_name_prefix="pool") as pool:
    for i in ticks():
        pool.submit(job, i)
