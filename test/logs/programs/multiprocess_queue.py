# logs: {"modes": ["leak"], "itemBytes": 40000, "workers": 3}
import logging
import logging.handlers
import multiprocessing
import sys

from pace import is_new, payload, ticks


def work(queue, number):
    root = logging.getLogger()
    root.handlers[:] = [logging.handlers.QueueHandler(queue)]
    root.setLevel(logging.INFO)
    log = logging.getLogger("worker")
    @name@ = []
    for i in ticks():
        if number == 1 and is_new(i):
            @name@.append(payload(40000))
        if i % 6 == 0:
            log.info("@work:%d@", i)
            if number == 1:
                log.info("@kept:%d@", len(@name@))


if __name__ == "__main__":
    queue = multiprocessing.Queue()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(processName)s %(process)d] %(name)s - %(message)s"))
    listener = logging.handlers.QueueListener(queue, handler)
    listener.start()
    workers = [multiprocessing.Process(target=work, args=(queue, number), name=f"Worker-{number}") for number in (1, 2, 3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    listener.stop()
