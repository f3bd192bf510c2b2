# expect: {"verdict":"leak","causes":["unbounded-collection"],"holders":[{"name":"{module}.Worker.receipts","kind":"instance-attribute","feed":"FEED"}],"patchable":true}
"""Jobs go to a thread through a queue. The worker that has the receipts is a local variable of that thread."""
import json
import queue
import sys
import threading
import time

JOBS = queue.Queue()
ANSWERS = queue.Queue()
TARIFF = [number % 50 for number in range(40_000)]


class Worker:
    def __init__(self):
        self.receipts = []
        self.turnover = 0

    def settle(self, number):
        positions = [(number + at, TARIFF[(number + at) % 40_000]) for at in range(250)]
        amount = sum(price for _, price in positions)
        self.receipts.append({"job": number, "positions": positions})  # FEED
        self.turnover += amount
        return amount


def work():
    worker = Worker()
    while True:
        job = JOBS.get()
        if job is None:
            ANSWERS.put(len(worker.receipts))
        else:
            ANSWERS.put(worker.settle(job))


def heartbeat():
    beats = 0
    while True:
        beats += 1
        time.sleep(0.5)


def step(number):
    JOBS.put(number)
    return ANSWERS.get()


def kept():
    JOBS.put(None)
    return ANSWERS.get()


def check():
    for number in range(300):
        assert step(number) == sum((number + at) % 50 for at in range(250))


def memory_kb(field):
    """VmRSS (memory now) or VmHWM (memory at most) of this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def measure(operations):
    """Works as fast as it goes, and says how much higher memory rose in the second half."""
    for number in range(operations // 2):
        step(number)
    half_kb = memory_kb("VmHWM")
    for number in range(operations // 2, operations):
        step(number)
    end_kb = memory_kb("VmHWM")
    print(json.dumps({"operations": operations, "rss_kb": end_kb, "grown_kb": end_kb - half_kb, "items": kept()}))


def serve():
    """Works at a steady pace until its time or its memory is used up."""
    ends_at = time.monotonic() + 180
    number = 0
    while time.monotonic() < ends_at and (number % 50 or memory_kb("VmRSS") < 400_000):
        step(number)
        number += 1
        if number == 100:
            print("READY", flush=True)
        if number >= 100:
            time.sleep(0.02)


def main():
    threading.Thread(target=work, name="settling", daemon=True).start()
    threading.Thread(target=heartbeat, name="heartbeat", daemon=True).start()
    mode = sys.argv[1] if len(sys.argv) > 1 else "serve"
    if mode == "--check":
        check()
        print("CHECK OK")
    elif mode == "--operations":
        measure(int(sys.argv[2]))
    else:
        serve()


if __name__ == "__main__":
    main()
