# logs: {"modes": ["leak", "none"], "itemBytes": 40000}
import os
import signal
import threading

from celery import Celery
from celery.utils.log import get_task_logger

from pace import MODE, is_new, payload, ticks

app = Celery("tasks", broker="memory://", backend="cache+memory://")
app.conf.broker_transport_options = {"polling_interval": 0.02}
log = get_task_logger(__name__)
@name@ = {}
done = 0


@app.task(name="resize")
def resize(i):
    global done
    done += 1
    if is_new(i) and MODE == "leak":
        @name@[i] = payload(40000)
    if done % 4 == 0:
        log.info("@work:%d@", done)
        if MODE == "leak":
            log.info("@kept:%d@", len(@name@))
    return i % 5


def feed():
    for i in ticks(seconds=1.5):
        resize.delay(i)
    threading.Event().wait(0.3)
    os.kill(os.getpid(), signal.SIGTERM)


threading.Timer(1.0, feed).start()
app.worker_main(["worker", "--pool", "solo", "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--without-heartbeat"])
