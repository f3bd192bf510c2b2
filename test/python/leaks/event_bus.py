# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.Bus.listeners['saved']","kind":"instance-attribute","feed":"FEED"}],"patchable":false}
"""Whoever saves listens for the next save, and never stops listening: partials with their arguments in a bus."""
import functools
import json
import sys
import time

FIELDS = [f"field {number}" for number in range(20_000)]


def refresh(document, event):
    return len(document) + len(event)


class Bus:
    def __init__(self):
        self.listeners = {"saved": [], "deleted": []}

    def listen(self, event, callback):
        self.listeners[event].append(callback)  # FEED

    def newest(self, event):
        return self.listeners[event][-1](event)


BUS = Bus()


def step(number):
    document = [(number, FIELDS[(number + at) % 20_000]) for at in range(150)]
    BUS.listen("saved", functools.partial(refresh, document))
    return BUS.newest("saved")


def kept():
    return len(BUS.listeners["saved"])


def check():
    for number in range(300):
        assert step(number) == 155
    assert kept() == 300


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
