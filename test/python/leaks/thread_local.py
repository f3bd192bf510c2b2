# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.NOTEBOOK.pages","kind":"thread-local","feed":"FEED"}],"patchable":false}
"""Two threads that live as long as the program write down what they did, each in a list of its own."""
import json
import queue
import sys
import threading
import time

NOTEBOOK = threading.local()
ERRANDS = queue.Queue()
DONE = queue.Queue()
STREETS = [f"street {number}" for number in range(20_000)]


def run_errand(number):
    try:
        NOTEBOOK.pages
    except AttributeError:
        NOTEBOOK.pages = []
    stops = [(number + at, STREETS[(number + at) % 20_000]) for at in range(150)]
    NOTEBOOK.pages.append(stops)  # FEED
    return len(stops), len(NOTEBOOK.pages)


def walk():
    while True:
        DONE.put(run_errand(ERRANDS.get()))


def step(number):
    ERRANDS.put(number)
    return DONE.get()[0]


def kept():
    ERRANDS.put(0)
    return DONE.get()[1]


def check():
    for number in range(300):
        assert step(number) == 150
    assert kept() > 0


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
    for number in range(2):
        threading.Thread(target=walk, name=f"walker {number}", daemon=True).start()
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
