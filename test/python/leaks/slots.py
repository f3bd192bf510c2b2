# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.Tracker.samples","kind":"instance-attribute","feed":"FEED"}],"patchable":true}
"""A latency tracker without a __dict__: its list of samples sits in a slot."""
import json
import sys
import time


class Tracker:
    __slots__ = ("service", "samples", "slowest")

    def __init__(self, service):
        self.service = service
        self.samples = []
        self.slowest = 0.0

    def observe(self, latencies):
        self.samples.append(latencies)  # FEED
        self.slowest = max(self.slowest, max(latencies))
        return self.slowest


TRACKER = Tracker("checkout")
ROUTES = {f"/route/{number}": [number] * 5 for number in range(20_000)}


def latencies_of(number):
    return [((number * 31 + at * 17) % 997) / 1000 for at in range(800)]


def step(number):
    return TRACKER.observe(latencies_of(number))


def kept():
    return len(TRACKER.samples)


def check():
    slowest = 0.0
    for number in range(300):
        slowest = max(slowest, max(latencies_of(number)))
        assert step(number) == slowest
        assert TRACKER.samples[-1][0] == (number * 31) % 997 / 1000


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
